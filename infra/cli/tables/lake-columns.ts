import { nameOf, pathKey, pathOf } from '../../../lib/tables/cells.ts';
import type { Column } from '../../../lib/tables/columns.ts';
import { lakeColumns, type LakeColumn } from '../../../lib/tables/lake-sql.ts';

/** Learns at which keys of a row the values of a column stand: in some forms the same field has several. */
export class SourceLearner {
  readonly #keys = new Map<string, Map<string, readonly string[]>>();

  add(key: string, keys: readonly string[]): void {
    const name = nameOf(pathOf(key));
    const found = this.#keys.get(name) ?? new Map<string, readonly string[]>();
    this.#keys.set(name, found.set(pathKey(keys), keys));
  }

  /** The vendor's columns, as a view of Athena has them. One that gathers many keys is left to the line itself. */
  columns(columns: readonly Column[]): readonly LakeColumn[] {
    const own = columns.flatMap(({ name, type }) => {
      const paths = [...(this.#keys.get(name)?.values() ?? [])];
      return paths.length === 0 ? [] : [{ name, type, paths }];
    });
    return lakeColumns(own);
  }
}
