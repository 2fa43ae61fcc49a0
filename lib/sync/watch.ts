import { halfOpenedBreaker, type Breaker } from './breaker.ts';
import { isHalted, newCheckpoint, type Checkpoint } from './checkpoint.ts';
import { changeBreaker } from './compare-and-swap.ts';
import { definitionHash } from './definition-hash.ts';
import { faultOf } from './fault.ts';
import { revivedProbe, silenceMsOf } from './outage.ts';
import type { Breakers, Checkpoints, Clock, Faults, Outages, PageQueue } from './ports.ts';
import { readStored } from './publish-troubles.ts';
import type { Stream } from './settings.ts';
import { continuedBy } from './step.ts';
import { troublesOf, type Measurements } from './troubles.ts';
import { continued, opened, ticked } from './transitions/run.ts';
import { firstSeen, unparked, unstranded } from './transitions/watchdog.ts';

/**
 * The watchdog: revives what no message carries any more, starts what missed its tick, lets credentials be tried again
 * once the secret has changed, and publishes what is wrong with each connection as a number.
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
  readonly outages: Outages;
  readonly measurements: Measurements;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** What was set going again, and why. */
export interface Revival {
  readonly stream: string;
  readonly reason: 'stranded' | 'parked' | 'missed tick' | 'fixed' | 'probe';
}

