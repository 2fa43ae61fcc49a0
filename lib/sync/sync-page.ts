import { buildRequest } from '../connectors/build-request.ts';
import type { PagePosition } from '../paging/position.ts';
import { spread } from '../retry/backoff.ts';
import { applyAnswer } from './apply-answer.ts';
import { passage, type Breaker } from './breaker.ts';
import { newCheckpoint, type Checkpoint } from './checkpoint.ts';
import { decideClaim, pageOutcomeOf, type PageRequest } from './claim.ts';
import { changeCheckpoint, settle } from './compare-and-swap.ts';
import { definitionHash } from './definition-hash.ts';
import { troublesOfConnection } from './gauges.ts';
import { goBack } from './go-back.ts';
import { pageSizeOf } from './page-size.ts';
import { firstPage, fits, idsOf, isAskable } from './parts.ts';
import type { Secret, Vendor } from './ports.ts';
import type { PageReport } from './report.ts';
import type { Stream } from './settings.ts';
import { halted, refused } from './standstills.ts';
import { storeFault, type Asked } from './store-fault.ts';
import { storeNobody, storeUnaskableParent } from './store-nothing.ts';
import { sweep } from './sweep.ts';
import { missingFields } from './unconfigured.ts';
import { lost, publish, report, type SyncDependencies, type Work } from './work.ts';

/** A function may sleep this long in place of a re-drive; any longer wait is spent outside of it, where it costs nothing. */
export const longestSleepMs = 2000;

/**
 * Syncs one page: claims the stream, asks the governor, asks the vendor once, and stores what came of it. Whatever the
 * vendor does is a returned outcome, and so is a fault of ours or of AWS's while the page is held: it counts as an attempt like any crash.
 *
 * @returns what was done. Where `next` is `redrive` the caller sees to it that the page comes back at `retryAt`.
 */
export async function syncPage(
  request: PageRequest,
  deps: SyncDependencies,
  signal: AbortSignal,
): Promise<PageReport> {
  const name = request.kind === 'tick' ? request.stream : request.message.stream;
  const stream = deps.streams.get(name);
  if (stream === undefined) return ofUnknownStream(name, request);

  const breaker = await deps.breakers.read(stream.connection);
  const secret = await readSecret(breaker, stream, deps);
  const work: Work = { deps, stream, trigger: request.kind, secret, signal };

  const missing = missingIn(stream, secret);
  if (missing !== null) return unconfigured(work, missing, breaker);
  const door = { stream: stream.name, secretVersion: secret.version, now: deps.clock.now(), until: 0 };
  if (passage(breaker, door).kind === 'blocked') return blocked(work);

  const claim = await claimStream(request, work);
  if (claim.kind === 'done') return claim.report;
  const asked: Asked = { requests: 0, status: null };
  const vendor = noting(asked, deps.vendor);
  try {
    return await takePage(claim, { ...work, deps: { ...deps, vendor } });
  } catch (error) {
    return storeFault(error, asked, claim.checkpoint, work);
  }
}

/** The vendor, and a note of what it was asked and said. */
function noting(asked: Asked, vendor: Vendor): Vendor {
  return {
    call: async (request, signal) => {
      asked.requests = 1;
      const answer = await vendor.call(request, signal);
      asked.status = answer.kind === 'unanswered' ? null : answer.status;
      return answer;
    },
  };
}

async function takePage({ checkpoint, slot }: Held, work: Work): Promise<PageReport> {
  const { stream } = work;
  const { position } = checkpoint;
  if (position?.kind === 'sweep') return sweep(position, checkpoint, work);
  if (position !== null && fits(position, stream)) return askFor(position, checkpoint, slot, work);
  const first = await firstPage(checkpoint, work);
  if (first.kind === 'nothing to ask for') return storeNobody(checkpoint, work);
  return askFor(first.position, { ...checkpoint, position: first.position }, slot, work);
}

function askFor(
  position: PagePosition | null,
  held: Checkpoint,
  slot: number | null,
  work: Work,
): Promise<PageReport> {
  return isAskable(position, work.stream)
    ? callVendor(held, position, slot, work)
    : storeUnaskableParent(held, work);
}

/** A warm function may hold a secret that has been replaced since; where that decides something it is read anew. */
async function readSecret(
  breaker: Breaker,
  stream: Stream,
  { secrets, clock }: SyncDependencies,
): Promise<Secret> {
  const doubted = breaker.doubtUntil !== null && breaker.doubtUntil > clock.now();
  const fresh = breaker.state !== 'closed' || doubted;
  const secret = await secrets.read({ fresh });
  // One that was not filled in may be by now.
  return fresh || missingIn(stream, secret) === null ? secret : secrets.read({ fresh: true });
}

