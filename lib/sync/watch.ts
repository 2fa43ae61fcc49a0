import { halfOpenedBreaker, type Breaker } from './breaker.ts';
import { newCheckpoint, type Checkpoint } from './checkpoint.ts';
import { changeBreaker } from './compare-and-swap.ts';
import { definitionHash } from './definition-hash.ts';
import { gaugesOfConnection, gaugesOfStream, type Measurements } from './gauges.ts';
import type { Breakers, Checkpoints, Clock, PageQueue } from './ports.ts';
import type { Stream } from './settings.ts';
import { opened, resumed } from './transitions.ts';

/**
 * The watchdog: revives what no message carries any more, starts what missed its tick, lets credentials be tried again
 * once the secret has changed, and publishes every stored state as gauges.
 */

export interface WatchedConnection {
  readonly name: string;
  readonly streams: readonly Stream[];
  readonly queue: PageQueue;
  /** The version of the secret that is current now, undefined if it has no value; the value is not read. */
  secretVersion(): Promise<string | undefined>;
}

export interface WatchDependencies {
  readonly connections: readonly WatchedConnection[];
  readonly checkpoints: Checkpoints;
  readonly breakers: Breakers;
  readonly measurements: Measurements;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** What was set going again, and why. */
export interface Revival {
  readonly stream: string;
  readonly reason: 'stranded' | 'parked' | 'missed tick' | 'mended';
}

/** @throws AggregateError when a connection could not be looked after; the others have been all the same */
export async function watch(deps: WatchDependencies): Promise<readonly Revival[]> {
  const results = await Promise.allSettled(
    deps.connections.map((connection) => watchConnection(connection, deps)),
  );
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw new AggregateError(failures, 'Some connections could not be watched');
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

async function watchConnection(connection: WatchedConnection, deps: WatchDependencies): Promise<Revival[]> {
  const breaker = await mend(connection, deps);
  deps.measurements.connection(connection.name, gaugesOfConnection(breaker));
  const stored = await deps.checkpoints.readAll(connection.streams.map(({ name }) => name));
  const now = deps.clock.now();
  const prober = chooseProber(breaker, [...stored.values()], now);
  const revivals: Revival[] = [];
  for (const stream of connection.streams) {
    const checkpoint = stored.get(stream.name) ?? newCheckpoint(stream.name);
    const context = {
      stream,
      now,
      newRun: deps.newId(),
      credentials: credentialsFor(stream, breaker, prober),
    };
    const decision = decideRevival(checkpoint, context);
    let current = checkpoint;
    if (decision !== null) {
      const next = await deps.checkpoints.replace(decision.next);
      // Somebody was faster: then the stream is not as dead as it looked.
      if (next?.run != null) {
        const message = { v: 1, stream: next.stream, run: next.run, sequence: next.sequence } as const;
        await connection.queue.send(message, 0);
        revivals.push({ stream: stream.name, reason: decision.reason });
        current = next;
      }
    }
    deps.measurements.stream(stream.name, gaugesOfStream(current));
  }
  return revivals;
}

/** A new version of the secret earns its connection one probing page. */
async function mend(connection: WatchedConnection, { breakers }: WatchDependencies): Promise<Breaker> {
  const breaker = await breakers.read(connection.name);
  if (breaker.state !== 'open') return breaker;
  const version = await connection.secretVersion();
  const changed = await changeBreaker(breakers, connection.name, (current) =>
    version === undefined || current.secretVersion === version ? null : halfOpenedBreaker(current),
  );
  return changed.breaker;
}

/** The page that tries the credentials: of a stream that has been through before, if there is one. */
function chooseProber(breaker: Breaker, checkpoints: readonly Checkpoint[], now: number): string | null {
  const underWay = breaker.probe !== null && breaker.probe.until > now;
  if (breaker.state !== 'half-open' || underWay) return null;
  const halted = checkpoints.filter(isUnauthorized);
  const proven = halted.find(({ completedAt }) => completedAt !== null);
  return (proven ?? halted[0])?.stream ?? null;
}

type Credentials = 'good' | 'to be tried' | 'in doubt';

function credentialsFor(stream: Stream, breaker: Breaker, prober: string | null): Credentials {
  if (breaker.state === 'closed') return 'good';
  return stream.name === prober ? 'to be tried' : 'in doubt';
}

function isUnauthorized({ state, halt }: Checkpoint): boolean {
  return state === 'halted' && halt?.outcome === 'unauthorized';
}

/** A message may be invisible for the queue's time-out, and a minute more covers what SQS and clocks add. */
const silenceMarginMs = 60_000;

/** Pure: what to store for a stream that has to be set going again, or null if it is to be left alone. */
export function decideRevival(
  checkpoint: Checkpoint,
  context: {
    readonly stream: Stream;
    readonly now: number;
    readonly newRun: string;
    readonly credentials: Credentials;
  },
): { readonly next: Checkpoint; readonly reason: Revival['reason'] } | null {
  const { stream, now, newRun, credentials } = context;
  const goOn = (): Checkpoint =>
    checkpoint.run === null ? opened(checkpoint, newRun, now) : resumed(checkpoint, now);
  if (isUnauthorized(checkpoint)) {
    return credentials === 'in doubt' ? null : { next: goOn(), reason: 'mended' };
  }
  // Whatever goes on now would only be told to wait for the probe.
  if (credentials !== 'good') return null;
  switch (checkpoint.state) {
    case 'running': {
      const { lease, retryAt, movedAt } = checkpoint;
      const quietSince = Math.max(lease?.until ?? 0, retryAt ?? 0, movedAt);
      const stranded = now >= quietSince + stream.visibilityMs + silenceMarginMs;
      // Between its ticks nothing carries a nextTick stream, and that is as it should be.
      const carried = stream.settings.continuation === 'queue' || missedTick(checkpoint, stream, now);
      // Its attempts stay as they are: a page that kills its function must still come to the cap.
      return stranded && carried ? { next: { ...checkpoint, movedAt: now }, reason: 'stranded' } : null;
    }
    case 'parked':
      return checkpoint.retryAt !== null && checkpoint.retryAt <= now
        ? { next: { ...checkpoint, state: 'running', movedAt: now }, reason: 'parked' }
        : null;
    case 'idle':
      return missedTick(checkpoint, stream, now)
        ? { next: { ...opened(checkpoint, newRun, now), lastTick: now }, reason: 'missed tick' }
        : null;
    case 'halted':
      return checkpoint.halt !== null && checkpoint.halt.definition !== definitionHash(stream)
        ? { next: goOn(), reason: 'mended' }
        : null;
    case 'exhausted':
    case 'paused':
      return null;
  }
}

/** Overdue by half a gap. A stream that has never had a tick has missed none. */
function missedTick({ lastTick }: Checkpoint, { gapSeconds }: Stream, now: number): boolean {
  return lastTick !== null && now > lastTick + gapSeconds * 1000 * 1.5;
}
