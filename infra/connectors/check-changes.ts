import type { Changes, StreamDefinition } from '../../lib/connectors/connector.ts';
import { placeholdersIn } from '../../lib/connectors/template.ts';

/** Field and rule of a fault. */
type Found = readonly [string, string];

/** What a definition says of its changes, held against the rest of it: a field and a rule for each fault. */
export function checkChanges(definition: StreamDefinition): readonly Found[] {
  const { changes } = definition;
  if (changes === undefined) return [];
  return [
    ...checkCompany(definition),
    ...checkSince(definition, changes),
    ...checkOrder(definition, changes),
    ...checkFigures(changes),
  ];
}

function checkCompany({ windows, parents, batches, fields, paging }: StreamDefinition): readonly Found[] {
  const others = { windows, parents, batches, fields };
  const faults = Object.entries(others).flatMap(([name, other]): readonly Found[] =>
    other === undefined ? [] : [['changes', `must be left out, or ${name} must: they do not go together`]],
  );
  if (paging.kind !== 'file') return faults;
  return [...faults, ['changes', 'must be left out with paging "file": a file is written whole']];
}

function checkSince(
  { method, params = {} }: StreamDefinition,
  { by, query, body }: Changes,
): readonly Found[] {
  const faults: Found[] = [];
  const used = placeholdersIn([query, body]);
  if (by === 'filter' && !used.includes('since')) {
    faults.push(['changes.query', 'must hold {since}, or changes.body must: else nothing is filtered']);
  }
  const unknown = used.find((name) => name !== 'since' && name !== 'today' && !Object.hasOwn(params, name));
  if (unknown !== undefined) {
    const field = placeholdersIn(query).includes(unknown) ? 'changes.query' : 'changes.body';
    faults.push([field, `holds {${unknown}}, which nothing fills in; it can hold {since}`]);
  }
  if (method === 'GET' && body !== undefined) {
    faults.push([
      'changes.body',
      'must be left out of a GET; use method "POST", or put it into changes.query',
    ]);
  }
  return faults;
}

function checkOrder({ paging }: StreamDefinition, { by, historyDays }: Changes): readonly Found[] {
  if (by !== 'newest first') return [];
  const faults: Found[] = [];
  if (paging.kind === 'none') {
    faults.push(['changes', 'must be left out, for one answer cannot end early; or paging must have pages']);
  }
  if ('order' in paging) {
    const rule = 'must be left out with changes "newest first": another order would end the walk too early';
    faults.push(['paging.order', rule]);
  }
  if (historyDays !== undefined) {
    faults.push(['changes.historyDays', 'must be left out, or changes.by must be "filter"']);
  }
  return faults;
}

function checkFigures({ format, zone, overlapSeconds = 0, historyDays }: Changes): readonly Found[] {
  const faults: Found[] = [];
  if (zone !== undefined && format !== 'instant') {
    faults.push(['changes.zone', `must be left out: the format "${format}" has no zone`]);
  }
  if (historyDays !== undefined && overlapSeconds >= historyDays * 86_400) {
    const rule = `must be less than the history, ${historyDays * 86_400} seconds`;
    faults.push(['changes.overlapSeconds', rule]);
  }
  return faults;
}