function missingIn({ connector, settings }: Stream, secret: Secret): string | null {
  return missingFields(connector, settings.mask.length > 0, secret);
}

/** @property slot what the governor reserved for this page, if it did */
interface Held {
  readonly kind: 'held';
  readonly checkpoint: Checkpoint;
  readonly slot: number | null;
}

type Claimed = Held | { readonly kind: 'done'; readonly report: PageReport };

/** More losses in a row than this are no race any more. */
const claimTries = 5;

async function claimStream(request: PageRequest, work: Work): Promise<Claimed> {
  const { deps, stream } = work;
  const context = {
    stream,
    holder: deps.newId(),
    newRun: deps.newId(),
    definition: definitionHash(stream),
  };
  let stored: Checkpoint = newCheckpoint(stream.name);
  for (let tries = 0; tries < claimTries; tries += 1) {
    stored = (await deps.checkpoints.read(stream.name)) ?? newCheckpoint(stream.name);
    const claim = decideClaim(request, stored, { ...context, now: deps.clock.now() });
    if (claim.kind === 'decline') {
      const { outcome, reason, until } = claim;
      return { kind: 'done', report: report(work, stored, { outcome, reason, redriveAt: until }) };
    }
    const next = await deps.checkpoints.replace(claim.next);
    if (next === undefined) continue;
    if (claim.kind === 'claim') {
      if (stored.outcome === 'unconfigured') await filledIn(work);
      return { kind: 'held', checkpoint: next, slot: stored.slot };
    }
    publish(work, stored, next);
    const outcome = next.state === 'halted' ? 'rejected' : 'deferred';
    return { kind: 'done', report: report(work, next, { outcome, reason: next.reason }) };
  }
  // Somebody else was faster each time, so somebody else is at it; a message looks again.
  const redriveAt = request.kind === 'message' ? deps.clock.now() + 1000 : null;
  return {
    kind: 'done',
    report: report(work, stored, { outcome: 'busy', reason: 'the checkpoint is contended', redriveAt }),
  };
}

async function callVendor(
  held: Checkpoint,
  position: PagePosition | null,
  slot: number | null,
  work: Work,
): Promise<PageReport> {
  const { deps, stream, secret, signal } = work;
  const ids = await idsOf(held, work);
  if (ids === null) {
    const reason = 'the ids that were listed have been forgotten';
    return goBack({ position: null, reason }, null, held, work);
  }
  // The breaker last: nothing may lie between its word and the call.
  const wait = (await waitForPermit(slot, work)) ?? (await waitForProbe(held, work));
  if (wait === 'blocked') return giveUp(held, work);
  if (wait !== null) return giveBack(held, work, wait);
  const request = buildRequest({
    baseUrl: deps.baseUrl,
    connector: stream.connector,
    definition: stream.definition,
    position,
    pageSize: pageSizeOf(held, stream),
    fields: stream.settings.fields,
    orderBy: stream.settings.orderBy,
    ...(ids !== undefined && { ids }),
    now: deps.clock.now(),
    secret: secret.fields,
  });
  const answer = await deps.vendor.call(request, signal);
  return applyAnswer(answer, held, { ...work, ...(ids !== undefined && { ids }) });
}

interface Wait {
  readonly until: number;
  readonly reason: string;
  /** Kept for the page until it comes back. */
  readonly slot: number | null;
}

/** While the credentials are in doubt one page tries, and everybody else waits for what it finds. */
async function waitForProbe(held: Checkpoint, work: Work): Promise<Wait | 'blocked' | null> {
  const { deps, stream, secret } = work;
  const until = held.lease?.until ?? deps.clock.now();
  for (;;) {
    const breaker = await deps.breakers.read(stream.connection);
    const ask = { stream: stream.name, secretVersion: secret.version, now: deps.clock.now(), until };
    const found = passage(breaker, ask);
    switch (found.kind) {
      case 'free':
        return null;
      case 'outdated': {
        // It was read before it was known to be refused, and perhaps long ago: a function may be frozen anywhere.
        const current = await deps.secrets.read({ fresh: true });
        if (current.version === secret.version) return null;
        return { until: deps.clock.now(), reason: 'the secret has been replaced meanwhile', slot: null };
      }
      case 'blocked':
        return 'blocked';
      case 'wait':
        return { until: found.until, reason: 'another page is trying the credentials', slot: null };
      case 'probe':
        if ((await deps.breakers.replace(found.next)) !== undefined) return null;
    }
  }
}

