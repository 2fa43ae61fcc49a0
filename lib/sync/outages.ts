import { spentBy, type Checkpoint, type Claimed } from './checkpoint.ts';
import {
  endedOutage,
  failedProbe,
  joinedOutage,
  leftOutage,
  postponedProbe,
  proberOf,
  successorOf,
  takenTurn,
  waitingFor,
  type Outage,
} from './outage.ts';
import type { Step, Wait } from './step.ts';
import { sentOn } from './transitions/run.ts';
import type { Work } from './work.ts';

/** All about the outage of a limit scope: who probes, and who is sent on once the vendor answers again. */

/** Whether the page asks in place of all that wait in its limit scope: its tries are spent, and it was claimed all the same. */
function isProbe({ state }: Claimed): boolean {
  return state === 'exhausted';
}

/** The one call that a pause allows, taken before it is made. @returns how long to wait, where another page has had it */
export async function takeTurn(claimed: Claimed, work: Work): Promise<Wait | null> {
  if (!isProbe(claimed)) return null;
  const { deps, stream } = work;
  const { until } = await decided(work, (outage) =>
    takenTurn(outage, proberOf(stream), deps.clock.now(), deps.random),
  );
  return until === null ? null : { until, reason: waitingFor(stream), slots: [] };
}

/** The probe has to wait for its permit: until then it is not lost, and nobody else need try. */
export async function postponeProbe(claimed: Claimed, { until }: Wait, work: Work): Promise<void> {
  if (isProbe(claimed)) await decided(work, (outage) => ({ next: postponedProbe(outage, until) }));
}

/**
 * What a page has come to may begin an outage, carry it on or end it.
 *
 * @param step null where the page was given up without a call
 * @returns when the page's own message is to come back, epoch milliseconds; null if it is not
 */
export async function followOutage(
  step: Step | null,
  claimed: Checkpoint,
  stored: Checkpoint,
  work: Work,
): Promise<number | null> {
  const wasProbe = claimed.state === 'exhausted';
  if (stored.state === 'exhausted') {
    if (step?.outcome === 'refused') return stored.retryAt;
    return wasProbe ? passOn(stored, work) : join(work);
  }
  if (spentBy(claimed) !== null && stored.stopped === null && isGood(step)) await end(work);
  else if (wasProbe) await leave(work);
  return null;
}

/** No answer says nothing of the vendor, nor does a refusal: behind the rows of a list it may be its end, and a proxy's as well. */
function isGood(step: Step | null): boolean {
  return step?.requests === 1 && step.status !== null && step.status < 400;
}

async function join(work: Work): Promise<number | null> {
  const { deps, stream } = work;
  const { until } = await decided(work, (outage) =>
    joinedOutage(outage, proberOf(stream), deps.clock.now(), deps.random),
  );
  return until;
}

async function passOn(stored: Checkpoint, work: Work): Promise<number | null> {
  const { deps, stream } = work;
  const waiting = await waitingStreams(work);
  const successor = successorOf(stream.name, [...waiting.keys(), stream.name]);
  const { next, until } = await decided(work, (outage) =>
    failedProbe(outage, proberOf(stream), successor, deps.clock.now(), deps.random),
  );
  if (successor === stream.name || next?.carriers[stream.connection] !== successor) return until;
  await send(waiting.get(successor) ?? stored, next.nextAt, work);
  return null;
}

async function leave(work: Work): Promise<void> {
  const { stream } = work;
  const waiting = await waitingStreams(work);
  const successor = waiting.size === 0 ? null : successorOf(stream.name, [...waiting.keys()]);
  const { next } = await decided(work, (outage) => ({
    next: leftOutage(outage, proberOf(stream), successor),
  }));
  const checkpoint = successor === null ? undefined : waiting.get(successor);
  if (next !== null && checkpoint !== undefined) await send(checkpoint, next.nextAt, work);
}

/** The others follow. One that is not stored, or whose message is lost, is found by the watchdog. */
async function end(work: Work): Promise<void> {
  const ended = await decided(work, (outage) => ({ next: endedOutage(outage) }));
  if (ended.next === null) return;
  const { checkpoints, clock } = work.deps;
  for (const checkpoint of (await waitingStreams(work)).values()) {
    const next = sentOn(checkpoint, clock.now());
    const stored = next && (await checkpoints.replace(next));
    if (stored) await send(stored, 0, work);
  }
}

/** The other streams of this connection and limit scope whose tries are spent, by name. */
async function waitingStreams({ deps, stream }: Work): Promise<ReadonlyMap<string, Checkpoint>> {
  const names = [...deps.streams.values()]
    .filter(({ name, limitScope }) => limitScope === stream.limitScope && name !== stream.name)
    .map(({ name }) => name);
  const stored = names.length === 0 ? new Map<string, Checkpoint>() : await deps.checkpoints.readAll(names);
  return new Map([...stored].filter(([, { state }]) => state === 'exhausted'));
}

async function send({ stream, run, sequence }: Checkpoint, at: number, { deps }: Work): Promise<void> {
  if (run === null) return;
  const waitMs = Math.max(0, at - deps.clock.now());
  await deps.queue.send({ v: 1, stream, run, sequence }, Math.ceil(waitMs / 1000));
}

/** Decided anew until no other writer was faster. */
async function decided<Decision extends { readonly next: Outage | null }>(
  { deps: { outages }, stream: { limitScope } }: Work,
  decide: (outage: Outage) => Decision,
): Promise<Decision> {
  for (;;) {
    const decision = decide(await outages.read(limitScope));
    if (decision.next === null || (await outages.replace(decision.next)) !== undefined) return decision;
  }
}
