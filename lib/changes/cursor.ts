import { digestOf } from '../paging/digest.ts';

/**
 * How far a reader of the log has come. An object may appear for a while after the moment that it is named by, so a cursor is a
 * moment behind which nothing can appear any more, and the objects after it that have been read already.
 */
export interface Cursor {
  /** Epoch milliseconds: everything that was published before it has been read. */
  readonly from: number;
  /** Digests of the keys from that moment on that have been read. */
  readonly read: ReadonlySet<string>;
}

/** Begins with a moment. */
export function cursorAt(from: number): Cursor {
  return { from, read: new Set() };
}

export function hasRead({ read }: Cursor, key: string): boolean {
  return read.has(digestOf(key));
}

/** @param keys that have been read, from `from` on or before it */
export function cursorBehind(
  from: number,
  keys: Iterable<{ readonly key: string; readonly publishedAt: number }>,
): Cursor {
  const read = new Set<string>();
  for (const { key, publishedAt } of keys) if (publishedAt >= from) read.add(digestOf(key));
  return { from, read };
}

/** As a person types it, in letters, digits, `-`, `_` and `.`. */
export function formatCursor({ from, read }: Cursor): string {
  return ['c1', String(from), ...[...read].sort()].join('.');
}

/** @returns null if it is no cursor */
export function parseCursor(text: string): Cursor | null {
  const [, from, digests] = /^c1\.(\d{1,15})((?:\.[\w-]{11})*)$/.exec(text) ?? [];
  if (from === undefined || digests === undefined) return null;
  return { from: Number(from), read: new Set(digests.split('.').slice(1)) };
}
