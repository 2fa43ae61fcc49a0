import { parseJson } from './json.ts';

export type Lines =
  /** In their order, with null in the place of a line that is no JSON. */
  | { readonly kind: 'lines'; readonly values: readonly unknown[] }
  /** The last line is no JSON: what was behind it, if anything, has not come. */
  | { readonly kind: 'cut off' }
  /** No line is JSON. @property error of the first one */
  | { readonly kind: 'no lines'; readonly error: unknown };

/** NDJSON: one JSON value a line, with blank lines between them or none. A body without a line is a list without an entry. */
export function parseLines(body: string): Lines {
  const values: unknown[] = [];
  let good = 0;
  let isCutOff = false;
  let first: unknown;
  for (let from = 0; from < body.length;) {
    const end = body.indexOf('\n', from);
    const line = body.slice(from, end === -1 ? undefined : end);
    from = end === -1 ? body.length : end + 1;
    if (line.trim() === '') continue;
    try {
      values.push(parseJson(line));
      good += 1;
      isCutOff = false;
    } catch (error) {
      values.push(null);
      first ??= error;
      isCutOff = true;
    }
  }
  if (good === 0 && isCutOff) return { kind: 'no lines', error: first };
  return isCutOff ? { kind: 'cut off' } : { kind: 'lines', values };
}
