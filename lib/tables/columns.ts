import { nameOf, pathKey, pathOf, type Cell, type Cells } from './cells.ts';
import { note, nothingSeen, typeOf, type ColumnType, type ValuesSeen } from './column-type.ts';

export interface Column {
  /** `work.title`: unlike any other name, also for a reader that tells no small letters from capital ones. */
  readonly name: string;
  readonly type: ColumnType;
  /** In so many rows; null where that has not been counted. */
  readonly filled: number | null;
}

/** What of a row is in a column: one cell by its key, all cells below a path as one object, or those that no other column has. */
type Source =
  | { readonly kind: 'cell'; readonly key: string }
  | { readonly kind: 'below'; readonly prefix: string }
  | { readonly kind: 'rest' };

export interface Columns {
  readonly columns: readonly Column[];
  /** Of each column. */
  readonly sources: readonly Source[];
}

/** Keys of one object; more than that are ids or dates, and no names of fields. At the top of a row every key is a field. */
const maxKeys = 100;
/** SQLite takes 2,000. */
const maxColumns = 1000;
/** Learns what columns the rows of a stream have, row by row. Its size is that of one row with all columns. */
export class ColumnLearner {
  readonly #seen = new Map<string, ValuesSeen>();
  /** By the path of an object: its keys, until there are too many of them. */
  readonly #keys = new Map<string, Set<string>>();

  add(cells: Cells): void {
    for (const [key, cell] of cells) {
      if (!this.#isBelowTooMany(key)) note(this.#of(key), cell);
    }
  }

  /** @param taken names that the table has besides */
  learned(taken: readonly string[]): Columns {
    const wide = new Set([...this.#keys].flatMap(([key, keys]) => (keys.size > maxKeys ? [key] : [])));
    const isBelowWide = (key: string): boolean => parentsOf(key).some((parent) => wide.has(parent));
    const plain = [...this.#seen].filter(([key]) => !isBelowWide(key));
    const kept = new Set(
      plain
        .toSorted(([, a], [, b]) => b.rows - a.rows)
        .slice(0, maxColumns)
        .map(([key]) => key),
    );
    const used = new Set(taken.map((name) => name.toLowerCase()));
    const unique = (name: string): string => {
      let found = name;
      for (let number = 2; used.has(found.toLowerCase()); number += 1) found = `${name} (${String(number)})`;
      used.add(found.toLowerCase());
      return found;
    };
    const json = { kind: 'json' } as const;
    // In the order in which they came.
    const ofCells = plain.flatMap(([key, seen]) => {
      if (!kept.has(key)) return [];
      const column = { name: unique(nameOf(pathOf(key))), type: typeOf(seen), filled: seen.rows };
      return [{ column, source: { kind: 'cell', key } as const }];
    });
    const ofWide = [...wide]
      .filter((key) => !isBelowWide(key))
      .map((key) => ({
        column: { name: unique(`${nameOf(pathOf(key))}.*`), type: json, filled: null },
        source: { kind: 'below', prefix: key } as const,
      }));
    const ofRest =
      plain.length === kept.size
        ? []
        : [
            {
              column: { name: unique('_rest'), type: json, filled: null },
              source: { kind: 'rest' } as const,
            },
          ];
    const all = [...ofCells, ...ofWide, ...ofRest];
    return { columns: all.map(({ column }) => column), sources: all.map(({ source }) => source) };
  }

  /** Counts the keys above a cell. */
  #isBelowTooMany(key: string): boolean {
    const path = pathOf(key);
    return parentsOf(key).some((parent, index) => {
      const keys = this.#keys.get(parent) ?? new Set();
      this.#keys.set(parent, keys);
      if (keys.size <= maxKeys) keys.add(path[index + 1] ?? '');
      return keys.size > maxKeys;
    });
  }

  #of(key: string): ValuesSeen {
    const found = this.#seen.get(key) ?? nothingSeen();
    this.#seen.set(key, found);
    return found;
  }
}

/** The keys of `a` and `a.b` for that of `a.b.c`. */
function parentsOf(key: string): readonly string[] {
  const path = pathOf(key);
  return path.slice(1).map((_, index) => pathKey(path.slice(0, index + 1)));
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

/** @returns the cells of all columns in their order; null where the row has none. No cell of the row is left out. */
export function rowMaker({ sources }: Columns): (cells: Cells) => readonly (Cell | null)[] {
  const own = new Set(sources.flatMap((source) => (source.kind === 'cell' ? [source.key] : [])));
  const wide = new Set(sources.flatMap((source) => (source.kind === 'below' ? [source.prefix] : [])));
  return (cells) => {
    const below = new Map<string, string[]>();
    const rest: string[] = [];
    for (const [key, cell] of own.size === sources.length ? [] : cells) {
      if (own.has(key)) continue;
      const prefix = parentsOf(key).find((parent) => wide.has(parent));
      const path = pathOf(key).slice(prefix === undefined ? 0 : pathOf(prefix).length);
      const pair = `${JSON.stringify(nameOf(path))}:${jsonOfCell(cell)}`;
      if (prefix === undefined) rest.push(pair);
      else if (below.get(prefix)?.push(pair) === undefined) below.set(prefix, [pair]);
    }
    return sources.map((source) => {
      switch (source.kind) {
        case 'cell':
          return cells.get(source.key) ?? null;
        case 'below':
          return objectOf(below.get(source.prefix) ?? []);
        case 'rest':
          return objectOf(rest);
      }
    });
  };
}

function objectOf(pairs: readonly string[]): Cell | null {
  return pairs.length === 0 ? null : { kind: 'json', json: `{${pairs.join(',')}}` };
}

/** With every digit. */
export function jsonOfCell(cell: Cell): string {
  return cell.kind === 'text' ? JSON.stringify(cell.text) : textOfCell(cell);
}
