import type { Connector, StreamDefinition } from './connector.ts';

/** What cannot be requested conditionally, though the definition says so: a sentence each, with what to do. Pure. */
export function conditionalFlaws({ name, streams }: Connector): readonly string[] {
  return Object.entries(streams).flatMap(([stream, definition]) => {
    if (definition.conditional !== true) return [];
    return whyNot(definition).map(
      (why) => `The connector ${name}, stream ${stream}, conditional: ${why}; leave conditional out.`,
    );
  });
}

function whyNot(definition: StreamDefinition): readonly string[] {
  const { method, paging, path, query } = definition;
  const parts = (['windows', 'parents', 'batches', 'changes'] as const).filter(
    (key) => definition[key] !== undefined,
  );
  return [
    ...(method === 'GET' ? [] : ['a POST has no answer that stays the same']),
    ...(paging.kind === 'none'
      ? []
      : ['the list comes in several answers (paging), each with a state of its own']),
    ...parts.map((key) => `a run in parts (${key}) requests several lists`),
    ...(JSON.stringify([path, query]).includes('{today')
      ? ['with {today} another list is requested each day']
      : []),
  ];
}
