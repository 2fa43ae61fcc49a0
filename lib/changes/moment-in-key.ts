/** A moment as the names of objects have it: `20261130T094205123Z`, which sorts as time does. */

/** @param at epoch milliseconds */
export function momentInKey(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:.]/g, '');
}

/** Of a regular expression, with one group. */
export const momentPattern = String.raw`(\d{8}T\d{9}Z)`;

/** @returns epoch milliseconds */
export function parseMoment(text: string): number {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, '$1-$2-$3T$4:$5:$6.$7Z');
  return Date.parse(iso);
}
