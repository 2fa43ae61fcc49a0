import type { JsonPath } from './connector.ts';

/**
 * JSON in which every digit survives: Bob's ids are beyond 2^53 and amounts may be written 1.10. A number that a double
 * would write differently is kept as its text, by JSON.rawJSON; everything else is as `JSON.parse` has it.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A number as it was written. */
interface RawJson {
  readonly rawJSON: string;
}

declare global {
  // In Node since 22, and not in TypeScript's own declarations.
  interface JSON {
    rawJSON(text: string): RawJson;
    isRawJSON(value: unknown): value is RawJson;
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

/** Levels of objects and lists: what JSON is parsed, sorted and written with goes down a level a call, and ends at about 2,000. */
export const deepestJson = 1000;

/** The text may be good JSON, and is nested deeper than `deepestJson`. */
export class NestedTooDeeplyError extends Error {}

/** @throws {SyntaxError} whose message quotes the text. @throws {NestedTooDeeplyError} */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new NestedTooDeeplyError();
  return JSON.parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? JSON.rawJSON(source)
      : value,
  );
}

/** Without a call for each level. What it says of a text that is no JSON does not matter. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') at = endOfString(text, at);
    else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    if (depth > deepestJson) return true;
  }
  return false;
}

/** @param from where it begins. @returns where its closing quote is, or the end of the text */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; ;) {
    const end = text.indexOf('"', at);
    if (end === -1) return text.length;
    let escapes = 0;
    while (text[end - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return end;
    at = end + 1;
  }
}

export function jsonText(value: unknown): string {
  return JSON.stringify(value);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** Follows a path; undefined where it leads nowhere. */
export function at(value: unknown, path: JsonPath): unknown {
  let found = value;
  for (const key of path) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** A string, or the digits of a number as they were written; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return JSON.isRawJSON(value) ? value.rawJSON : null;
}

/** A whole number that is safe to count with; null for anything else. */
export function countOf(value: unknown): number | null {
  const number = typeof value === 'string' ? NaN : Number(textOf(value) ?? NaN);
  return Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** With the keys of all objects in their order: it means nothing in JSON, and some vendors shuffle them. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // From entries, not by assignment: a key named __proto__ must stay a key.
  return Object.fromEntries(pairs.map(([key, inner]) => [key, sorted(inner)]));
}
