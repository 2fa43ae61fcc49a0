import { walkOf, type Position } from '../paging/position.ts';
import type { Totals } from '../paging/totals.ts';
import { backoff, spread } from '../retry/backoff.ts';
import type { Checkpoint, Claimed, Slots } from './checkpoint.ts';
import type { Context } from './context.ts';
import { definitionHash } from './definition-hash.ts';
import { pageOutcomeOf, type HaltOutcome, type PageOutcome } from './outcome.ts';
import { afterTooLong } from './page-size.ts';
import type { Reading } from './read-answer.ts';
import type { Stream } from './settings.ts';
import { drifted } from './transitions/end.ts';
import { steppedBack, withSmallerPages, type Carrier, type Counts } from './transitions/page.ts';
import { failed, halted, haltedForGood, refused } from './transitions/standstill.ts';

/** What one page comes to, decided and not done yet: `commit` stores it, sends for what comes next and reports it. */
export interface Step {
  /** Pure. Where another writer has changed what is stored, it is applied again to what is stored then. */
  readonly change: (claimed: Claimed, now: number) => Checkpoint;
  readonly outcome: PageOutcome;
  /** Scrubbed, for people. */
  readonly reason: string | null;
  /** Of the vendor's answer; null without one. */
  readonly status: number | null;
  /** Sent to the vendor. */
  readonly requests: 0 | 1;
  /** The vendor said to come later (429, 503); absent if it did not. */
  readonly isToldLater?: true;
  /** Of the rows that were stored; absent if none were. */
  readonly counts?: Counts;
  /** Records that became tombstones; absent if none did. */
  readonly deleted?: number;
  /** `continue`: a run that is still open goes on with its next page. `redrive`: this page comes back. `none`: neither. */
  readonly next: 'continue' | 'redrive' | 'none';
}

/**
 * What carries an open run on. Between the ticks of a `nextTick` stream there is no message while all goes well; but a sweep
 * requests nothing of the vendor, and to wait a tick for each part of it would only make the run older; and a file that is being
 * written may be gone by the next tick.
 */
export function continuedBy({ settings }: Stream, position: Position | null): Carrier {
  const waitsForTick = position?.kind !== 'sweep' && walkOf(position)?.kind !== 'file';
  return waitsForTick && settings.continuation === 'nextTick' ? 'tick' : 'message';
}

/** So often may a run step back, and once more for every four pages; a list whose rows go faster cannot be walked. */
const maxSetbacks = 20;
/** And so often begin anew, which costs the whole walk. */
const maxRestarts = 1;

/** Where the walk continues; the page that led there does not count. */
export interface Back {
  /** An earlier place, or the beginning (null). */
  readonly position: Position | null;
  readonly reason: string;
  /** No row has moved: the walk tries out what the vendor means by an offset. */
  readonly isTrial?: boolean;
  /** What is known of the vendor's totals with the page; absent where nothing came. */
  readonly totals?: Totals;
}

/** @param status of the answer; null where nothing was requested, for something of ours that the page needs has been forgotten */
export function stepBack(
  { position, reason, isTrial = false, totals }: Back,
  status: number | null,
  claimed: Claimed,
  { stream }: Context,
): Step {
  const { setbacks, pages } = claimed.progress;
  const kind = walkOf(claimed.position)?.kind;
  const isByOffset = kind === 'offset' || kind === 'steps';
  const max = isByOffset ? maxSetbacks + Math.floor(pages / 4) : maxRestarts;
  const hopeless = !isTrial && setbacks >= max;
  const found = { status, reason };
  const by = continuedBy(stream, position);
  return {
    change: (checkpoint, now) =>
      hopeless
        ? drifted(checkpoint, found, now)
        : steppedBack(checkpoint, { ...found, isTrial, position, by, ...(totals && { totals }) }, now),
    ...{ outcome: 'fetched', reason, status, requests: status === null ? 0 : 1, next: 'continue' },
  };
}

type Transient = Extract<Reading, { kind: 'transient' }>;

/** Later; where the attempts are spent, or another one would only come to the same, as a probe of the limit scope. */
export function defer(reading: Transient, claimed: Claimed, { stream, now, random }: Context): Step {
  const { status, namedWait } = reading;
  const tooLong = reading.isTooLong === true ? afterTooLong(claimed, stream) : null;
  const smaller = tooLong?.smaller;
  const reason = tooLong === null ? reading.reason : `${reading.reason}; ${tooLong.advice}`;
  const { attempt: tried } = claimed;
  const { attemptCap } = stream.settings;
  // Probes are tries beyond the cap, and their pauses are those of the outage.
  const own = backoff(Math.min(tried, attemptCap), random);
  const wait = namedWait === null ? own : Math.max(own, spread(namedWait, random));
  const isSpent = tried >= attemptCap || tooLong?.isTriedAgain === false;
  const trouble = reading.failure === 'malformed' ? 'malformed' : 'exhausted';
  return {
    change: (stored) => {
      const checkpoint = smaller === undefined ? stored : withSmallerPages(stored, smaller);
      return failed(checkpoint, { tried, isSpent, trouble, status, reason, retryAt: now + wait }, now);
    },
    ...{ outcome: 'deferred', reason, status, requests: 1, next: 'redrive' },
    ...((reading.failure === 'throttled' || status === 503) && { isToldLater: true }),
  };
}

/** The page was not requested, and its attempt is given back. @property slots what the governor reserved for it, if it did */
export interface Wait {
  readonly until: number;
  readonly reason: string;
  readonly slots: Slots;
}

/** @param requests that were made for its access token */
export function giveBack({ until, reason, slots }: Wait, requests: 0 | 1 = 0): Step {
  return {
    change: (checkpoint, now) => refused(checkpoint, { retryAt: until, reason, slots }, now),
    ...{ outcome: 'refused', reason, status: null, requests, next: 'redrive' },
  };
}

export interface Found {
  readonly status: number | null;
  readonly reason: string;
  /** Once it is fixed, the run could not go on where it stands. */
  readonly isDeadEnd?: boolean;
  /** Of rows that were stored all the same. */
  readonly counts?: Counts;
  readonly requests?: 0 | 1;
}

/** No page before a person has fixed it. */
export function halt(outcome: HaltOutcome, found: Found, { stream }: Pick<Context, 'stream'>): Step {
  const { status, reason, isDeadEnd = false, counts, requests = 1 } = found;
  const why = { outcome, definition: definitionHash(stream), status, reason };
  return {
    change: (checkpoint, now) => (isDeadEnd ? haltedForGood : halted)(checkpoint, why, now),
    ...{ outcome: pageOutcomeOf(outcome), reason, status, requests, next: 'none' },
    ...(counts && { counts }),
  };
}
