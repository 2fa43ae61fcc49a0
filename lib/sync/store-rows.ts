import { pagesInMemory, type Claimed } from './checkpoint.ts';
import type { PageInMemory, Upserted } from './ports.ts';
import { stopAt } from './recall.ts';
import type { SourceRecord } from './record.ts';
import type { Work } from './work.ts';

/** So many rows are stored between two looks at the clock: on a slow day they take half of the time that is kept for what follows. */
const rowsAtOnce = 500;
export type StoredRows =
  | {
      readonly kind: 'stored';
      /** Of the rows that were stored. */
      readonly digests: readonly string[];
      readonly written: number;
      readonly unchanged: number;
      /** The last id stored, if time ran out before the last row; else null. */
      readonly after: string | null;
    }
  | Extract<Upserted, { kind: 'unstorable' }>;

/**
 * Stores the rows of a page. An answer that holds a whole list is too long for one function, perhaps: its rows are stored in
 * the order of their ids, and where time runs out the next one goes on after the last.
 */
export async function storeRows(
  rows: readonly SourceRecord[],
  digest: (id: string) => string,
  claimed: Claimed,
  { deps, stream, signal }: Work,
): Promise<StoredRows> {
  const { kind } = stream.definition.paging;
  const isWhole = kind === 'none' || kind === 'file';
  const ordered = isWhole ? [...rows].sort(byId) : rows;
  const until = stopAt(claimed);
  const digests: string[] = [];
  let written = 0;
  let unchanged = 0;
  for (let next = 0; next < ordered.length;) {
    const late = next > 0 && deps.clock.now() >= until;
    if (late) {
      return { kind: 'stored', digests, written, unchanged, after: ordered[next - 1]?.id ?? null };
    }
    const chunk = ordered.slice(next, isWhole ? endOfChunk(ordered, next) : undefined);
    const by = { at: deps.clock.now(), run: claimed.run };
    const upserted = await deps.records.upsert(stream.name, chunk, by, signal);
    if (upserted.kind === 'unstorable') return { ...upserted, index: indexOf(rows, chunk[upserted.index]) };
    written += upserted.written;
    unchanged += upserted.unchanged;
    digests.push(...chunk.map(({ id }) => digest(id)));
    next += chunk.length;
  }
  return { kind: 'stored', digests, written, unchanged, after: null };
}

/** By code units, as `walk` compares them. */
function byId({ id: a }: SourceRecord, { id: b }: SourceRecord): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Rows of one id stay together: the last of them counts, and the place after an id is after all of them. */
function endOfChunk(rows: readonly SourceRecord[], from: number): number {
  let end = Math.min(from + rowsAtOnce, rows.length);
  while (end < rows.length && rows[end]?.id === rows[end - 1]?.id) end += 1;
  return end;
}

function indexOf(rows: readonly SourceRecord[], row: SourceRecord | undefined): number {
  return row === undefined ? 0 : rows.indexOf(row);
}

/** Takes the rows of a page into the run's memory, and what fields they have. */
export function remember(rows: PageInMemory, claimed: Claimed, { deps, stream }: Work): Promise<void> {
  return deps.seenRows.remember(stream.name, claimed.run, pagesInMemory(claimed), rows, claimed.revision);
}
