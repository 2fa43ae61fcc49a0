import { newCheckpoint, type Checkpoint, type Claimed, type Slots } from './checkpoint.ts';
import { decideClaim } from './claim.ts';
import { changeCheckpoint } from './compare-and-swap.ts';
import { blockedReason } from './credentials.ts';
import { definitionHash } from './definition-hash.ts';
import type { PageRequest } from './message.ts';
import { followOutage } from './outages.ts';
import { pageOutcomeOf } from './outcome.ts';
import { publishChange, publishTroubles } from './publish-troubles.ts';
import { report, type PageReport } from './report.ts';
import { halted } from './transitions/standstill.ts';
import { unconfigured } from './transitions/run.ts';
import type { Work } from './work.ts';

/** From a tick or a message to a claimed page, or to the report of why there is none. */

export type ClaimedPage =
  /** @property slots what the governor reserved for this page, if it did */
  | { readonly kind: 'claimed'; readonly claimed: Claimed; readonly slots: Slots }
  | { readonly kind: 'declined'; readonly report: PageReport };

/** More losses in a row than this are no race any more. */
const maxTries = 5;

export async function claimStream(request: PageRequest, work: Work): Promise<ClaimedPage> {
  const { deps, stream } = work;
  const context = {
    stream,
    holder: deps.newId(),
    newRun: deps.newId(),
    definition: definitionHash(stream),
  };
  let stored: Checkpoint = newCheckpoint(stream.name);
  for (let tries = 0; tries < maxTries; tries += 1) {
    stored = (await deps.checkpoints.read(stream.name)) ?? newCheckpoint(stream.name);
    const outage = stored.state === 'exhausted' ? await deps.outages.read(stream.limitScope) : null;
    const claim = decideClaim(request, stored, { ...context, outage, now: deps.clock.now() });
    if (claim.kind === 'decline') {
      const { outcome, reason, until } = claim;
      return declined(stored, { outcome, reason }, until, work);
    }
    const next = await deps.checkpoints.replace(claim.next);
    if (next === undefined) continue;
    if (claim.kind === 'claim') {
      if (stored.outcome === 'unconfigured') await publishTroubles(work);
      const { revision, history } = next;
      const slots = [stored.slot, stored.accountSlot];
      return { kind: 'claimed', claimed: { ...claim.next, revision, history }, slots };
    }
    await publishChange(stored, next, work);
    const outcome = next.state === 'halted' ? 'rejected' : 'deferred';
    const until = await followOutage(null, stored, next, work);
    return declined(next, { outcome, reason: next.reason }, until, work);
  }
  // Another invocation was faster each time, so another one is at it; a message looks again.
  const until = request.kind === 'message' ? deps.clock.now() + 1000 : null;
  return declined(stored, { outcome: 'busy', reason: 'the checkpoint is contended' }, until, work);
}

/** @param until when a message is to try again, epoch milliseconds; null if it is not */
function declined(
  checkpoint: Checkpoint,
  said: Pick<PageReport, 'outcome' | 'reason'>,
  until: number | null,
  work: Work,
): ClaimedPage {
  const next = checkpoint.state === 'parked' ? 'parked' : until === null ? 'none' : 'redrive';
  const retryAt = until ?? checkpoint.retryAt;
  return { kind: 'declined', report: report(checkpoint, { ...said, next, retryAt }, work) };
}

/** The breaker is open for this version of the secret: the stream halts before it is claimed. */
export async function leaveBlocked(work: Work): Promise<PageReport> {
  const { deps, stream } = work;
  const now = deps.clock.now();
  const next = await changeCheckpoint(deps.checkpoints, stream.name, (checkpoint) => {
    const { state, lease, lastStatus: status } = checkpoint;
    const isQuiet = state === 'halted' || state === 'paused';
    if (isQuiet || (lease !== null && lease.until > now)) return null;
    const definition = definitionHash(stream);
    const halt = { outcome: 'unauthorized', definition, status, reason: blockedReason } as const;
    return halted(checkpoint, halt, deps.clock.now());
  });
  const outcome = next.halt === null ? 'unauthorized' : pageOutcomeOf(next.halt.outcome);
  return declinedReport(next, { outcome, reason: next.reason ?? blockedReason }, work);
}

/** No page is sent to on-call for a secret that was never filled in, and the vendor is not called with it. */
export async function leaveUnconfigured(missing: string, work: Work): Promise<PageReport> {
  const { deps, stream } = work;
  const reason = `the secret has no ${missing} yet`;
  const next = await changeCheckpoint(deps.checkpoints, stream.name, (checkpoint) =>
    unconfigured(checkpoint, reason, deps.clock.now()),
  );
  await publishTroubles(work);
  return declinedReport(next, { outcome: 'refused', reason }, work);
}

function declinedReport(
  checkpoint: Checkpoint,
  said: Pick<PageReport, 'outcome' | 'reason'>,
  work: Work,
): PageReport {
  const next = checkpoint.state === 'parked' ? 'parked' : 'none';
  return report(checkpoint, { ...said, next }, work);
}

/** A stream that has been taken out of the settings while a message for it was under way. */
export function reportUnknown(stream: string, request: PageRequest): PageReport {
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
