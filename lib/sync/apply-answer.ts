import { credentialTexts } from '../connectors/build-request.ts';
import { isTelling, type Observation } from '../governor/learn.ts';
import { digestOf } from '../paging/digest.ts';
import type { Position } from '../paging/position.ts';
import { backoff, spread } from '../retry/backoff.ts';
import { rateLimitSeen } from '../retry/rate-limit.ts';
import { closedBreaker, isOwnFault, openedBreaker, outdatedBreaker, type Breaker } from './breaker.ts';
import type { Checkpoint } from './checkpoint.ts';
import { pageOutcomeOf } from './claim.ts';
import { changeBreaker, settle } from './compare-and-swap.ts';
import { definitionHash } from './definition-hash.ts';
import { gaugesOfConnection } from './gauges.ts';
import type { HaltOutcome } from './outcome.ts';
import type { VendorAnswer } from './ports.ts';
import { readAnswer, type Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { walk } from './walk.ts';
import { lost, publish, report, type Work } from './work.ts';
import { advanced, closed, deferred, drifted, exhausted, halted, setBack } from './transitions.ts';

/** Does what the answer asks for: stores its rows, or says when to try again, or halts. */
export async function applyAnswer(answer: VendorAnswer, held: Checkpoint, work: Work): Promise<PageReport> {
  const { stream, secret } = work;
  const credentials = credentialTexts(stream.connector, secret.fields);
  const reading = readAnswer(stream.definition, answer, held.position, credentials);
  await tellGovernor(answer, reading, work);
  await tellBreaker(reading, work);
  switch (reading.kind) {
    case 'page':
      return storePage(reading, held, work);
    case 'nothing':
      return finish({ kind: 'end' }, { status: reading.status, partial: null, ...nothing }, held, work);
    case 'transient':
      return tryAgain(reading, held, work);
    case 'final':
      if (isUnauthorized(reading)) return unauthorized(reading, held, work);
      // A cursor that was good when it was given and is refused now has expired: begin anew.
      return reading.outcome === 'rejected' && held.position?.kind === 'cursor' && reading.status !== 200
        ? goBack(null, { status: reading.status, reason: `${reading.reason} (for a cursor)` }, held, work)
        : halt(reading.outcome, reading, held, work);
  }
}

const nothing = { records: 0, written: 0, unchanged: 0 };

/** So long everybody stays away after a 429 that names no time, whatever else becomes of it. */
const shortestPauseMs = 1000;

/** What the answer names holds for all who share the limit, and what it tells of the limit is learned. */
async function tellGovernor(answer: VendorAnswer, reading: Reading, work: Work): Promise<void> {
  if (answer.kind !== 'answered') return;
  const { governor, clock } = work.deps;
  const { limitScope, limit } = work.stream;
  const now = clock.now();
  const refused = reading.kind === 'transient' && reading.failure === 'throttled';
  const named = namedIn(reading);
  // First, and by itself: it must not wait for what can be learned.
  if (named !== null || refused) await governor.close(limitScope, now + (named ?? shortestPauseMs));
  const until = named === null ? null : now + named;
  const seen: Observation = { at: now, refused, until, ...rateLimitSeen(answer.headers, answer.receivedAt) };
  if (isTelling(seen)) await governor.learn(limitScope, limit, seen);
}

function namedIn(reading: Reading): number | null {
  return reading.kind === 'transient' ? reading.namedWait : reading.closeFor;
}

/** Any answer but a 401 proves the credentials good; no answer at all, or "not now", proves nothing. */
async function tellBreaker(reading: Reading, work: Work): Promise<void> {
  const { stream, secret } = work;
  if (reading.kind === 'transient' || isUnauthorized(reading)) return;
  // A redirect comes from somebody who has not looked at the credentials yet.
  const { status } = reading;
  if (status !== null && status >= 300 && status < 400 && status !== 304) return;
  const call = { stream: stream.name, secretVersion: secret.version };
  await changeAndPublish(work, (breaker) => closedBreaker(breaker, call, work.deps.clock.now()));
}

function isUnauthorized(reading: Reading): boolean {
  return reading.kind === 'final' && reading.outcome === 'unauthorized';
}

async function changeAndPublish(
  { deps, stream }: Work,
  change: (breaker: Breaker) => Breaker | null,
): Promise<void> {
  const { breaker, changed } = await changeBreaker(deps.breakers, stream.connection, change);
  if (changed) deps.measurements.connection(stream.connection, gaugesOfConnection(breaker));
}

/** A warm function may have called with a secret that has been replaced: that is no reason to wake anybody. */
async function unauthorized(
  reading: Extract<Reading, { kind: 'final' }>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream, secret } = work;
  const current = await deps.secrets.read({ fresh: true });
  if (current.version === secret.version) {
    const call = { stream: stream.name, secretVersion: secret.version };
    if (isOwnFault(await deps.breakers.read(stream.connection), call)) {
      const reason = `${reading.reason}, though the key is good for others: its owner may not read this`;
      return halt('forbidden', { ...reading, reason }, held, work);
    }
    await changeAndPublish(work, (breaker) => openedBreaker(breaker, call, deps.clock.now()));
    return halt('unauthorized', reading, held, work);
  }
  await changeAndPublish(work, (breaker) => outdatedBreaker(breaker, secret.version, deps.clock.now()));
  const reason = `${reading.reason}, with a version of the secret that has been replaced`;
  const { status } = reading;
  return tryAgain({ kind: 'transient', failure: 'unavailable', status, reason, namedWait: null }, held, work);
}

