import { categoryOf, hasField } from './field-names.ts';
import type { JsonObject } from './json.ts';

/**
 * A vendor may leave a field out of every row without a word, with status 200, because the key's owner may not see it (Bob:
 * "People read API contract"). In one row it looks like a field that is empty; from all of them it can be guessed.
 */

/** The fields that were requested and that no row has; null if there is no row. */
export function absentFields(
  fields: readonly string[],
  rows: readonly JsonObject[],
): readonly string[] | null {
  if (rows.length === 0) return null;
  return fields.filter((field) => !rows.some((row) => hasField(row, field)));
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
 * The categories of which fields came the last time, and now none: permissions are given by category, so these have been taken
 * away. A single field may well be empty in every row.
 *
 * @param absent so far in this run, of those requested; null if nothing came
 * @param known absent from the last whole run that requested the same
 */
export function withdrawnCategories(
  fields: readonly string[],
  absent: readonly string[] | null,
  known: readonly string[] | null,
): readonly string[] {
  if (absent === null || known === null) return [];
  const isAway = (category: string, from: readonly string[]): boolean =>
    fields.every((field) => categoryOf(field) !== category || from.includes(field));
  return categoriesOf(fields).filter((category) => isAway(category, absent) && !isAway(category, known));
}

/** Each once, in the order of the fields. */
export function categoriesOf(fields: readonly string[]): readonly string[] {
  return [...new Set(fields.map(categoryOf))];
}
