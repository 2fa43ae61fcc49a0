import { createHash } from 'node:crypto';
import { LosslessNumber, parse, stringify } from 'lossless-json';

import { idParts, type StreamDefinition, type TimeFormat } from '../../../lib/connectors/connector.ts';
import { put } from './write-answer.ts';

/** How ids look: `large` ones are bare numbers beyond 2^53, which a double cannot tell apart. */
export type IdStyle = 'plain' | 'large' | 'slashes';

/** A row of the model vendor: numbers from which its JSON is made, the same each time. */
export interface ModelRow {
  /** Unique in the stream. */
  readonly number: number;
  /** Where it stands among the others. */
  readonly key: number;
  readonly parent: string | null;
  /** Unique among those of its parent. */
  readonly within: number;
  /** When it happened, epoch milliseconds. */
  readonly at: number;
  /** How often its content has changed. */
  version: number;
  /** How often the vendor has changed what changes by itself. */
  flicker: number;
}

export interface RowStyle {
  readonly ids: IdStyle;
  /** Of the paths that an id may stand at, the one to use. */
  readonly idPlace: number;
  /** So many rows in a row have one key, where the list is requested by it. */
  readonly ties: number;
}

/** What the row is requested by. */
export function keyOf({ key }: ModelRow, { ties }: RowStyle): number {
  return Math.floor(key / ties) * ties;
}

/** So many rows an entry has, where the answer is grouped: none, too. */
export function rowsInGroup(definition: StreamDefinition, number: number): number {
  const { nested } = definition.items;
  if (nested === undefined) return 1;
  return ownParts(definition).length === 0 ? 1 : number % 4;
}

/** The parts of the id that the row has itself; the others come from its group or from its parent. */
export function ownParts(definition: StreamDefinition): ReturnType<typeof idParts> {
  const { items, parents } = definition;
  const given = [carriedAs(items), parents?.as].filter((name) => name !== undefined);
  return idParts(definition).filter(
    (paths) => !paths.some((path) => path.length === 1 && given.includes(path[0] ?? '')),
  );
}

/** The name in its rows of what a group gives them. */
function carriedAs({ nested }: StreamDefinition['items']): string | undefined {
  return nested?.as ?? nested?.carry;
}

function hasPart(definition: StreamDefinition, name: string | undefined): boolean {
  return (
    name !== undefined && idParts(definition).some((paths) => paths.some((path) => path.join('\n') === name))
  );
}

export interface Written {
  readonly json: Record<string, unknown>;
  readonly id: string;
}

/**
 * A row's JSON as the vendor would give it, and the id that it should be stored under.
 * @param place of the row within its group, from 0
 */
export function writeRow(
  definition: StreamDefinition,
  row: ModelRow,
  place: number,
  style: RowStyle,
): Written {
  const own = ownParts(definition);
  const json: Record<string, unknown> = {};
  // Unique only within its group or parent, wherever the id has a part for that.
  const number = hasPart(definition, carriedAs(definition.items))
    ? place
    : (hasPart(definition, definition.parents?.as) ? row.within : row.number) * 4 + place;
  const values = own.map((_, index) => textOf(splitOver(number, index, own.length), style.ids));
  own.forEach((paths, index) => {
    const path = paths[style.idPlace % paths.length] ?? [];
    put(json, path, values[index]);
  });
  const parts = idParts(definition).map((paths) => {
    const index = own.indexOf(paths);
    if (index !== -1) return values[index];
    const isCarried = paths.some((path) => path.join('\n') === carriedAs(definition.items));
    return isCarried ? groupId(row, style) : row.parent;
  });
  fill(definition, json, row, place);
  const { paging } = definition;
  for (const path of paging.kind === 'keyset' ? Object.values(paging.after) : [])
    put(json, path, keyOf(row, style));
  if (definition.id === 'hash')
    return { json, id: hashOf(wholeRow(definition, json, row, style), definition) };
  return { json, id: joined(parts.map(String)) };
}

