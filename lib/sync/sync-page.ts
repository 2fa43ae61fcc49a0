import { buildRequest, sentOf, type Request } from '../connectors/build-request.ts';
import type { Sent } from '../connectors/next-link.ts';
import type { PagePosition } from '../paging/position.ts';
import { mayCall, type Breaker } from './breaker.ts';
import type { Claimed, KnownList, Slots } from './checkpoint.ts';
import { claimStream, leaveBlocked, leaveUnconfigured, reportUnknown } from './claim-stream.ts';
import { commit } from './commit.ts';
import { commitFault, type Asked } from './commit-fault.ts';
import { blockedReason, checkCredentials, learnFromAnswer, missingIn, readSecret } from './credentials.ts';
import { decideAnswer } from './decide-answer.ts';
import { tellGovernor, waitForPermit } from './limits.ts';
import type { PageRequest } from './message.ts';
import { postponeProbe, takeTurn } from './outages.ts';
import { pageSizeOf } from './page-size.ts';
import { firstPage, fits, idsOf, isAskable } from './parts.ts';
import type { Vendor, VendorAnswer } from './ports.ts';
import { readAnswerFor } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { giveBack, halt, stepBack, type Step, type Wait } from './step.ts';
import { closeWithoutParents, leaveOutParent, storeEmptyAnswer, storePage } from './store-page.ts';
import { sweep } from './sweep.ts';
import { judgeAccess, readAccess, renewAccess } from './tokens.ts';
import { conditionsOf, validatorsFor } from './validators.ts';
import { contextOf, type SyncDependencies, type Work } from './work.ts';

/**
 * Syncs one page: claims the stream, checks the credentials, waits for the limit, calls the vendor once, decides what came of it
 * and commits that. Every answer of the vendor's is a returned outcome, and so is a fault of ours or of AWS's while the page is
 * claimed: it counts as an attempt like any crash.
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
  if (stream === undefined) return reportUnknown(name, request);

  const breaker = await deps.breakers.read(stream.connection);
  const secret = await readSecret(breaker, stream, deps);
  const asked: Asked = { requests: 0, status: null };
  const vendor = noting(asked, deps.vendor);
  const work: Work = { deps: { ...deps, vendor }, stream, trigger: request.kind, secret, signal };

  const missing = missingIn(stream, secret);
  if (missing !== null) return leaveUnconfigured(missing, work);
  const call = { stream: stream.name, secretVersion: secret.version, now: deps.clock.now(), until: 0 };
  if (mayCall(breaker, call).kind === 'blocked') return leaveBlocked(work);

  const claim = await claimStream(request, work);
  if (claim.kind === 'declined') return claim.report;
  try {
    const claimed = await positioned(claim.claimed, work);
    const step =
      claimed === null
        ? await closeWithoutParents(claim.claimed, work)
        : await takePage(claimed, claim.slots, work);
    return await commit(step, claimed ?? claim.claimed, work);
  } catch (error) {
    return commitFault(error, asked, claim.claimed, work);
  }
}

/** The vendor, and a note of what was requested and answered. */
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

/** Where the page begins. @returns null where there is no parent whose rows could be requested */
async function positioned(claimed: Claimed, work: Work): Promise<Claimed | null> {
  const { position } = claimed;
  if (position !== null && (position.kind === 'sweep' || fits(position, work.stream))) return claimed;
  const first = await firstPage(claimed, work, contextOf(work).requestFingerprint);
  return first.kind === 'nothing to request' ? null : { ...claimed, position: first.position };
}

/** @param slots what the governor reserved for this page, if it did */
async function takePage(claimed: Claimed, slots: Slots, work: Work): Promise<Step> {
  const { position } = claimed;
  if (position?.kind === 'sweep') {
    const turn = await takeTurn(claimed, work);
    return turn === null ? sweep(position, claimed, work) : giveBack(turn);
  }
  if (!isAskable(position, work.stream)) return leaveOutParent(claimed, work);
  const ids = await idsOf(claimed, work);
  if (ids === null) {
    const reason = 'the ids that were listed have been forgotten';
    return stepBack({ position: null, reason }, null, claimed, contextOf(work));
  }
  const wait = await waitForTurn(claimed, slots, work);
  if (wait !== null) return giveBack(wait);
  const access = await readAccess(work);
  if (access.kind === 'unusable') return halt('rejected', { ...access, requests: 0 }, contextOf(work));
  // The breaker last: nothing may lie between its word and the call.
  const credentials = await checkCredentials(claimed, work);
  switch (credentials.kind) {
    case 'wait':
      return giveBack(credentials);
    case 'blocked': {
      const found = { status: claimed.lastStatus, reason: blockedReason, requests: 0 } as const;
      return halt('unauthorized', found, contextOf(work));
    }
    case 'call': {
      const { probe } = credentials;
      if (access.kind === 'due') return renewAccess(access.version, claimed, work);
      const asked = { ...work, secret: access.secret };
      const known = validatorsFor(claimed, contextOf(work));
      const request = requestFor(position, { ids, known }, claimed, asked);
      const answer = await asked.deps.vendor.call(request, asked.signal);
      const sent = sentOf(request, asked.deps.baseUrl, asked.stream.connector, asked.secret.fields);
      return takeAnswer(answer, { ids, known, sent, probe, tokens: access.version }, claimed, asked);
    }
  }
}

/** The limit's permit, and for a probe the one turn of its pause. */
async function waitForTurn(claimed: Claimed, slots: Slots, work: Work): Promise<Wait | null> {
  const wait = await waitForPermit(slots, work);
  if (wait === null) return takeTurn(claimed, work);
  await postponeProbe(claimed, wait, work);
  return wait;
}

/** What a page is requested with, beside its position. */
interface Called {
  readonly ids: readonly string[] | undefined;
  /** The list as it is stored, where a change of it alone is wanted. */
  readonly known: KnownList | null;
}

function requestFor(
  position: PagePosition | null,
  { ids, known }: Called,
  claimed: Claimed,
  { deps, stream, secret }: Work,
): Request {
  return buildRequest({
    baseUrl: deps.baseUrl,
    connector: stream.connector,
    definition: stream.definition,
    position,
    pageSize: pageSizeOf(claimed, stream),
    fields: stream.settings.fields,
    orderBy: stream.settings.orderBy,
    ...(ids !== undefined && { ids }),
    ...(known !== null && { conditions: conditionsOf(known) }),
    now: deps.clock.now(),
    secret: secret.fields,
  });
}

/** Reports to the limit and the breaker what the answer says of them, and decides what it says of the page. */
async function takeAnswer(
  answer: VendorAnswer,
  {
    ids,
    known,
    sent,
    probe,
    tokens,
  }: Called & {
    readonly sent: Sent;
    readonly probe: Breaker | null;
    readonly tokens: string | null;
  },
  claimed: Claimed,
  work: Work,
): Promise<Step> {
  const reading = readAnswerFor(answer, claimed, work, sent, known !== null);
  await tellGovernor(answer, reading, work);
  const judged = await judgeAccess(reading, tokens, probe?.openedAt ?? null, work);
  const learned = await learnFromAnswer(judged, probe, work);
  const context = contextOf(work, ids);
  const decision = decideAnswer(learned, claimed, context);
  const step = await (decision.kind === 'step'
    ? decision.step
    : decision.kind === 'page'
      ? storePage(decision.page, claimed, context, work)
      : storeEmptyAnswer(decision.empty, claimed, context, work));
  const { remark } = reading;
  return remark === undefined ? step : { ...step, reason: [step.reason ?? [], remark].flat().join('; ') };
}
