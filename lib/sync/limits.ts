import { isTelling, type Observation } from '../governor/learn.ts';
import type { LimitTerms } from '../governor/state.ts';
import { spread } from '../retry/backoff.ts';
import { nothingSeen, rateLimitsSeen, type RateLimitSeen } from '../retry/rate-limit.ts';
import type { Slots } from './checkpoint.ts';
import type { Clock, Governor, VendorAnswer } from './ports.ts';
import type { Reading } from './read-answer.ts';
import type { ScopedLimit, Stream } from './settings.ts';
import type { Wait } from './step.ts';
import type { Work } from './work.ts';

/** All about the vendor's limit: a permit before each call, and what each answer says of the limit. */

/** A function may sleep this long in place of a re-drive; any longer wait is spent outside of it, where it costs nothing. */
export const maxSleepMs = 2000;

/** Requests a permit, and again after short waits, which are slept here. @param reserved the slots of earlier refusals */
export async function waitForPermit(reserved: Slots, work: Work): Promise<Wait | null> {
  const { deps, stream, signal } = work;
  let asks = stream.limits.map((limit, index) => ({ ...limit, slot: reserved[index] ?? null }));
  for (let sleepLeft = maxSleepMs; ;) {
    const now = deps.clock.now();
    const permit = await deps.governor.permit(asks, now);
    if (permit.granted) return null;
    const { scope, slot, why } = permit;
    asks = asks.map((ask) => (ask.scope === scope ? { ...ask, slot } : ask));
    const wait = Math.max(1, permit.at - now);
    if (wait > sleepLeft) {
      // Slots are spread by themselves; pages that the vendor gave the same moment are not.
      const until = why === 'closed' ? now + spread(wait, deps.random) : permit.at;
      return { until, slots: asks.map((ask) => ask.slot), reason: reasons[why](scope) };
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
  readonly stream: Pick<Stream, 'limits'>;
}

/** What the answer names holds for all who share the limit, and the governor learns what the answer says of the limit. */
export async function tellGovernor(answer: VendorAnswer, reading: Reading, work: Shared): Promise<void> {
  if (answer.kind !== 'answered') return;
  const { governor, clock } = work.deps;
  const now = clock.now();
  const refused = isLimited(reading);
  const named = namedIn(reading);
  const said = saidOf(work.stream.limits, rateLimitsSeen(answer.headers, answer.receivedAt));
  const [met, ...others] = metBy(said);
  // First, and by itself: it must not wait for what can be learned.
  if (named !== null || refused) {
    await governor.close(met.scope, now + (named ?? minPauseMs));
    // What the answer asks for is the longest wait of all; of the wider limit what it says of that.
    for (const { scope, seen } of others) await governor.close(scope, seen[0]?.window?.resetAt ?? now);
  }
  // An answer that only says "not now" says when to come back, and not how the vendor counts.
  if (reading.kind === 'transient' && !refused) return;
  for (const { scope, terms, seen } of said) {
    const isRefused = refused && scope === met.scope;
    const until = isRefused && named !== null ? now + named : null;
    const [first = nothingSeen] = seen;
    const observed: Observation = { at: now, refused: isRefused, until, ...first };
    if (isTelling(observed)) await governor.learn(scope, terms, observed);
  }
}

/** A limit scope, and what an answer says of its limits: first of that which is reset first. */
interface Said extends ScopedLimit {
  readonly seen: readonly RateLimitSeen[];
}

/** An answer speaks of the limit whose figure it names; where there is none, or more than one, of the narrowest. */
function saidOf(limits: Stream['limits'], seen: readonly RateLimitSeen[]): readonly [Said, ...Said[]] {
  const saidBy = ({ limit }: RateLimitSeen): ScopedLimit => {
    const meant = limits.filter(({ terms }) => limit !== null && figuresIn(terms).includes(limit));
    return meant.length === 1 && meant[0] !== undefined ? meant[0] : limits[0];
  };
  const [own, ...wider] = limits;
  const withSeen = (scoped: ScopedLimit): Said => ({
    ...scoped,
    seen: seen.filter((one) => saidBy(one) === scoped).map((one) => withSpan(one, scoped.terms)),
  });
  return [withSeen(own), ...wider.map(withSeen)];
}

function figuresIn({ published, chosen, spans = [] }: LimitTerms): readonly (number | null)[] {
  return [published, chosen, ...spans.map(({ requests }) => requests)];
}

/** A figure that is known to be one of a longer or shorter span is none of a minute. */
function withSpan(seen: RateLimitSeen, { published, chosen, spans = [] }: LimitTerms): RateLimitSeen {
  if (seen.windowMs !== null || seen.limit === published || seen.limit === chosen) return seen;
  const span = spans.find(({ requests }) => requests === seen.limit);
  return span === undefined ? seen : { ...seen, windowMs: span.ms };
}

/** The limits that an answer says were met: those of which nothing is left, or that are named at all; else the narrowest. */
function metBy(said: readonly [Said, ...Said[]]): readonly [Said, ...Said[]] {
  const isOf = (fits: (seen: RateLimitSeen) => boolean): readonly Said[] =>
    said.filter(({ seen }) => seen.some(fits));
  const usedUp = isOf(({ remaining }) => remaining === 0);
  const named = isOf(({ limit, remaining }) => limit !== null && remaining === null);
  const [first = said[0], ...others] = usedUp.length > 0 ? usedUp : named;
  return [first, ...others];
}

function namedIn(reading: Reading): number | null {
  return reading.kind === 'transient' ? reading.namedWait : reading.closeFor;
}

function isLimited(reading: Reading): boolean {
  return reading.kind === 'transient' && reading.failure === 'throttled';
}