async function storePage(
  { page, status }: Extract<Reading, { kind: 'page' }>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream, signal } = work;
  const { step, fresh } = await walk(page, held, work);
  switch (step.kind) {
    case 'looping':
      return halt('looping', { status, reason: 'the vendor gave the same page or cursor again' }, held, work);
    case 'unbelievable':
      return tryAgain(
        { kind: 'transient', failure: 'malformed', status, reason: step.reason, namedWait: null },
        held,
        work,
      );
    case 'step back':
      return goBack(step.position, { status, reason: 'rows have gone from before the page' }, held, work);
    case 'end':
    case 'more':
  }
  // Records first, then what has been seen, position last: a crash in between repeats the page and loses nothing.
  const upserted = await deps.records.upsert(stream.name, fresh, deps.clock.now(), signal);
  if (upserted.kind === 'unstorable') {
    const reason = `${stream.definition.items.path.join('.')}: row ${upserted.index} ${upserted.reason}`;
    return halt('rejected', { status, reason }, held, work);
  }
  if (stream.definition.paging.kind === 'offset' && held.run !== null) {
    const digests = fresh.map(({ id }) => digestOf(id));
    await deps.seenRows.remember(stream.name, held.run, held.sequence, digests);
  }
  const { written, unchanged } = upserted;
  return finish(
    step,
    { status, partial: page.partial, records: fresh.length, written, unchanged },
    held,
    work,
  );
}

/** So often may a run step back; a list whose rows go faster than that cannot be walked. */
const mostSteps = 20;
/** And so often begin anew, which costs the whole walk. */
const mostRestarts = 1;

async function goBack(
  position: Position | null,
  found: { readonly status: number | null; readonly reason: string },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps } = work;
  const most = held.position?.kind === 'cursor' ? mostRestarts : mostSteps;
  const hopeless = (held.progress?.setbacks ?? 0) >= most;
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    hopeless
      ? drifted(checkpoint, found, deps.clock.now())
      : setBack(checkpoint, { ...found, position }, deps.clock.now()),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status: found.status };
  publish(work, held, after);
  return goOn(after, { reason: found.reason, status: found.status, counts: nothing }, held, work);
}

interface Stored {
  readonly status: number;
  readonly partial: string | null;
  readonly records: number;
  readonly written: number;
  readonly unchanged: number;
}

async function finish(
  next: { readonly kind: 'end' } | { readonly kind: 'more'; readonly position: Position },
  stored: Stored,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps } = work;
  const page = { ...stored, partial: stored.partial !== null, reason: stored.partial };
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    next.kind === 'end'
      ? closed(checkpoint, page, deps.clock.now())
      : advanced(checkpoint, { ...page, position: next.position }, deps.clock.now()),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status: stored.status };
  publish(work, held, after);
  return goOn(after, { reason: stored.partial, status: stored.status, counts: stored }, held, work);
}

/** Sends for the next page where there is one and a message is to carry it. */
async function goOn(
  after: Checkpoint,
  page: {
    readonly reason: string | null;
    readonly status: number | null;
    readonly counts: { readonly records: number; readonly written: number; readonly unchanged: number };
  },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const open = after.run !== null && after.state === 'running';
  if (open && stream.settings.continuation === 'queue') {
    await deps.queue.send({ v: 1, stream: stream.name, run: after.run, sequence: after.sequence }, 0);
  }
  return report(work, after, {
    outcome: 'fetched',
    next: open ? (stream.settings.continuation === 'queue' ? 'continue' : 'tick') : 'none',
    attempt: held.attempt,
    run: held.run,
    sequence: held.sequence,
    requests: 1,
    ...page,
  });
}

async function tryAgain(
  reading: Extract<Reading, { kind: 'transient' }>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const { status, reason } = reading;
  const now = deps.clock.now();
  const own = backoff(held.attempt, deps.random);
  const named = reading.namedWait;
  const wait = named === null ? own : Math.max(own, spread(named, deps.random));
  const spent = held.attempt >= stream.settings.attemptCap;
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    spent
      ? exhausted(checkpoint, { trouble: troubleOf(reading), status, reason }, now)
      : deferred(checkpoint, { retryAt: now + wait, status, reason }, now),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status };
  publish(work, held, after);
  const redriveAt = after.state === 'running' ? after.retryAt : null;
  return report(work, after, { outcome: 'deferred', reason, redriveAt, status, requests: 1 });
}

function troubleOf(reading: Extract<Reading, { kind: 'transient' }>): 'exhausted' | 'malformed' {
  return reading.failure === 'malformed' ? 'malformed' : 'exhausted';
}

async function halt(
  outcome: HaltOutcome,
  found: { readonly status: number | null; readonly reason: string },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const { status, reason } = found;
  const definition = definitionHash(stream);
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    halted(checkpoint, { outcome, definition, status, reason }, deps.clock.now()),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status };
  publish(work, held, after);
  return report(work, after, {
    outcome: pageOutcomeOf(outcome),
    reason,
    status,
    attempt: held.attempt,
    requests: 1,
  });
}
