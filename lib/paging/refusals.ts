import { askedOffset } from './offset-walk.ts';
import type { Refusal } from './offset-step.ts';
import type { WalkPosition } from './position.ts';

/** What a 4xx means that answers a place behind the beginning of a list: then it may be about that place alone. */

/**
 * An offset behind a page of this walk: some vendors answer 404 or 416 where nothing is left, and 400 or 422 where they go no
 * deeper. @returns null where the status is about something else
 */
export function refusedOffset(status: number, walk: WalkPosition | null): Refusal | null {
  if (walk === null || !isBehindAPage(walk)) return null;
  if (status === 404 || status === 416) return 'nothing here';
  return status === 400 || status === 422 ? 'no deeper' : null;
}

/** At an offset that a person has chosen nothing has come before. */
function isBehindAPage(walk: WalkPosition): boolean {
  if (walk.kind === 'steps') return walk.offset > 0;
  return (
    walk.kind === 'offset' &&
    askedOffset(walk) > 0 &&
    (walk.rows !== undefined || walk.stepBack !== undefined)
  );
}

/** They are about the credentials, or about the moment. */
const notOfCursor: ReadonlySet<number> = new Set([401, 403, 408, 425, 429]);

/** A cursor, or a key, that was good when an earlier page gave it: every other 4xx is about that. */
export function isDeadCursor(status: number | null, walk: WalkPosition | null): boolean {
  const known = status ?? 0;
  const isCursor = walk?.kind === 'cursor' || walk?.kind === 'keyset';
  return isCursor && known >= 400 && known < 500 && !notOfCursor.has(known);
}
