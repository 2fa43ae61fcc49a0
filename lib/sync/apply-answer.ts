import { credentialTexts } from '../connectors/build-request.ts';
import { maskKeyIn } from '../connectors/connector.ts';
import { isTelling, type Observation } from '../governor/learn.ts';
import { beginningOf, walkOf } from '../paging/position.ts';
import { isDeadCursor } from '../paging/refusals.ts';
import { rateLimitSeen } from '../retry/rate-limit.ts';
import { awaitFile } from './await-file.ts';
import { closedBreaker, isOwnFault, openedBreaker, outdatedBreaker, type Breaker } from './breaker.ts';
import type { Checkpoint } from './checkpoint.ts';
import { changeBreaker } from './compare-and-swap.ts';
import { halt, tryAgain } from './fail-page.ts';
import { goBack } from './go-back.ts';
import { troublesOfConnection } from './gauges.ts';
import type { Clock, Governor, VendorAnswer } from './ports.ts';
import { readAnswer, type Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import type { Stream } from './settings.ts';
import { storeNothing, storeRefusal, storeUnknownParent } from './store-nothing.ts';
import { storePage } from './store-page.ts';
import type { Work } from './work.ts';

/** Does what the answer asks for, and tells a wait that will surprise people also where all else went well. */
export async function applyAnswer(answer: VendorAnswer, held: Checkpoint, work: Work): Promise<PageReport> {
  const reading = readFor(answer, held, work);
  await tellGovernor(answer, reading, work);
  work.deps.measurements.request(work.stream.connection, isThrottled(answer, reading));
  await tellBreaker(reading, work);
  const report = await applyReading(reading, held, work);
  const { remark } = reading;
  return remark === undefined
    ? report
    : { ...report, reason: [report.reason ?? [], remark].flat().join('; ') };
}

function readFor(answer: VendorAnswer, held: Checkpoint, work: Work): Reading {
  const { stream, secret } = work;
  const credentials = credentialTexts(stream.connector, secret.fields);
  const { sentences = [] } = stream.connector;
  const { definition, settings } = stream;
  // The list of the ids is asked for by the ids alone.
  const isOfIds = held.position?.kind === 'part' && held.position.part.kind === 'ids';
  const asked = { definition, position: held.position, fields: isOfIds ? null : settings.fields };
  const privacy = { omit: settings.omit, mask: settings.mask, maskKey: maskKeyIn(secret.fields) };
  const lastStatus = held.attempt > 1 ? held.lastStatus : null;
  return readAnswer({ ...asked, privacy, credentials, sentences, lastStatus }, answer);
}

/** Stores its rows, or says when to try again, or halts. */
async function applyReading(reading: Reading, held: Checkpoint, work: Work): Promise<PageReport> {
  switch (reading.kind) {
    case 'page':
      return storePage(reading, held, work);
    case 'started':
    case 'not yet':
      return awaitFile(reading, held, work);
    case 'nothing':
      return storeNothing(reading.status, held, work);
    case 'refused offset':
      return storeRefusal(reading, held, work);
    case 'transient':
      return tryAgain(reading, held, work);
    case 'final':
      if (isUnauthorized(reading)) return unauthorized(reading, held, work);
      if (isUnknownParent(reading, held) && !isFirstDeadCursor(reading, held)) {
        // The parent that it stands at may never come back: only a new run asks for those that there are then.
        return areAllUnknown(held)
          ? halt('missing', { ...reading, isDeadEnd: true }, held, work)
          : storeUnknownParent(reading.status, held, work);
      }
      return hasExpired(reading, held)
        ? goBack(
            { position: beginningOf(held.position), reason: `${reading.reason} (expired)` },
            reading.status,
            held,
            work,
          )
        : halt(
            reading.outcome,
            { ...reading, isDeadEnd: walkOf(held.position)?.kind === 'file' },
            held,
            work,
          );
  }
}

/** A cursor or a file that was good when it was given, and is refused now: begin anew. */
function hasExpired(
  { outcome, status }: Extract<Reading, { kind: 'final' }>,
  { position }: Checkpoint,
): boolean {
  const walk = walkOf(position);
  if (walk?.kind !== 'file') return isDeadCursor(status, walk);
  return outcome === 'missing' || (outcome === 'rejected' && status !== 200);
}

/** Whether it is the cursor that is not known any more, or the parent, shows when the parent's list is begun anew. */
function isFirstDeadCursor(
  { status }: Extract<Reading, { kind: 'final' }>,
  { position, progress }: Checkpoint,
): boolean {
  return isDeadCursor(status, walkOf(position)) && (progress?.setbacks ?? 0) === 0;
}

/** A parent may go at any time. */
function isUnknownParent(
  { outcome }: Extract<Reading, { kind: 'final' }>,
  { position }: Checkpoint,
): boolean {
  const parent = position?.kind === 'part' && position.part.kind === 'slice' ? position.part.parent : null;
  return outcome === 'missing' && parent !== null;
}

/** So many parents at the beginning of a run say that the list itself is unknown, and so many in a row say so anywhere. */
const mostUnknown = { first: 3, inRow: 25 };

function areAllUnknown({ position, progress }: Checkpoint): boolean {
  // This one is known: it has gone while its rows were walked.
  if (walkOf(position) !== null) return false;
  const { pages = 0, unknown = 0 } = progress ?? {};
  return unknown + 1 >= (unknown === pages ? mostUnknown.first : mostUnknown.inRow);
}

/** Told to come later; a 503 is how some say so. */
function isThrottled(answer: VendorAnswer, reading: Reading): boolean {
  return isLimited(reading) || (answer.kind === 'answered' && answer.status === 503);
}

function isLimited(reading: Reading): boolean {
  return reading.kind === 'transient' && reading.failure === 'throttled';
}

/** So long everybody stays away after a 429 that names no time, whatever else becomes of it. */
const shortestPauseMs = 1000;

/** As much of the work as the limit is concerned with. */
interface Shared {
  readonly deps: { readonly governor: Governor; readonly clock: Pick<Clock, 'now'> };
  readonly stream: Pick<Stream, 'limitScope' | 'limit'>;
}

/** What the answer names holds for all who share the limit, and what it tells of the limit is learned. */
export async function tellGovernor(answer: VendorAnswer, reading: Reading, work: Shared): Promise<void> {
  if (answer.kind !== 'answered') return;
  const { governor, clock } = work.deps;
  const { limitScope, limit } = work.stream;
  const now = clock.now();
  const refused = isLimited(reading);
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
  // Whoever has called has found the secret filled in.
  if (changed) deps.measurements.connection(stream.connection, troublesOfConnection(breaker, []));
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
