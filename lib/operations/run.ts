import { connectionOf } from '../connectors/stream-name.ts';
import { newCheckpoint, type Checkpoint } from '../sync/checkpoint.ts';
import type { Breakers, Checkpoints, Clock, PageQueue } from '../sync/ports.ts';
import { dueCheckpoint } from '../sync/transitions/person.ts';
import { opened, resumed } from '../sync/transitions/run.ts';
import { unparked } from '../sync/transitions/watchdog.ts';
import { leftAlone, notDone, type Done } from './done.ts';
import { haltInWords, positionInWords } from './words.ts';

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
  { now, newRun, byTick }: { readonly now: number; readonly newRun: string; readonly byTick: boolean },
): RunDecision {
  const { state, lease, retryAt } = checkpoint;
  switch (state) {
    case 'idle':
      return { kind: 'go', next: opened(checkpoint, newRun, now) };
    case 'exhausted':
      return { kind: 'go', next: resumed(checkpoint, now) };
    case 'running':
    case 'parked': {
      if (lease !== null && lease.until > now) return { kind: 'leave' };
      if (retryAt !== null && retryAt > now) return { kind: 'wait', until: retryAt };
      const carried = state === 'running' && !byTick;
      return carried ? { kind: 'leave' } : { kind: 'go', next: unparked(checkpoint, now) };
    }
    case 'halted':
    case 'paused':
      return { kind: 'stands still' };
  }
}

/**
 * Lets a stream run now. Its page goes by a message, as the watchdog sends one; where there is no queue the run is left due,
 * and the next tick takes it up. Harmless when repeated.
 */
export async function runStream(
  { name, byTick }: { readonly name: string; readonly byTick: (checkpoint: Checkpoint) => boolean },
  ports: RunPorts,
): Promise<Done> {
  const { checkpoints, breakers, queue, clock, newId } = ports;
  const connection = connectionOf(name);
  if ((await breakers.read(connection)).state === 'open') {
    return notDone(
      name,
      `${name} is not started: the vendor refused the key of ${connection}; change it, or resume ${connection}.`,
    );
  }
  const newRun = newId();
  for (;;) {
    const checkpoint = (await checkpoints.read(name)) ?? newCheckpoint(name);
    const now = clock.now();
    const decision = decideRun(checkpoint, { now, newRun, byTick: byTick(checkpoint) });
    if (decision.kind !== 'go') return notStarted(checkpoint, decision);
    const next = queue === null ? dueCheckpoint(decision.next, now) : decision.next;
    const stored = await checkpoints.replace(next);
    if (stored === undefined) continue;
    const { run, sequence } = stored;
    if (queue !== null && run !== null) await queue.send({ v: 1, stream: name, run, sequence }, 0);
    return { target: name, changed: true, sentence: started(checkpoint, queue !== null) };
  }
}

function started({ stream, run, position }: Checkpoint, now: boolean): string {
  const when = now ? 'now' : 'with the next npm start';
  return run === null || position === null
    ? `${stream} starts ${when}.`
    : `${stream} goes on ${when}, at ${positionInWords(position)}.`;
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
