import type { Cell } from './cells.ts';
import { decimalOf, wholeDigitsOf } from './decimal.ts';

/** What all values of a column fit into. */
export type ColumnType =
  /** `mixed` are values of several kinds, or numbers with more digits than a decimal has: each is there as its text. */
  | { readonly kind: 'text' | 'mixed' | 'boolean' | 'json' }
  /** Whole, of 64 bits. */
  | { readonly kind: 'integer' }
  /** Of 38 digits, so many of them behind the point. */
  | { readonly kind: 'decimal'; readonly scale: number }
  /** `2026-11-30`. */
  | { readonly kind: 'date' }
  /** In UTC, to a microsecond: `2026-11-30T08:00:00Z`. */
  | { readonly kind: 'timestamp' };

const maxPrecision = 38;
const [minInteger, maxInteger] = [-(2n ** 63n), 2n ** 63n - 1n];

/** What has been seen of one column. */
export interface ValuesSeen {
  rows: number;
  text: number;
  boolean: number;
  json: number;
  whole: number;
  fraction: number;
  /** Of the numbers: whether all are of 64 bits, and the most digits before and behind the point; null where one has too many. */
  fits64: boolean;
  digits: { before: number; behind: number } | null;
  /** Of the texts: what all of them are. */
  dates: boolean;
  timestamps: boolean;
}

export function nothingSeen(): ValuesSeen {
  return {
    ...{ rows: 0, text: 0, boolean: 0, json: 0, whole: 0, fraction: 0 },
    ...{ fits64: true, digits: { before: 0, behind: 0 }, dates: true, timestamps: true },
  };
}

export function note(seen: ValuesSeen, cell: Cell): void {
  seen.rows += 1;
  switch (cell.kind) {
    case 'text':
      seen.text += 1;
      seen.dates &&= isDate(cell.text);
      seen.timestamps &&= isTimestamp(cell.text);
      return;
    case 'number':
      noteNumber(seen, cell.digits);
      return;
    case 'boolean':
    case 'json':
      seen[cell.kind] += 1;
  }
}

/** Takes into `seen` what another one has seen of the same column. */
export function addSeen(seen: ValuesSeen, other: Readonly<ValuesSeen>): void {
  for (const kind of ['rows', 'text', 'boolean', 'json', 'whole', 'fraction'] as const)
    seen[kind] += other[kind];
  for (const each of ['fits64', 'dates', 'timestamps'] as const) seen[each] &&= other[each];
  seen.digits =
    seen.digits === null || other.digits === null
      ? null
      : {
          before: Math.max(seen.digits.before, other.digits.before),
          behind: Math.max(seen.digits.behind, other.digits.behind),
        };
}

function noteNumber(seen: ValuesSeen, digits: string): void {
  const decimal = decimalOf(digits);
  const isWhole = /^-?\d+$/.test(digits);
  seen[isWhole ? 'whole' : 'fraction'] += 1;
  seen.fits64 &&=
    isWhole && decimal !== null && decimal.unscaled >= minInteger && decimal.unscaled <= maxInteger;
  if (decimal === null || seen.digits === null) {
    seen.digits = null;
    return;
  }
  seen.digits.before = Math.max(seen.digits.before, wholeDigitsOf(decimal));
  seen.digits.behind = Math.max(seen.digits.behind, decimal.scale);
}

/** Pure. */
export function typeOf({
  rows,
  text,
  boolean,
  json,
  whole,
  fraction,
  fits64,
  digits,
  dates,
  timestamps,
}: ValuesSeen): ColumnType {
  if (boolean === rows) return { kind: 'boolean' };
  if (json === rows) return { kind: 'json' };
  if (whole === rows && fits64) return { kind: 'integer' };
  if (whole + fraction === rows && digits !== null && digits.before + digits.behind <= maxPrecision)
    return { kind: 'decimal', scale: digits.behind };
  if (text === rows && dates) return { kind: 'date' };
  if (text === rows && timestamps) return { kind: 'timestamp' };
  return { kind: text === rows ? 'text' : 'mixed' };
}

/** As people know it: `decimal(38, 2)`. */
export function typeInWords(type: ColumnType): string {
  return type.kind === 'decimal' ? `decimal(38, ${String(type.scale)})` : type.kind;
}

/** A day that there is, of the years that every reader of tables takes. */
function isDate(text: string): boolean {
  if (!/^[12]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** With another zone it would lose that; with more than six digits behind the point, these. */
function isTimestamp(text: string): boolean {
  const [, day = '', time = ''] =
    /^([12]\d{3}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d{1,6})?Z$/.exec(text) ?? [];
  if (!isDate(day) || Number.isNaN(Date.parse(`${day}T${time}Z`))) return false;
  // JavaScript takes 24:00 for the next day's beginning.
  return new Date(`${day}T${time}Z`).toISOString().startsWith(`${day}T${time}`);
}
