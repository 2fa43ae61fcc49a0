import { isObject, type JsonObject } from './json.ts';

/**
 * A vendor may leave a field out of every row without a word, with status 200, because the key's owner may not see it (Bob:
 * "People read API contract"). From one row it cannot be told from a field that is empty; from all of them it can be guessed.
 */

/** The fields that were asked for and that no row has; null if there is no row to tell by. */
export function absentFields(
  fields: readonly string[],
  rows: readonly JsonObject[],
): readonly string[] | null {
  if (rows.length === 0) return null;
  return fields.filter((field) => !rows.some((row) => has(row, field)));
}

/** Absent from what came before and from what comes now; null is "nothing came". */
export function stillAbsent(
  before: readonly string[] | null,
  now: readonly string[] | null,
): readonly string[] | null {
  if (before === null || now === null) return before ?? now;
  return before.filter((field) => now.includes(field));
}

/**
 * A category of which fields came the last time, and now none: permissions are given by category, so this one has been taken
 * away. A single field may well be empty for everybody.
 *
 * @param absent so far in this run, of those asked for; null if nothing came
 * @param known absent from the last whole run that was asked for the same
 */
export function withdrawnCategory(
  fields: readonly string[],
  absent: readonly string[] | null,
  known: readonly string[] | null,
): string | null {
  if (absent === null || known === null) return null;
  const categories = [...new Set(fields.map(categoryOf))];
  const isAway = (category: string, from: readonly string[]): boolean =>
    fields.every((field) => categoryOf(field) !== category || from.includes(field));
  return categories.find((category) => isAway(category, absent) && !isAway(category, known)) ?? null;
}

/** `work` of `work.title`, and `position` of `/position/reason`. */
function categoryOf(field: string): string {
  return field.split(/[./]/).find((part) => part !== '') ?? field;
}

/** Under its keys one below the other, or under the one key `/work/title`. */
function has(row: JsonObject, field: string): boolean {
  const keys = field.split('.');
  if (Object.hasOwn(row, `/${keys.join('/')}`)) return true;
  let found: unknown = row;
  for (const key of keys) {
    if (!isObject(found) || !Object.hasOwn(found, key)) {
      // `root.id` may come as `id`: what is at the root has no level of its own.
      return keys[0] === 'root' && keys.length === 2 && Object.hasOwn(row, keys[1] ?? '');
    }
    found = found[key];
  }
  return true;
}
