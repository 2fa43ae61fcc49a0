import { markAfter } from './cursor-walk.ts';
import { digestOf } from './digest.ts';
import { noneButMore } from './offset-step.ts';
import type { Key, KeysetPosition } from './position.ts';
import { minRowsToJudge } from './steps-walk.ts';

/**
 * Walks a list in the order of a key, by the key of a row that has come.
 *
 * Each page begins with what the one before ended with: by an inclusive bound the key of its last row is requested, by an
 * exclusive one the key before that. So a page that brings nothing new is the end, and an empty one is not believed; and of
 * rows with equal keys none is lost where a page ends between them. Only more of those than a page holds cannot be walked.
 */

export interface KeysetPage {
  /** How many rows came. */
  readonly rows: number;
  /** The key of the last of them, and the nearest one before it that is another; null without a row, or without another key. */
  readonly last: Key | null;
  readonly before: Key | null;
  /** The vendor's own word: nothing follows (true), or more does (false). */
  readonly isLast: boolean | null;
}

export type KeysetStep =
  | { readonly kind: 'more'; readonly position: KeysetPosition }
  | { readonly kind: 'end' }
  /** The rows that the page was to begin with have gone, or the answer is none. */
  | { readonly kind: 'step back'; readonly position: null; readonly reason: string }
  | { readonly kind: 'looping'; readonly reason?: string }
  | { readonly kind: 'contradictory'; readonly reason: string };

/** The rows to request: where there is an overlap, at least one beyond it. */
export function askedByKey(pageSize: number, max: number): number {
  return Math.min(Math.max(2, pageSize), max);
}

const equalKeys =
  'a full page of rows has the same key, and what lies behind them cannot be requested: a larger pageSize, or a key that differs';

/** @param asked rows that were requested */
export function keysetStep(
  position: KeysetPosition | null,
  page: KeysetPage,
  { bound, asked }: { readonly bound: 'inclusive' | 'exclusive'; readonly asked: number },
): KeysetStep {
  const { rows, last, isLast } = page;
  if (last === null) return emptyStep(position, isLast);
  if (isLast === true) return { kind: 'end' };
  const digest = digestOfKey(last);
  if (position?.last === digest && !position.blind) {
    // A server may give fewer rows than are requested; a first page whose rows all have one key shows nothing of that.
    const { fullest } = position;
    const isShort = rows < asked && (fullest === undefined || rows < Math.max(fullest, position.rows));
    return isShort ? { kind: 'end' } : { kind: 'looping', reason: equalKeys };
  }
  // Short as it was, that page was not the last one: others with its key may have been cut off.
  if (position?.blind === true && position.rows > 1) return { kind: 'looping', reason: equalKeys };
  if (position?.mark?.cursor === digest) return { kind: 'looping' };
  const next = boundBehind(position, page, last, { bound, asked });
  if (next === null) return { kind: 'looping', reason: equalKeys };
  const mark = markAfter(position?.mark, digest);
  const fullest = fullestBehind(position, page);
  const found = { ...next, last: digest, rows, mark, ...(fullest !== null && { fullest }) };
  return { kind: 'more', position: { kind: 'keyset', ...found } };
}

/**
 * Of a first page with several keys fewer rows come again than it had, if it was all. Of a few rows as many may have been inserted.
 */
function fullestBehind(position: KeysetPosition | null, { rows, before }: KeysetPage): number | null {
  if (position !== null) return Math.max(position.fullest ?? 0, position.rows);
  return before !== null && rows >= minRowsToJudge ? rows : null;
}

function emptyStep(position: KeysetPosition | null, isLast: boolean | null): KeysetStep {
  if (isLast === false) return noneButMore;
  if (position === null || position.blind === true) return { kind: 'end' };
  const reason = 'the rows that the page was to begin with have gone';
  return { kind: 'step back', position: null, reason };
}

/** @returns null where rows would be left out, for all keys of the page are equal */
function boundBehind(
  position: KeysetPosition | null,
  { rows, before }: KeysetPage,
  last: Key,
  { bound, asked }: { readonly bound: 'inclusive' | 'exclusive'; readonly asked: number },
): Pick<KeysetPosition, 'after' | 'blind'> | null {
  if (bound === 'inclusive') return { after: last };
  if (before !== null) return { after: before };
  // What the page was to begin with has gone: the same bound shows whether anything lies behind.
  if (position !== null && position.blind !== true && rows < asked) return { after: position.after };
  return rows === 1 || rows < asked ? { after: last, blind: true } : null;
}

function digestOfKey(key: Key): string {
  return digestOf(JSON.stringify(key));
}