/** @throws AggregateError with what could not be looked after; everything else has been all the same */
export async function watch(deps: WatchDependencies): Promise<readonly Revival[]> {
  const failures: Error[] = [];
  const note = (what: string, cause: unknown): void => {
    failures.push(new Error(`${what} could not be watched: ${messageOf(cause)}`, { cause }));
  };
  const revivals = await Promise.all(
    deps.connections.map(async (connection) => {
      try {
        return await watchConnection(connection, deps, note);
      } catch (error) {
        note(connection.name, error);
        return [];
      }
    }),
  );
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be watched');
  return revivals.flat();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function watchConnection(
  connection: WatchedConnection,
  deps: WatchDependencies,
  note: (what: string, cause: unknown) => void,
): Promise<Revival[]> {
  const { name, streams } = connection;
  const readAt = deps.clock.now();
  const breaker = await halfOpenWithNewSecret(connection, deps);
  const now = deps.clock.now();
  // One item that cannot be understood must not hide the others.
  const unread = new Set<string>();
  const ofNewerVersion = new Set<string>();
  const stored = await readStored(streams, deps.checkpoints, (stream, { isNewer, error }) => {
    unread.add(stream);
    if (isNewer) {
      ofNewerVersion.add(stream);
      note(stream, error);
    } else deps.faults.note(stream, faultOf(error));
  });
  // As it was read, with the time before that: what others have changed since they have published with a later one. What is revived
  // below is no better until its page has been answered, and that publishes. Where a newer version wrote, who can read it publishes.
  if (ofNewerVersion.size === 0) {
    deps.measurements.troubles(name, troublesOf({ ...stored, breaker }, now), readAt);
  }
  const watched = streams
    .filter((stream) => !unread.has(stream.name))
    .map((stream): Watched => {
      const checkpoint = stored.checkpoints.get(stream.name) ?? newCheckpoint(stream.name);
      return { stream, checkpoint, newRun: deps.newId() };
    });
  const prober = chooseProber(breaker, watched, now);
  const revivals: Revival[] = [];
  for (const { stream, checkpoint, newRun } of watched) {
    try {
      const credentials = credentialsFor(stream, breaker, prober);
      const decision = decideRevival(checkpoint, { stream, now, newRun, credentials });
      const next =
        decision === null
          ? await noteSeen(checkpoint, now, deps)
          : await revive(decision.next, checkpoint, connection, deps);
      if (decision !== null && next !== checkpoint)
        revivals.push({ stream: stream.name, reason: decision.reason });
    } catch (error) {
      note(stream.name, error);
    }
  }
  // While the credentials are in doubt nobody calls but the page that tries them.
  if (breaker.state !== 'closed') return revivals;
  const waiting = watched.filter(({ checkpoint }) => checkpoint.state === 'exhausted');
  for (const scope of new Set(waiting.map(({ stream }) => stream.limitScope))) {
    try {
      const ofScope = waiting.filter(({ stream }) => stream.limitScope === scope);
      revivals.push(...(await reviveProbe(scope, ofScope, connection, deps)));
    } catch (error) {
      note(`the outage of ${scope}`, error);
    }
  }
  return revivals;
}

/** One page of each limit scope asks again as long as others wait for it. @param waiting at least one */
async function reviveProbe(
  limitScope: string,
  waiting: readonly Watched[],
  { name, queue }: WatchedConnection,
  { outages, clock }: WatchDependencies,
): Promise<Revival[]> {
  const silenceMs = Math.max(...waiting.map(({ stream }) => silenceMsOf(stream)));
  const names = waiting.map(({ stream }) => stream.name);
  const now = clock.now();
  const revived = revivedProbe(await outages.read(limitScope), name, names, silenceMs, now);
  // Where another writer was faster the next round sees what became of it.
  if (revived === null || (await outages.replace(revived.next)) === undefined) return [];
  const { stream, next } = revived;
  const { run, sequence } = waiting.find((one) => one.stream.name === stream)?.checkpoint ?? {};
  if (run == null || sequence === undefined) return [];
  await queue.send({ v: 1, stream, run, sequence }, Math.ceil((next.nextAt - now) / 1000));
  return [{ stream, reason: 'probe' }];
}

interface Watched {
  readonly stream: Stream;
  readonly checkpoint: Checkpoint;
  readonly newRun: string;
}

/** @returns what is stored now: if another writer was faster, the next round sees the stream */
async function noteSeen(
  checkpoint: Checkpoint,
  now: number,
  { checkpoints }: WatchDependencies,
): Promise<Checkpoint> {
  const seen = firstSeen(checkpoint, now);
  return (seen && (await checkpoints.replace(seen))) ?? checkpoint;
}

/** @returns what is stored now: if another writer was faster, the stream is not as dead as it looked, and it is left alone */
async function revive(
  next: Checkpoint,
  checkpoint: Checkpoint,
  { queue }: WatchedConnection,
  { checkpoints }: WatchDependencies,
): Promise<Checkpoint> {
  const stored = await checkpoints.replace(next);
  if (stored?.run == null) return checkpoint;
  const { stream, run, sequence } = stored;
  await queue.send({ v: 1, stream, run, sequence }, 0);
  return stored;
}

/** A new version of the secret earns its connection one probing page. */
async function halfOpenWithNewSecret(
  connection: WatchedConnection,
  { breakers }: WatchDependencies,
): Promise<Breaker> {
  const breaker = await breakers.read(connection.name);
  if (breaker.state !== 'open') return breaker;
  const version = await connection.secretVersion();
  const changed = await changeBreaker(breakers, connection.name, (current) =>
    version === undefined || current.secretVersion === version ? null : halfOpenedBreaker(current),
  );
  return changed.breaker;
}

/**
 * The stream whose page tries the credentials: one that a 401 halted, best one that has been through before; failing that
 * any that stands still, for otherwise nothing would ever try them.
 */
function chooseProber(breaker: Breaker, watched: readonly Watched[], now: number): string | null {
  const underWay = breaker.probe !== null && breaker.probe.until > now;
  if (breaker.state !== 'half-open' || underWay) return null;
  const halted = firstToTry(
    watched.map(({ checkpoint }) => checkpoint),
    breaker,
  );
  const still = watched.find(
    ({ stream, checkpoint, newRun }) =>
      decideRevival(checkpoint, { stream, now, newRun, credentials: 'to be tried' }) !== null,
  );
  return halted?.stream ?? still?.stream.name ?? null;
}

/** Pure: whose page tries the credentials best; undefined where no stream is halted for them. */
export function firstToTry(checkpoints: readonly Checkpoint[], breaker: Breaker): Checkpoint | undefined {
  const halted = checkpoints
    .filter(waitsForKey)
    // The stream that met the 401 comes last: it may lack a permission that the others have. One that sweeps would not call at all.
    .sort((a, b) => lateness(a, breaker) - lateness(b, breaker));
  return halted.find(({ completedAt }) => completedAt !== null) ?? halted[0];
}

function lateness({ stream, position }: Checkpoint, { openedBy }: Breaker): number {
  return (position?.kind === 'sweep' ? 2 : 0) + (stream === openedBy ? 1 : 0);
}

type Credentials = 'good' | 'to be tried' | 'in doubt';

function credentialsFor(stream: Stream, breaker: Breaker, prober: string | null): Credentials {
  if (breaker.state === 'closed') return 'good';
  return stream.name === prober ? 'to be tried' : 'in doubt';
}

/** Halted until the credentials of its connection are tried again. */
export function waitsForKey(checkpoint: Checkpoint): boolean {
  return isHalted(checkpoint) && checkpoint.halt.outcome === 'unauthorized';
}

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
  const next = continued(checkpoint, newRun, now);
  // A page that continued now would only have to wait for the probe.
  if (credentials === 'in doubt') return null;
  if (waitsForKey(checkpoint)) return { next, reason: 'fixed' };
  switch (checkpoint.state) {
    case 'running': {
      const { lease, retryAt, movedAt } = checkpoint;
      const quietSince = Math.max(lease?.until ?? 0, retryAt ?? 0, movedAt);
      const stranded = now >= quietSince + silenceMsOf(stream);
      // Between its ticks nothing carries a nextTick stream, and that is as it should be.
      const byTick = continuedBy(stream, checkpoint.position) === 'tick';
      const carried = !byTick || missedTick(checkpoint, stream, now);
      if (!stranded || !carried) return null;
      const lastTick = byTick ? now : checkpoint.lastTick;
      return { next: unstranded(checkpoint, lastTick, now), reason: 'stranded' };
    }
    case 'parked':
      return checkpoint.retryAt !== null && checkpoint.retryAt <= now
        ? { next: unparked(checkpoint, now), reason: 'parked' }
        : null;
    case 'idle':
      return missedTick(checkpoint, stream, now)
        ? { next: ticked(opened(checkpoint, newRun, now), now), reason: 'missed tick' }
        : null;
    case 'halted':
      return checkpoint.halt !== null && checkpoint.halt.definition !== definitionHash(stream)
        ? { next, reason: 'fixed' }
        : null;
    case 'exhausted':
    case 'paused':
      return null;
  }
}

/**
 * Overdue by half a gap. A stream that has never had a tick has missed none; a tick that found it under way was none it
 * missed, so what has happened since counts as well.
 */
function missedTick(
  { lastTick, progress, completedAt }: Checkpoint,
  { gapSeconds }: Stream,
  now: number,
): boolean {
  if (lastTick === null) return false;
  const last = Math.max(lastTick, progress?.startedAt ?? 0, completedAt ?? 0);
  return now > last + gapSeconds * 1000 * 1.5;
}
