import type { Checkpoint, Claimed } from './checkpoint.ts';
import type { PageMessage, PageRequest } from './message.ts';
import { isCarried, mayProbe, newOutage, proberOf, silenceMsOf, waitingFor, type Outage } from './outage.ts';
import { pageOutcomeOf, type PageOutcome } from './outcome.ts';
import type { Stream } from './settings.ts';
import { claimed, continued, isOpen, opened, ticked } from './transitions/run.ts';
import { exhausted, halted } from './transitions/standstill.ts';

export type Claim =
  /** `next` is to be stored; the invocation that manages that holds the stream. */
  | { readonly kind: 'claim'; readonly next: Claimed }
  /** `next` is to be stored and ends the matter: there is nothing more to try. */
  | { readonly kind: 'end'; readonly next: Checkpoint }
  | {
      readonly kind: 'decline';
      readonly outcome: Exclude<PageOutcome, 'fetched' | 'deferred'>;
      readonly reason: string;
      /** When a message is to try again; null if it is not. */
      readonly until: number | null;
    };

export interface ClaimContext {
  readonly stream: Stream;
  readonly now: number;
  /** Of the invocation. */
  readonly holder: string;
  /** For a run that this claim may open. */
  readonly newRun: string;
  /** Hash of the stream's definition as it is now. */
  readonly definition: string;
  /** Of its limit scope; null where it has not been read, for the stream is not exhausted. */
  readonly outage: Outage | null;
}

/** Whether this invocation may take the stream's next page, decided from what is stored alone. */
export function decideClaim(request: PageRequest, checkpoint: Checkpoint, context: ClaimContext): Claim {
  return request.kind === 'tick'
    ? decideTick(request.scheduledAt, checkpoint, context)
    : decideMessage(request.message, checkpoint, context);
}

function decideTick(scheduledAt: number, stored: Checkpoint, context: ClaimContext): Claim {
  const { now } = context;
  // Scheduler delivers at least once, and Lambda's asynchronous queue may do so again, and late.
  if (stored.lastTick !== null && scheduledAt <= stored.lastTick) {
    return decline('stale', 'this tick has been acted on');
  }
  const checkpoint = ticked(stored, scheduledAt);
  switch (stored.state) {
    case 'idle':
      return take(opened(checkpoint, context.newRun, now), context);
    case 'exhausted': {
      const { stream, outage } = context;
      // The probe of its limit scope asks, unless there is none.
      return outage !== null && isCarried(outage, silenceMsOf(stream), now)
        ? decline('refused', waitingFor(stream))
        : (notYet(stored, now, 'keep') ?? take(checkpoint, context));
    }
    case 'running':
    case 'parked':
      // A message, or the watchdog, carries it already; the tick goes on with it only where it stands free.
      return notYet(stored, now, 'keep') ?? take(checkpoint, context);
    case 'paused':
      return decline('stale', 'the stream is paused');
    case 'halted':
      if (stored.halt !== null && stillHalted(stored.halt, context)) {
        return decline(pageOutcomeOf(stored.halt.outcome), stored.reason ?? 'the stream is halted');
      }
      return take(continued(checkpoint, context.newRun, now), context);
  }
}

function decideMessage(message: PageMessage, stored: Checkpoint, context: ClaimContext): Claim {
  if (stored.run !== message.run || stored.sequence !== message.sequence) {
    return decline('stale', 'the run has moved on');
  }
  if (stored.state === 'exhausted') {
    return notYet(stored, context.now, 'redrive') ?? decideProbe(stored, context);
  }
  if (stored.state !== 'running') return decline('stale', `the stream is ${stored.state}`);
  return notYet(stored, context.now, 'redrive') ?? take(stored, context);
}

function decideProbe(stored: Checkpoint, context: ClaimContext): Claim {
  const { stream, now } = context;
  const turn = mayProbe(context.outage ?? newOutage(stream.limitScope), proberOf(stream), now);
  switch (turn.kind) {
    case 'now':
      return take(stored, context);
    case 'wait':
      return decline('refused', waitingFor(stream), turn.until);
    case 'another':
      return decline('stale', waitingFor(stream));
  }
}

function notYet(stored: Checkpoint, now: number, waiting: 'redrive' | 'keep'): Claim | null {
  const until = (at: number): number | null => (waiting === 'redrive' ? at : null);
  if (stored.lease !== null && stored.lease.until > now) {
    return decline('busy', 'another invocation holds the stream', until(stored.lease.until));
  }
  if (stored.retryAt !== null && stored.retryAt > now) {
    return decline('refused', stored.reason ?? 'it is too early', until(stored.retryAt));
  }
  return null;
}

/** A halt for 401 is the breaker's to end, and an invocation that gets here has passed the breaker. */
function stillHalted(halt: NonNullable<Checkpoint['halt']>, context: ClaimContext): boolean {
  return halt.outcome !== 'unauthorized' && halt.definition === context.definition;
}

function take(checkpoint: Checkpoint, context: ClaimContext): Claim {
  const { stream, now, holder } = context;
  const { attemptCap } = stream.settings;
  // One that is exhausted already is taken to probe.
  if (checkpoint.state !== 'exhausted' && checkpoint.attempt >= attemptCap) {
    const reason = `${checkpoint.attempt} tries in a row ended without a result`;
    const last = { trouble: 'exhausted', status: checkpoint.lastStatus, reason } as const;
    return { kind: 'end', next: exhausted(checkpoint, last, now) };
  }
  const overspent = whyRunaway(checkpoint, stream.settings, now);
  if (overspent !== null) {
    const { definition } = context;
    const halt = {
      outcome: 'runaway',
      definition,
      status: checkpoint.lastStatus,
      reason: overspent,
    } as const;
    return { kind: 'end', next: halted(checkpoint, halt, now) };
  }
  const open = isOpen(checkpoint) ? checkpoint : opened(checkpoint, context.newRun, now);
  return { kind: 'claim', next: claimed(open, holder, now + stream.leaseMs, now) };
}

/** What of its budgets the run has spent; null if it may go on. */
function whyRunaway(
  { progress, position, waitingSince }: Checkpoint,
  { pageBudget, timeBudgetHours }: Stream['settings'],
  now: number,
): string | null {
  // A run that sweeps has been through, and requests nothing of the vendor.
  if (progress === null || position?.kind === 'sweep') return null;
  if (progress.pages >= pageBudget) return `the run's budget of ${pageBudget} pages is spent`;
  const workedMs = (waitingSince ?? now) - progress.startedAt - progress.waitedMs;
  return workedMs >= timeBudgetHours * 3_600_000
    ? `the run's budget of ${timeBudgetHours} hours of work is spent`
    : null;
}

type Declined = Extract<Claim, { kind: 'decline' }>;

function decline(outcome: Declined['outcome'], reason: string, until: number | null = null): Declined {
  return { kind: 'decline', outcome, reason, until };
}
