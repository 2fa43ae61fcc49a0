import type { Connector, Items, StreamDefinition } from './connector.ts';

/** What contradicts itself in how rows are found and told apart: a sentence each, with what to do. Pure. */
export function rowFlaws({ name, streams }: Connector): readonly string[] {
  return Object.entries(streams).flatMap(([stream, definition]) => {
    const place = `The connector ${name}, stream ${stream}`;
    return [...flawsOfHash(definition, streams, place), ...flawsOfLines(definition, place)];
  });
}

function flawsOfHash(
  { id, batches, parents, paging }: StreamDefinition,
  streams: Connector['streams'],
  place: string,
): readonly string[] {
  const flaws: string[] = [];
  const parent = parents !== undefined && 'stream' in parents ? parents.stream : null;
  if (parent !== null && streams[parent]?.id === 'hash') {
    flaws.push(
      `${place}, parents.stream: the id of ${parent} is a hash, which the vendor does not know: name an id of ${parent}.`,
    );
  }
  if (id !== 'hash') return flaws;
  if (batches !== undefined) {
    flaws.push(`${place}, batches: rows are requested by their ids, and a hash is none: name an id.`);
  }
  if ('total' in paging) {
    flaws.push(
      `${place}, paging.total counts equal rows each, and with the id a hash they are one: leave total out, or name an id.`,
    );
  }
  return flaws;
}

/** That nothing stands beside a list that is the whole answer is true of any, see infra/connectors/cross-checks.ts. */
function flawsOfLines({ items }: StreamDefinition, place: string): readonly string[] {
  if (items.lines !== true) return [];
  const nowhere = (field: string): string =>
    `${place}, ${field}: an answer of lines (items.lines) holds nothing but its entries: leave it out.`;
  const flaws: string[] = [];
  if (items.path.length > 0) {
    flaws.push(`${place}, items.path: with items.lines each line is an entry of the list itself: give [].`);
  }
  const without: readonly (keyof Items)[] = ['or', 'keyed'];
  flaws.push(...without.filter((key) => items[key] !== undefined).map((key) => nowhere(`items.${key}`)));
  return flaws;
}
