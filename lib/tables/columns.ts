import type { Cell, Cells, Folded } from './cells.ts';
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

export interface Column {
  /** `work.title`: unlike any other name, also for a reader that tells no small letters from capital ones. */
  readonly name: string;
  /** Under which a row has its cell. */
  readonly cell: string;
  readonly type: ColumnType;
  /** In so many rows; null where that has not been counted. */
  readonly filled: number | null;
}

export interface Columns {
  readonly columns: readonly Column[];
  /** Objects with so many keys that these are data: one column of JSON each. */
  readonly folded: Folded;
  /** There are more columns than a table can have: the rarest are in one more, as JSON. */
  readonly rest: string | null;
}

/** Keys of one object; more than that are ids or dates, and no names of fields. At the top of a row every key is a field. */
const maxKeys = 100;
/** SQLite takes 2,000. */
const maxColumns = 1000;
const maxPrecision = 38;
const [minInteger, maxInteger] = [-(2n ** 63n), 2n ** 63n - 1n];

/** What has been seen of one column. */
interface Seen {
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

/** Learns what columns the rows of a stream have, row by row. Its size is that of one row with all columns. */
export class ColumnLearner {
  readonly #seen = new Map<string, Seen>();
  /** By the name of an object: its keys. */
  readonly #keys = new Map<string, Set<string>>();

  /** @param cells of a row of which nothing is folded */
  add(cells: Cells): void {
    for (const [name, cell] of cells) {
      if (!this.#isFolded(name)) note(this.#of(name), cell);
    }
  }

  /** @param taken names that the table has besides */
  learned(taken: readonly string[]): Columns {
    const folded = new Set([...this.#keys].flatMap(([name, keys]) => (keys.size > maxKeys ? [name] : [])));
    const topmost = [...folded].filter((name) => !parentsOf(name).some((parent) => folded.has(parent)));
    const plain = [...this.#seen].filter(([name]) => !parentsOf(name).some((parent) => folded.has(parent)));
    const kept = plain
      .toSorted(([, a], [, b]) => b.rows - a.rows)
      .slice(0, maxColumns)
      .map(([name]) => name);
    const isKept = new Set(kept);
    const used = new Set(taken.map((name) => name.toLowerCase()));
    const unique = (name: string): string => {
      let found = name;
      for (let number = 2; used.has(found.toLowerCase()); number += 1) found = `${name} (${String(number)})`;
      used.add(found.toLowerCase());
      return found;
    };
    const columns = [
      // In the order in which they came.
      ...plain.flatMap(([name, seen]) =>
        isKept.has(name) ? [{ cell: name, type: typeOf(seen), filled: seen.rows }] : [],
      ),
      ...topmost.map((name) => ({ cell: name, type: { kind: 'json' } as const, filled: null })),
    ].map((column) => ({ name: unique(column.cell), ...column }));
    return { columns, folded: new Set(topmost), rest: plain.length > kept.length ? unique('_rest') : null };
  }

  #isFolded(name: string): boolean {
    return parentsOf(name).some((parent) => {
      const keys = this.#keys.get(parent) ?? new Set();
      this.#keys.set(parent, keys);
      if (keys.size <= maxKeys) keys.add(name.slice(parent.length + 1).split('.', 1)[0] ?? '');
      return keys.size > maxKeys;
    });
  }

  #of(name: string): Seen {
    const found = this.#seen.get(name) ?? nothingSeen();
    this.#seen.set(name, found);
    return found;
  }
}

/** `a` and `a.b` of `a.b.c`. */
function parentsOf(name: string): readonly string[] {
  const segments = name.split('.');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('.'));
}

function nothingSeen(): Seen {
  return {
    ...{ rows: 0, text: 0, boolean: 0, json: 0, whole: 0, fraction: 0 },
    ...{ fits64: true, digits: { before: 0, behind: 0 }, dates: true, timestamps: true },
  };
}

function note(seen: Seen, cell: Cell): void {
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

function noteNumber(seen: Seen, digits: string): void {
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
function typeOf({
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
}: Seen): ColumnType {
  if (boolean === rows) return { kind: 'boolean' };
  if (json === rows) return { kind: 'json' };
  if (whole === rows && fits64) return { kind: 'integer' };
  if (whole + fraction === rows && digits !== null && digits.before + digits.behind <= maxPrecision)
    return { kind: 'decimal', scale: digits.behind };
  if (text === rows && dates) return { kind: 'date' };
  if (text === rows && timestamps) return { kind: 'timestamp' };
  return { kind: text === rows ? 'text' : 'mixed' };
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
  return isDate(day) && !Number.isNaN(Date.parse(`${day}T${time}Z`));
}

/** What a cell is in a table without types: also in a column where values of other kinds are. */
export function textOfCell(cell: Cell): string {
  switch (cell.kind) {
    case 'text':
      return cell.text;
    case 'number':
      return cell.digits;
    case 'boolean':
      return String(cell.is);
    case 'json':
      return cell.json;
  }
}

/** All columns of a table, the one with the rarest among them. */
export function allColumns({ columns, rest }: Columns): readonly Column[] {
  return rest === null
    ? columns
    : [...columns, { name: rest, cell: rest, type: { kind: 'json' }, filled: null }];
}

/** @returns the cells of all columns in their order; null where the row has none */
export function rowMaker({ columns, rest }: Columns): (cells: Cells) => readonly (Cell | null)[] {
  const own = new Set(columns.map(({ cell }) => cell));
  return (cells) => {
    const row = columns.map(({ cell }) => cells.get(cell) ?? null);
    if (rest === null) return row;
    const others = [...cells].filter(([name]) => !own.has(name));
    const json = `{${others.map(([name, cell]) => `${JSON.stringify(name)}:${jsonOfCell(cell)}`).join(',')}}`;
    return [...row, others.length === 0 ? null : { kind: 'json', json }];
  };
}

/** With every digit. */
export function jsonOfCell(cell: Cell): string {
  return cell.kind === 'text' ? JSON.stringify(cell.text) : textOfCell(cell);
}
