import { connectionOf } from '../connectors/stream-name.ts';
import type { Breaker } from '../sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../sync/checkpoint.ts';
import type { Breakers, Checkpoints, Clock, PageQueue } from '../sync/ports.ts';
import { dueCheckpoint, resumedByPerson } from '../sync/transitions/person.ts';
import { continued, opened, resumed } from '../sync/transitions/run.ts';
import { unparked } from '../sync/transitions/watchdog.ts';
import { comingInWords, comingTry } from './coming-try.ts';
import { waitsForKey } from '../sync/watch.ts';
import { leftAlone, notDone, type Done } from './done.ts';
import { haltInWords, ofDeployments, positionInWords, startCommand, whenDue } from './words.ts';

export interface RunPorts {
  readonly checkpoints: Checkpoints;
  readonly breakers: Pick<Breakers, 'read'>;
  /** What carries a page there now; null where nothing does, as on a laptop on which `npm start` does not run. */
  readonly queue: PageQueue | null;
  readonly clock: Pick<Clock, 'now'>;
  /** Unique each time. */
  readonly newId: () => string;
}

export type RunDecision =
  /** `next` is to be stored, and then a message sent for it. */
  | { readonly kind: 'go'; readonly next: Checkpoint }
  /** It is under way already, by its messages or the watchdog. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'stands still' };

/**
 * What a tick would do now, without counting as one. Pure. What is halted or paused stays so, and no wait that the vendor
 * named is cut short.
 *
 * @param byTick the run goes from page to page by its ticks: then this is one more
 */
export function decideRun(
  checkpoint: Checkpoint,
  {
    now,
    newRun,
    byTick,
    breaker,
  }: {
    readonly now: number;
    readonly newRun: string;
    readonly byTick: boolean;
    readonly breaker: Breaker['state'];
  },
): RunDecision {
  const { state, lease, retryAt } = checkpoint;
  switch (state) {
    case 'idle':
      return { kind: 'go', next: opened(checkpoint, newRun, now) };
    case 'exhausted':
      // Its probe is under way.
      return lease !== null && lease.until > now
        ? { kind: 'leave' }
        : { kind: 'go', next: resumed(checkpoint, now) };
    case 'running':
    case 'parked': {
      if (lease !== null && lease.until > now) return { kind: 'leave' };
      if (retryAt !== null && retryAt > now) return { kind: 'wait', until: retryAt };
      const carried = state === 'running' && !byTick;
      return carried ? { kind: 'leave' } : { kind: 'go', next: unparked(checkpoint, now) };
    }
    case 'halted':
      // A halt for the key is the connection's, and that has been resumed or has another key.
      return waitsForKey(checkpoint) && breaker !== 'open'
        ? { kind: 'go', next: { ...continued(checkpoint, newRun, now), reason: resumedByPerson } }
        : { kind: 'stands still' };
    case 'paused':
      return { kind: 'stands still' };
  }
}

/**
 * Lets a stream run now. Its page goes by a message, as the watchdog sends one; where there is no queue, or the message could
 * not be sent, the run is left due, and the next tick or the watchdog takes it up. Harmless when repeated.
 */
export async function runStream(
  { name, byTick }: { readonly name: string; readonly byTick: (checkpoint: Checkpoint) => boolean },
  ports: RunPorts,
): Promise<Done> {
  const { checkpoints, breakers, queue, clock, newId } = ports;
  const connection = connectionOf(name);
  const breaker = await breakers.read(connection);
  if (breaker.state === 'open') {
    return notDone(
      name,
      `${name} is not started: the vendor refused the key of ${connection}; change it, or resume ${connection}.`,
    );
  }
  const newRun = newId();
  for (;;) {
    const checkpoint = (await checkpoints.read(name)) ?? newCheckpoint(name);
    const now = clock.now();
    const known = { now, newRun, byTick: byTick(checkpoint), breaker: breaker.state };
    const decision = decideRun(checkpoint, known);
    const coming = comingTry(checkpoint, breaker, { now, watched: true });
    if (decision.kind === 'leave' && coming !== null)
      return leftAlone(name, `${name} is under way already: ${comingInWords(coming, ofDeployments)}.`);
    if (decision.kind !== 'go') return notStarted(checkpoint, decision);
    const next = queue === null ? dueCheckpoint(decision.next, now) : decision.next;
    const stored = await checkpoints.replace(next);
    if (stored === undefined) continue;
    if (queue === null) return started(checkpoint, `with the next ${startCommand}`);
    const failure = await sendFor(stored, queue);
    if (failure === null) return started(checkpoint, 'now');
    // Running without a message, it would stand still until the watchdog took it for stranded.
    const left = await checkpoints.replace(dueCheckpoint(stored, clock.now()));
    // Something has moved it on, so the message has come through and only its answer was lost.
    if (left === undefined) return started(checkpoint, 'now');
    return started(checkpoint, `${whenDue(ofDeployments)} (its message could not be sent: ${failure})`);
  }
}

/** @returns the name of what went wrong, or null */
async function sendFor({ stream, run, sequence }: Checkpoint, queue: PageQueue): Promise<string | null> {
  if (run === null) return null;
  try {
    await queue.send({ v: 1, stream, run, sequence }, 0);
    return null;
  } catch (error) {
    return error instanceof Error ? error.name : 'no reason given';
  }
}

function started({ stream, run, position }: Checkpoint, when: string): Done {
  const sentence =
    run === null || position === null
      ? `${stream} starts ${when}.`
      : `${stream} goes on ${when}, at ${positionInWords(position)}.`;
  return { target: stream, changed: true, sentence };
}

function notStarted(checkpoint: Checkpoint, decision: Exclude<RunDecision, { kind: 'go' }>): Done {
  const { stream, state, reason } = checkpoint;
  switch (decision.kind) {
    case 'leave':
      return leftAlone(stream, `${stream} is under way already.`);
    case 'wait': {
      const why = reason === null ? '' : ` (${reason})`;
      const until = new Date(decision.until).toISOString();
      return notDone(stream, `${stream} has to wait until ${until}${why}, and goes on by itself then.`);
    }
    case 'stands still': {
      const why = state === 'paused' ? 'it is paused' : `it is halted: ${haltInWords(checkpoint)}`;
      return notDone(stream, `${stream} is not started, for ${why}; resume ${stream} first.`);
    }
  }
}
