import { nextPage, type NextPage } from '../paging/next-page.ts';
import { backoff, spread } from '../retry/backoff.ts';
import { closedBreaker, openedBreaker } from './breaker.ts';
import type { Checkpoint } from './checkpoint.ts';
import { changeBreaker, settle } from './compare-and-swap.ts';
import { definitionHash } from './definition-hash.ts';
import { gaugesOfConnection } from './gauges.ts';
import type { HaltOutcome } from './outcome.ts';
import type { VendorAnswer } from './ports.ts';
import { readAnswer, type Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { lost, publish, report, type Work } from './work.ts';
import { advanced, closed, deferred, exhausted, halted } from './transitions.ts';

/** Does what the answer asks for: stores its rows, or says when to try again, or halts. */
export async function applyAnswer(answer: VendorAnswer, held: Checkpoint, work: Work): Promise<PageReport> {
  const reading = readAnswer(work.stream.definition, answer);
  await tellBreaker(reading, work);
  switch (reading.kind) {
    case 'page':
      return storePage(reading, held, work);
    case 'nothing':
      return finish({ kind: 'end' }, { status: reading.status, partial: null, ...nothing }, held, work);
    case 'transient':
      return tryAgain(reading, held, work);
    case 'final':
      return halt(reading.outcome, reading, held, work);
  }
}

const nothing = { records: 0, written: 0, unchanged: 0 };

/** Any answer but a 401 proves the credentials good; no answer at all, or "not now", proves nothing. */
async function tellBreaker(reading: Reading, work: Work): Promise<void> {
  if (reading.kind === 'transient') return;
  const { deps, stream, secret } = work;
  const refused = reading.kind === 'final' && reading.outcome === 'unauthorized';
  // A redirect comes from somebody who has not looked at the credentials yet.
  if (!refused && reading.status !== null && reading.status >= 300 && reading.status < 400) return;
  const { breaker, changed } = await changeBreaker(deps.breakers, stream.connection, (current) =>
    refused ? openedBreaker(current, secret.version, deps.clock.now()) : closedBreaker(current),
  );
  if (changed) deps.measurements.connection(stream.connection, gaugesOfConnection(breaker));
}

async function storePage(
  { page, status, closeFor }: Extract<Reading, { kind: 'page' }>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream, signal } = work;
  if (closeFor !== null) await deps.governor.close(stream.limitScope, deps.clock.now() + closeFor);
  // Records first, position last: a crash in between repeats the page and loses nothing.
  const upserted = await deps.records.upsert(stream.name, page.rows, deps.clock.now(), signal);
  if (upserted.kind === 'unstorable') {
    const reason = `${stream.definition.items.path.join('.')}: row ${upserted.index} ${upserted.reason}`;
    return halt('rejected', { status, reason }, held, work);
  }
  const { rows, entries: count, total, cursor, partial } = page;
  const next = nextPage(stream.definition.paging, held.position, { rows: count, total, cursor });
  const { written, unchanged } = upserted;
  return finish(next, { status, partial, records: rows.length, written, unchanged }, held, work);
}

interface Stored {
  readonly status: number;
  readonly partial: string | null;
  readonly records: number;
  readonly written: number;
  readonly unchanged: number;
}

async function finish(next: NextPage, stored: Stored, held: Checkpoint, work: Work): Promise<PageReport> {
  const { deps, stream } = work;
  if (next.kind === 'looping') {
    const reason = 'the vendor named the same cursor again';
    return halt('looping', { status: stored.status, reason }, held, work);
  }
  const page = { ...stored, partial: stored.partial !== null, reason: stored.partial };
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    next.kind === 'end'
      ? closed(checkpoint, page, deps.clock.now())
      : advanced(checkpoint, { ...page, position: next.position }, deps.clock.now()),
  );
  if (after === undefined) return lost(work, held);
  publish(work, held, after);
  const goesOn = after.run !== null && after.state === 'running';
  if (goesOn && stream.settings.continuation === 'queue') {
    await deps.queue.send({ v: 1, stream: stream.name, run: after.run, sequence: after.sequence }, 0);
  }
  return report(work, after, {
    outcome: 'fetched',
    reason: stored.partial,
    next: goesOn ? (stream.settings.continuation === 'queue' ? 'continue' : 'tick') : 'none',
    status: stored.status,
    attempt: held.attempt,
    run: held.run,
    sequence: held.sequence,
    requests: 1,
    counts: stored,
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
  // What it names holds for all who share the limit, and so does a 429 that names nothing.
  if (named !== null || reading.failure === 'throttled') {
    await deps.governor.close(stream.limitScope, now + (named ?? own));
  }
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
    outcome: outcome === 'looping' || outcome === 'runaway' ? 'rejected' : outcome,
    reason,
    status,
    attempt: held.attempt,
    requests: 1,
  });
}
