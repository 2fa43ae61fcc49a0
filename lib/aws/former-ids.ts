import type { SourceRecord } from '../sync/record.ts';

/** What is stored of a record, as far as it decides about writing. */
export interface Known {
  readonly hash: string | undefined;
  readonly firstSeenAt: string | undefined;
  readonly changedAt: string | undefined;
  readonly deletedAt: string | undefined;
  /** Stored by a version that escapes the parts of an id, and with something to escape. */
  readonly isEscaped: boolean;
}

export interface Stored {
  /** Of each row by its id: what is stored of it, there or under its former id. */
  readonly before: ReadonlyMap<string, Known>;
  /** Of rows whose record has to be moved: the id that it has now. */
  readonly movedFrom: ReadonlyMap<string, string>;
  /** Ids under which nothing may be left once the rows are written. */
  readonly left: readonly string[];
}

/**
 * Whose record is stored under which id. Two rows may have one former id: then the one that it was stored of last takes it, as
 * far as its content shows, and the other is new. Pure.
 *
 * @param rows of different ids @param known by id, with former ids
 */
export function storedOf(rows: readonly SourceRecord[], known: ReadonlyMap<string, Known>): Stored {
  const before = new Map<string, Known>();
  const claims = new Map<string, SourceRecord>();
  const formerIds = new Set<string>();
  for (const row of rows) {
    const { id, formerId } = row;
    const own = known.get(id);
    // What stands under an escaped id and is not escaped is another row's, from before.
    if (own !== undefined && (formerId === undefined || own.isEscaped)) before.set(id, own);
    const former = formerId === undefined ? undefined : known.get(formerId);
    if (formerId === undefined || former === undefined || former.isEscaped) continue;
    formerIds.add(formerId);
    const claim = claims.get(formerId);
    if (!before.has(id) && (claim === undefined || claim.hash !== former.hash)) claims.set(formerId, row);
  }
  const movedFrom = new Map<string, string>();
  for (const [formerId, { id }] of claims) {
    movedFrom.set(id, formerId);
    const former = known.get(formerId);
    if (former !== undefined) before.set(id, former);
  }
  // What another row is written over is gone by that.
  const ids = new Set(rows.map(({ id }) => id));
  return { before, movedFrom, left: [...formerIds].filter((id) => !ids.has(id)) };
}

/** Each id once, and the former ones. */
export function idsToLookUp(rows: readonly SourceRecord[]): readonly string[] {
  const former = rows.flatMap(({ formerId }) => formerId ?? []);
  return former.length === 0
    ? rows.map(({ id }) => id)
    : [...new Set([...rows.map(({ id }) => id), ...former])];
}
