import type { Window } from './windows.ts';

/** Where the next page starts; null is the beginning. Stored in the checkpoint as it is: plain JSON. */
export type Position = PagePosition | SweepPosition;

/** Where the vendor is called. */
export type PagePosition = WalkPosition | PartPosition;

/** A place in one list. */
export type WalkPosition =
  OffsetPosition | StepsPosition | CursorPosition | KeysetPosition | AnswerPosition | FilePosition;

/** A run that is divided requests its parts one after the other, each with a walk of its own. */
export interface PartPosition {
  readonly kind: 'part';
  readonly part: Part;
  /** Null is the beginning of the part. */
  readonly walk: WalkPosition | null;
  /** The page of the run's memory at which it began: what another part has seen proves nothing here. */
  readonly from: number;
  /** It is walked a second time: the vendor has refused a place behind its rows, and nothing else said that it ends there. */
  readonly again?: true;
}

export type Part =
  /** The ids of all rows are requested, and kept. */
  | { readonly kind: 'ids' }
  /** The rows of the ids in batch `index` (from 0) of `of`. */
  | { readonly kind: 'batch'; readonly index: number; readonly of: number }
  /** What belongs to a parent, or to a window of time, or to both. */
  | { readonly kind: 'slice'; readonly parent: string | null; readonly window: Window | null }
  /** What has changed since then, epoch milliseconds. `whole`: it is all of the list that is wanted. */
  | { readonly kind: 'changes'; readonly since: number; readonly whole?: true };

/** In an answer that holds everything: up to this id its rows are stored. */
export interface AnswerPosition {
  readonly kind: 'answer';
  readonly after: string;
}

/** A file that the vendor is writing. */
export interface FilePosition {
  readonly kind: 'file';
  readonly name: string;
  /** When it was requested, epoch milliseconds. */
  readonly since: number;
  /** Up to this id its rows are stored, if it has come and there was no time for the rest. */
  readonly after?: string;
}

export interface OffsetPosition {
  readonly kind: 'offset';
  /** So many rows have been walked. */
  readonly offset: number;
  /** Digest of the last of them; absent where any row that this run has seen will do. */
  readonly anchor?: string;
  /** Requested without the row before it: the server gives one row at a time. */
  readonly blind?: true;
  /** Nothing but the vendor's total says that the list ends here: one more request is to confirm it, and the total is not believed. */
  readonly confirming?: true;
  /** So many rows have come as the vendor counts, and the request is to show whether there are more. */
  readonly reached?: true;
  /** Of a confirmation: what has gone has been counted, and is deleted once the end is confirmed. */
  readonly counted?: true;
  /** The page before was the first of the walk: whether the vendor takes any offset is not known yet. */
  readonly second?: true;
  /** How far to step back if rows have gone again, in rows; absent until they have. */
  readonly stepBack?: number;
  /** Of the last page, to know it again: a digest of its rows, how many they were, and the total they came with. */
  readonly page?: string;
  readonly rows?: number;
  /** Rows of the fullest page of this walk so far. */
  readonly fullest?: number;
  /** It was the same as the one before it. */
  readonly again?: true;
  readonly total?: number;
}

/** In a list whose vendor does not take any offset, only multiples of one; pages do not overlap there. See steps-walk.ts. */
export interface StepsPosition {
  readonly kind: 'steps';
  /** As it is requested: rows, or pages. */
  readonly offset: number;
  /** So far is it to the next page: the rows of a page, or 1 where the vendor counts pages. */
  readonly step: number;
  /**
   * `trying`: the second page, requested as such a vendor would need it. `proving`: what it answers with its first
   * page again, and no other vendor does.
   */
  readonly stage: 'trying' | 'proving' | 'walking';
  /** While it is proved: where to go on then; absent if there is nothing behind the first page. */
  readonly next?: number;
  /** Rows that have been walked. */
  readonly walked: number;
  /** Of the last page with rows, as for an offset. */
  readonly page: string;
  readonly rows: number;
  readonly fullest: number;
  readonly again?: true;
  readonly total?: number;
}

/** An earlier cursor of this run, and how many pages it is kept for: how circles are noticed. */
export interface Mark {
  /** Its digest. */
  readonly cursor: string;
  readonly pages: number;
  readonly left: number;
}

export interface CursorPosition {
  readonly kind: 'cursor';
  /** Of a list whose pages name the next one's URL: its path below the base URL, and its query without credentials. */
  readonly cursor: string;
  readonly mark?: Mark;
  /** Digest of the last page's rows. */
  readonly page?: string;
}

/** A value of a row, as it is requested by. */
export type Key = Readonly<Record<string, string | number>>;

/** In a list that is requested by the key of a row that has come. */
export interface KeysetPosition {
  readonly kind: 'keyset';
  /** By parameter. */
  readonly after: Key;
  /** Digest of the key of the last row that came: where a page ends with it again, nothing lies behind. */
  readonly last: string;
  /** Nothing overlaps: the bound is exclusive, and all rows of the page before had the same key. */
  readonly blind?: true;
  /** Rows of the last page, and of the fullest one that others have followed, or that shows how full one is. */
  readonly rows: number;
  readonly fullest?: number;
  readonly mark?: Mark;
}

/** The vendor has given all it has; now the records that it has not given are looked for, a part of them at a time. */
export interface SweepPosition {
  readonly kind: 'sweep';
  /** `count` them, and when their number gives no cause for doubt, `delete` them. */
  readonly step: 'count' | 'delete';
  /** Id of the last record that was looked at; null before the first. */
  readonly after: string | null;
  /** Counted so far: records that are not deleted, and those of them that this run has not seen. */
  readonly live: number;
  readonly gone: number;
  /** Where the list ended, if only the vendor's total says that it did; null if nothing has to be confirmed. */
  readonly end: OffsetPosition | null;
}

/** The place in the list that is walked at `position`. */
export function walkOf(position: Position | null): WalkPosition | null {
  if (position === null || position.kind === 'sweep') return null;
  return position.kind === 'part' ? position.walk : position;
}

/** The same part as `position`, at another place in its list. */
export function withWalk(position: Position | null, walk: WalkPosition): PagePosition {
  return position?.kind === 'part' ? { ...position, walk } : walk;
}

/** Where the list that is walked at `position` begins. */
export function beginningOf(position: Position | null): PartPosition | null {
  return position?.kind === 'part' ? { ...position, walk: null } : null;
}

/** Since when what has changed is walked at `position`, epoch milliseconds; null where all is walked that is wanted. */
export function changesSince(position: Position | null): number | null {
  if (position?.kind !== 'part' || position.part.kind !== 'changes') return null;
  return position.part.whole ? null : position.part.since;
}