/** Asks the governor, and asks again after short waits, which are slept here. */
async function waitForPermit(reserved: number | null, work: Work): Promise<Wait | null> {
  const { deps, stream, signal } = work;
  const { limitScope, limit: terms } = stream;
  let slot = reserved;
  for (let sleepLeft = longestSleepMs; ;) {
    const now = deps.clock.now();
    const permit = await deps.governor.permit(limitScope, { now, terms, slot });
    if (permit.granted) return null;
    slot = permit.slot;
    const wait = Math.max(1, permit.at - now);
    if (wait > sleepLeft) {
      // Slots are spread by themselves; those who were told the same moment by the vendor are not.
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
  contended: (limitScope: string) => `too many ask for the limit of ${limitScope} at once`,
};

async function giveBack(held: Checkpoint, work: Work, wait: Wait): Promise<PageReport> {
  const next = await settle(work.deps.checkpoints, held, (checkpoint) =>
    refused(checkpoint, { retryAt: wait.until, reason: wait.reason, slot: wait.slot }, work.deps.clock.now()),
  );
  if (next === undefined) return lost(work, held);
  const redriveAt = next.state === 'running' ? wait.until : null;
  return report(work, next, { outcome: 'refused', reason: wait.reason, redriveAt });
}

const blockedReason = 'the vendor refused this version of the secret';

/** Between the first look at the breaker and the claim somebody else met a 401. */
async function giveUp(held: Checkpoint, work: Work): Promise<PageReport> {
  const next = await settle(work.deps.checkpoints, held, (checkpoint) => haltedForSecret(checkpoint, work));
  return next === undefined
    ? lost(work, held)
    : report(work, next, { outcome: 'unauthorized', reason: blockedReason });
}

async function blocked(work: Work): Promise<PageReport> {
  const { deps, stream } = work;
  const now = deps.clock.now();
  const next = await changeCheckpoint(deps.checkpoints, stream.name, (checkpoint) => {
    const quiet = checkpoint.state === 'halted' || checkpoint.state === 'paused';
    const held = checkpoint.lease !== null && checkpoint.lease.until > now;
    return quiet || held ? null : haltedForSecret(checkpoint, work);
  });
  const outcome = next.state === 'halted' ? pageOutcomeOf(next.outcome ?? 'unauthorized') : 'unauthorized';
  return report(work, next, { outcome, reason: next.reason ?? blockedReason });
}

function haltedForSecret(checkpoint: Checkpoint, { stream, deps }: Work): Checkpoint {
  const definition = definitionHash(stream);
  const { lastStatus: status } = checkpoint;
  const halt = { outcome: 'unauthorized', definition, status, reason: blockedReason } as const;
  return halted(checkpoint, halt, deps.clock.now());
}

/** Nobody is woken for a secret that was never filled in, and nobody is called with it. */
async function unconfigured(work: Work, missing: string, breaker: Breaker): Promise<PageReport> {
  const { deps, stream } = work;
  const reason = `the secret has no ${missing} yet`;
  const next = await changeCheckpoint(deps.checkpoints, stream.name, (checkpoint) =>
    checkpoint.outcome === 'unconfigured' || checkpoint.state === 'halted' || checkpoint.state === 'paused'
      ? null
      : { ...checkpoint, outcome: 'unconfigured', outcomeAt: deps.clock.now(), reason },
  );
  // Each time: it is as true for the connection where this stream stands still for another reason.
  const found = { outcome: 'unconfigured', outcomeAt: deps.clock.now() } as const;
  deps.measurements.connection(stream.connection, troublesOfConnection(breaker, [found]));
  return report(work, next, { outcome: 'refused', reason });
}

/** The first page with a secret that is whole says so for the connection. */
async function filledIn({ deps, stream }: Work): Promise<void> {
  const breaker = await deps.breakers.read(stream.connection);
  deps.measurements.connection(stream.connection, troublesOfConnection(breaker, []));
}

/** A stream that has been taken out of the settings while a message for it was under way. */
function ofUnknownStream(stream: string, request: PageRequest): PageReport {
  return {
    stream,
    trigger: request.kind,
    run: request.kind === 'message' ? request.message.run : null,
    sequence: request.kind === 'message' ? request.message.sequence : 0,
    outcome: 'stale',
    streamOutcome: null,
    endpoint: 'none',
    status: null,
    attempt: 0,
    reason: 'this deployment has no such stream',
    next: 'none',
    retryAt: null,
    delaySeconds: null,
    requests: 0,
    records: 0,
    written: 0,
    unchanged: 0,
    deleted: 0,
  };
}
