/** Where the next page starts; null is the beginning. Stored in the checkpoint as it is: plain JSON. */
export type Position = PagePosition | SweepPosition;

/** Where the vendor is asked. */
export type PagePosition = OffsetPosition | CursorPosition;

export interface OffsetPosition {
  readonly kind: 'offset';
  /** So many rows have been walked. */
  readonly offset: number;
  /** Digest of the last of them; absent where any row that this run has seen will do. */
  readonly anchor?: string;
  /** Ask without the row before it: the server gives one row at a time. */
  readonly blind?: true;
  /** Nothing but the vendor's total says that the list ends here: one more request is to confirm it, and the total is not believed. */
  readonly confirming?: true;
  /** How far to step back if rows have gone again, in rows; absent until they have. */
  readonly stepBack?: number;
  /** Of the last page, to know it again: a digest of its rows, how many they were, and the total they came with. */
  readonly page?: string;
  readonly rows?: number;
  /** It was the same as the one before it. */
  readonly again?: true;
  readonly total?: number;
}

export interface CursorPosition {
  readonly kind: 'cursor';
  readonly cursor: string;
  /** An earlier cursor of this run, and how many pages it is kept for: how circles are noticed. */
  readonly mark?: { readonly cursor: string; readonly pages: number; readonly left: number };
  /** Digest of the last page's rows. */
  readonly page?: string;
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
