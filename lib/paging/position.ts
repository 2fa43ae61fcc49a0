/** Where the next page starts; null is the beginning. Stored in the checkpoint as it is: plain JSON. */
export type Position = OffsetPosition | CursorPosition;

export interface OffsetPosition {
  readonly kind: 'offset';
  /** So many rows have been walked. */
  readonly offset: number;
  /** Digest of the last of them; absent where any row that this run has seen will do. */
  readonly anchor?: string;
  /** Ask without the row before it: the server gives one row at a time. */
  readonly blind?: true;
  /** How far to step back if rows have gone again, in rows; absent until they have. */
  readonly stepBack?: number;
  /** Of the last page, to know it again: a digest of its rows, and the total it came with. */
  readonly page?: string;
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
