import { isTelling, type Observation } from '../governor/learn.ts';
import { spread } from '../retry/backoff.ts';
import { rateLimitSeen } from '../retry/rate-limit.ts';
import type { Clock, Governor, VendorAnswer } from './ports.ts';
import type { Reading } from './read-answer.ts';
import type { Stream } from './settings.ts';
import type { Wait } from './step.ts';
import type { Work } from './work.ts';

/** All about the vendor's limit: a permit before each call, and what each answer says of the limit. */

/** A function may sleep this long in place of a re-drive; any longer wait is spent outside of it, where it costs nothing. */
export const maxSleepMs = 2000;

/** Requests a permit, and again after short waits, which are slept here. @param reserved the slot of an earlier refusal */
export async function waitForPermit(reserved: number | null, work: Work): Promise<Wait | null> {
  const { deps, stream, signal } = work;
  const { limitScope, limit: terms } = stream;
  let slot = reserved;
  for (let sleepLeft = maxSleepMs; ;) {
    const now = deps.clock.now();
    const permit = await deps.governor.permit(limitScope, { now, terms, slot });
    if (permit.granted) return null;
    slot = permit.slot;
    const wait = Math.max(1, permit.at - now);
    if (wait > sleepLeft) {
      // Slots are spread by themselves; pages that the vendor gave the same moment are not.
      const until = permit.why === 'closed' ? now + spread(wait, deps.random) : permit.at;
      return { until, slot, reason: reasons[permit.why](limitScope) };
    }
    await deps.clock.sleep(wait, signal);
    sleepLeft -= wait;
  }
}

const reasons = {
  closed: (limitScope: string) => `the limit of ${limitScope} is closed`,
  paced: (limitScope: string) => `the limit of ${limitScope} is in use until then`,
  contended: (limitScope: string) => `too many calls request the limit of ${limitScope} at once`,
};

/** So long all pages stay away after a 429 that names no time, at the least. */
const minPauseMs = 1000;

/** As much of the work as the limit is concerned with. */
interface Shared {
  readonly deps: { readonly governor: Governor; readonly clock: Pick<Clock, 'now'> };
  readonly stream: Pick<Stream, 'limitScope' | 'limit'>;
}

/** What the answer names holds for all who share the limit, and the governor learns what the answer says of the limit. */
export async function tellGovernor(answer: VendorAnswer, reading: Reading, work: Shared): Promise<void> {
  if (answer.kind !== 'answered') return;
  const { governor, clock } = work.deps;
  const { limitScope, limit } = work.stream;
  const now = clock.now();
  const refused = isLimited(reading);
  const named = namedIn(reading);
  // First, and by itself: it must not wait for what can be learned.
  if (named !== null || refused) await governor.close(limitScope, now + (named ?? minPauseMs));
  // An answer that only says "not now" says when to come back, and not how the vendor counts.
  if (reading.kind === 'transient' && !refused) return;
  const until = named === null ? null : now + named;
  const seen: Observation = { at: now, refused, until, ...rateLimitSeen(answer.headers, answer.receivedAt) };
  if (isTelling(seen)) await governor.learn(limitScope, limit, seen);
}

function namedIn(reading: Reading): number | null {
  return reading.kind === 'transient' ? reading.namedWait : reading.closeFor;
}

function isLimited(reading: Reading): boolean {
  return reading.kind === 'transient' && reading.failure === 'throttled';
}
