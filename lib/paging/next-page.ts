import type { Paging } from '../connectors/connector.ts';
import type { Position } from './position.ts';

/** What an answer says about paging. */
export interface PageSigns {
  /** Rows in it, at the level at which the vendor counts them. */
  readonly rows: number;
  /** What the vendor says there is in all; null if it does not. */
  readonly total: number | null;
  /** The cursor of the next page; null if there is none. */
  readonly cursor: string | null;
}

export type NextPage =
  | { readonly kind: 'more'; readonly position: Position }
  | { readonly kind: 'end' }
  /** The vendor named the very page that it has just given: going on would never end. */
  | { readonly kind: 'looping' };

/**
 * Where the page after this one starts.
 *
 * Offsets advance by what came back, never by what was asked for: a server may cap `Limit` (Mobaro: 20) and then a short
 * page is an ordinary one. So a short page ends nothing; the total or an empty page does.
 */
export function nextPage(paging: Paging, position: Position | null, signs: PageSigns): NextPage {
  switch (paging.kind) {
    case 'none':
      return { kind: 'end' };
    case 'offset': {
      const offset = offsetOf(position) + signs.rows;
      const atEnd = signs.rows === 0 || (signs.total !== null && offset >= signs.total);
      return atEnd ? { kind: 'end' } : { kind: 'more', position: { kind: 'offset', offset } };
    }
    case 'cursor': {
      if (signs.cursor === null) return { kind: 'end' };
      if (position?.kind === 'cursor' && position.cursor === signs.cursor) return { kind: 'looping' };
      return { kind: 'more', position: { kind: 'cursor', cursor: signs.cursor } };
    }
  }
}

export function offsetOf(position: Position | null): number {
  return position?.kind === 'offset' ? position.offset : 0;
}
