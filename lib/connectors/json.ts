import { isLosslessNumber, parse, stringify } from 'lossless-json';

import type { JsonPath } from './connector.ts';

/**
 * JSON in which every digit survives: Bob's ids are beyond 2^53 and amounts may be written 1.10. Numbers are
 * `LosslessNumber`s; everything else is as `JSON.parse` has it.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export { parse as parseJson };

export function jsonText(value: unknown): string {
  return stringify(value) ?? 'null';
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
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
  return isLosslessNumber(value) ? value.toString() : null;
}

/** A whole number that is safe to count with; null for anything else. */
export function countOf(value: unknown): number | null {
  const number = isLosslessNumber(value) ? Number(value.toString()) : NaN;
  return Number.isSafeInteger(number) && number >= 0 ? number : null;
}
