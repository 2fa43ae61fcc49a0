import { parseJson } from '../../../lib/connectors/json.ts';
import type { Tried } from '../../../lib/operations/try-stream.ts';
import { rowsOf } from '../../../lib/operations/try-warnings.ts';
import { fieldsOf, type FieldSeen } from './shape.ts';

/** What of a vendor's answers is otherwise than in a recording of them, a sentence each; of rows and pages, not of values. Pure. */
export function differencesOf(then: Tried, now: Tried): readonly string[] {
  const [before, after] = [fieldsIn(then), fieldsIn(now)];
  if (before.size === 0 || after.size === 0) {
    const [which, other] =
      before.size === 0 ? ['the recording', 'now'] : ['what came now', 'in the recording'];
    return before.size === after.size ? [] : [`There are no rows in ${which}, and there are some ${other}.`];
  }
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return [
    ...names.flatMap((name) => differenceOf(name, before.get(name), after.get(name))),
    ...totalGone(then, now),
  ];
}

function differenceOf(
  name: string,
  then: FieldSeen | undefined,
  now: FieldSeen | undefined,
): readonly string[] {
  if (now === undefined) return [`${name} is gone: it came ${String(then?.times ?? 0)} times.`];
  const types = typesIn(now);
  if (then === undefined) return [`${name} is new${types === '' ? '' : ` (${types})`}.`];
  const before = typesIn(then);
  // What is null everywhere has no type to compare.
  if (before === '' || types === '' || before === types) return [];
  return [`${name} was ${before} and is ${types}.`];
}

function typesIn({ types }: FieldSeen): string {
  return [...types]
    .filter((type) => type !== 'null')
    .sort()
    .join(' or ');
}

function totalGone(then: Tried, now: Tried): readonly string[] {
  const hasTotal = ({ pages }: Tried): boolean =>
    pages.some(({ reading }) => reading.kind === 'page' && reading.page.total !== null);
  return hasTotal(then) && !hasTotal(now) ? ['The answer says no total any more.'] : [];
}

function fieldsIn({ pages }: Tried): ReadonlyMap<string, FieldSeen> {
  return fieldsOf(pages.flatMap(rowsOf).map(({ json }) => parseJson(json)));
}