/** With what its group and its parent give it. */
function wholeRow(
  definition: StreamDefinition,
  json: Readonly<Record<string, unknown>>,
  row: ModelRow,
  style: RowStyle,
): Record<string, unknown> {
  const carried = carriedAs(definition.items);
  const as = definition.parents?.as;
  return {
    ...(carried !== undefined && { [carried]: groupId(row, style) }),
    ...(as !== undefined && { [as]: row.parent }),
    ...json,
  };
}

/** SHA-256 over the row with its keys in order, and without what changes by itself. */
function hashOf(row: Record<string, unknown>, { volatile = [] }: StreamDefinition): string {
  const kept = parse(stringify(row) ?? '') as Record<string, unknown>;
  for (const path of volatile) take(kept, path);
  return createHash('sha256')
    .update(stringify(inOrder(kept)) ?? '')
    .digest('base64url');
}

function take(from: Record<string, unknown>, [key = '', ...rest]: readonly string[]): void {
  if (rest.length === 0) Reflect.deleteProperty(from, key);
  else if (typeof from[key] === 'object' && from[key] !== null)
    take(from[key] as Record<string, unknown>, rest);
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || value instanceof LosslessNumber) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, inOrder(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of several parts each has what stands between them escaped, as in RFC 6901. */
function joined(parts: readonly string[]): string {
  if (parts.length === 1) return parts[0] ?? '';
  return parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
}

/** What tells one entry of a grouped answer from another. */
export function groupId(row: ModelRow, style: RowStyle): string | LosslessNumber {
  return textOf(row.number, style.ids);
}

/** Two parts tell a pair apart together, and neither alone. */
function splitOver(number: number, index: number, parts: number): number {
  if (parts === 1) return number;
  if (index === 0) return number >> 1;
  return index === 1 ? number & 1 : 0;
}

const beyondDoubles = 9_007_199_254_740_993n;

function textOf(number: number, style: IdStyle): string | LosslessNumber {
  switch (style) {
    case 'plain':
      return `row-${String(number).padStart(7, '0')}`;
    case 'large':
      return new LosslessNumber(String(beyondDoubles + BigInt(number)));
    case 'slashes':
      return `things/${String(number)}-Å %2F?`;
  }
}

function fill(
  definition: StreamDefinition,
  json: Record<string, unknown>,
  row: ModelRow,
  place: number,
): void {
  for (const field of definition.fields?.default ?? []) {
    const path = field.split('.');
    // What may hold the id holds nothing else.
    if (!mayHoldId(definition, path) && !leadsSomewhere(json, path))
      put(json, path, `${field} of an invented person`);
  }
  json['invented'] = `Testa Madeupson ${String(row.number)}, ${String(place)}`;
  json['version'] = row.version;
  json['happened'] = new Date(row.at).toISOString();
  const { changes } = definition;
  if (changes !== undefined && !mayHoldId(definition, changes.path)) {
    const text = timeText(row.at, changes.format);
    put(json, changes.path, /^\d+$/.test(text) ? Number(text) : text);
  }
  for (const path of definition.volatile ?? []) {
    if (!mayHoldId(definition, path)) put(json, path, `changes by itself: ${String(row.flicker)}`);
  }
}

/** As the vendor writes it. */
export function timeText(at: number, format: TimeFormat): string {
  const iso = new Date(at).toISOString();
  switch (format) {
    case 'instant':
      return iso;
    case 'date':
      return iso.slice(0, 10);
    case 'seconds':
      return String(Math.floor(at / 1000));
    case 'milliseconds':
      return String(at);
  }
}

function mayHoldId(definition: StreamDefinition, path: readonly string[]): boolean {
  return idParts(definition).some((paths) => paths.some((one) => one.join('\n') === path.join('\n')));
}

/** Whether something stands at the path, or in its way. */
function leadsSomewhere(json: Readonly<Record<string, unknown>>, path: readonly string[]): boolean {
  let found: unknown = json;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return true;
    if (!Object.hasOwn(found, key)) return false;
    found = (found as Record<string, unknown>)[key];
  }
  return true;
}
