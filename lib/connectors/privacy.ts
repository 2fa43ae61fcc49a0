import { createHmac } from 'node:crypto';

import type { JsonPath } from './connector.ts';
import { changeField } from './field-names.ts';
import { isObject, jsonText, sorted, type JsonObject } from './json.ts';

/** What of a row is not to be kept, by the user's word: in every form in which a field may come, see field-names.ts. */
export interface Privacy {
  /** Taken out of the row. */
  readonly omit: readonly string[];
  /** Replaced by a keyed hash: the same value has the same hash, so it can still be counted and joined. */
  readonly mask: readonly string[];
  /** Of the hash; needed where something is masked. */
  readonly maskKey: string | null;
}

export const nothingRedacted: Privacy = { omit: [], mask: [], maskKey: null };

/** A row without what is to be omitted, and with what is to be masked behind its hash. */
export function redacted(row: JsonObject, { omit, mask, maskKey }: Privacy): JsonObject {
  const left = omit.reduce<JsonObject>((found, field) => changeField(found, field, () => undefined), row);
  if (mask.length === 0) return left;
  if (maskKey === null) throw new Error('There is no key to mask with');
  return mask.reduce<JsonObject>(
    (found, field) => changeField(found, field, (value) => masked(value, maskKey)),
    left,
  );
}

/** A row without what changes by itself; the same row if there is nothing of it. */
export function withoutPaths(row: JsonObject, paths: readonly JsonPath[]): JsonObject {
  return paths.reduce<JsonObject>((found, path) => changeAt(found, path, () => undefined) as JsonObject, row);
}

/** HMAC-SHA-256 over the value's JSON, 22 characters of base64url: 128 bits of it. */
function masked(value: unknown, key: string): unknown {
  // That there is nothing is no secret, and every nothing would have the same hash.
  if (value === null) return null;
  return `masked:${createHmac('sha256', key)
    .update(jsonText(sorted(value)))
    .digest('base64url')
    .slice(0, 22)}`;
}

/** @param to what takes the value's place; undefined takes the key out */
function changeAt(value: unknown, path: JsonPath, to: (value: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return to(value);
  if (Array.isArray(value)) return value.map((entry) => changeAt(entry, path, to));
  if (!isObject(value) || !Object.hasOwn(value, key)) return value;
  const changed = changeAt(value[key], rest, to);
  const entries = Object.entries(value);
  return Object.fromEntries(
    changed === undefined
      ? entries.filter(([name]) => name !== key)
      : entries.map(([name, inner]) => [name, name === key ? changed : inner]),
  );
}
