import { askedRows } from './offset-walk.ts';
import type { WalkPosition } from './position.ts';

/**
 * A list whose vendor counts pages is walked like one by offset (offset-walk.ts), so that pages overlap: a page of any row is one
 * whose number and size fit. Behind 100 rows the 2nd page of 99 begins with the last of them.
 */
export interface AskedPage {
  /** From 0. */
  readonly index: number;
  /** Rows of a page; null where the vendor decides that. */
  readonly size: number | null;
  /** Rows of the page that lie before the one that is wanted. */
  readonly skipped: number;
}

/** @param pageSize rows of a page; null where the vendor decides, so that no two pages overlap */
export function askedPage(walk: WalkPosition | null, pageSize: number | null, max: number): AskedPage {
  if (walk?.kind === 'steps' || pageSize === null) {
    return { index: walk?.kind === 'steps' ? walk.offset : 0, size: pageSize, skipped: 0 };
  }
  const { offset, limit } = askedRows(walk, pageSize, max);
  // A server that gives fewer rows than are requested counts its pages in those: more of them are requested of the first page only.
  const given = walk?.kind === 'offset' ? Math.max(1, walk.fullest ?? limit) : limit;
  return pageWith(offset, limit, Math.min(limit, given));
}

/** The page with the most rows from `offset` on. @param limit of the first page's rows @param most of another page's */
function pageWith(offset: number, limit: number, most: number): AskedPage {
  let best = { index: offset, size: 1, skipped: 0 };
  for (let size = most; size > best.size - best.skipped; size -= 1) {
    const skipped = offset % size;
    if (size - skipped > best.size - best.skipped) best = { index: Math.floor(offset / size), size, skipped };
  }
  // A row alone leads nowhere; of the first page any size may be requested.
  const isAlone = best.size - best.skipped === 1 && offset < most;
  return isAlone ? { index: 0, size: limit, skipped: offset } : best;
}
