import { decideRun } from '../../lib/operations/run.ts';
import { isClaimed, type Checkpoint, type Claimed } from '../../lib/sync/checkpoint.ts';
import { decideClaim } from '../../lib/sync/claim.ts';
import type { PageRequest } from '../../lib/sync/message.ts';
import { newOutage, type Outage } from '../../lib/sync/outage.ts';
import { closed, drifted, sweptUp } from '../../lib/sync/transitions/end.ts';
import {
  advanced,
  awaitingFile,
  noCounts,
  steppedBack,
  sweeping,
  swept,
  type StoredPage,
} from '../../lib/sync/transitions/page.ts';
import {
  allowedCheckpoint,
  pausedCheckpoint,
  resetCheckpoint,
  resumedCheckpoint,
} from '../../lib/sync/transitions/person.ts';
import { sentOn, unconfigured } from '../../lib/sync/transitions/run.ts';
import {
  deferred,
  exhausted,
  halted,
  haltedForGood,
  refused,
} from '../../lib/sync/transitions/standstill.ts';
import { decideRevival } from '../../lib/sync/watch.ts';
import { definition, now, stream } from './situations.ts';

/** All that can happen to a stream. */
export const events = [
  'tick',
  'tick, definition changed',
  'tick, no probe to come',
  'its message',
  'an old message',
  'secret not filled in',
  'page stored, more follow',
  'file not written yet',
  'step back',
  'last page stored',
  'last page stored, sweep',
  'part swept, more follow',
  'last part swept',
  'too many steps back',
  'call refused by the limit',
  'transient failure',
  'named wait over 11 h',
  'attempts spent',
  'halt',
  'halt for good',
  'watchdog, soon',
  'watchdog, after hours',
  'watchdog, definition changed',
  'pause',
  'resume',
  'reset',
  'run',
  'another page’s probe succeeds',
  'allow-deletions',
] as const;
export type Event = (typeof events)[number];

const page: StoredPage = {
  ...{ ...noCounts, status: 200, partial: false, reason: null, total: null, absent: null },
  requestFingerprint: 'basis',
};
const more = { position: { kind: 'offset', offset: 80 }, by: 'message' } as const;
const sweep = { kind: 'sweep', step: 'count', after: null, live: 0, gone: 0, end: null } as const;
const complete = { outcome: 'complete', enumerated: true, sure: true, deleted: null } as const;
const failed = { status: 503, reason: 'HTTP 503' } as const;
const halt = { outcome: 'missing', definition, status: 404, reason: 'HTTP 404' } as const;
const soon = now + 5000;
export const later = now + 13 * 3_600_000;

/** What the stream's checkpoint becomes; null where the event changes nothing. */
export const happen: Readonly<Record<Event, (checkpoint: Checkpoint) => Checkpoint | null>> = {
  tick: (checkpoint) => requested({ kind: 'tick', stream: stream.name, scheduledAt: now }, checkpoint),
  'tick, definition changed': (checkpoint) =>
    requested({ kind: 'tick', stream: stream.name, scheduledAt: now }, checkpoint, 'another'),
  'tick, no probe to come': (checkpoint) =>
    requested({ kind: 'tick', stream: stream.name, scheduledAt: now }, checkpoint, definition, null),
  'its message': (checkpoint) => message(checkpoint, checkpoint.sequence),
  'an old message': (checkpoint) => message(checkpoint, checkpoint.sequence - 1),
  'secret not filled in': (checkpoint) => unconfigured(checkpoint, 'the secret has no apiKey yet', now),
  'page stored, more follow': ofPage((claimed) => advanced(claimed, page, more, now)),
  'file not written yet': ofPage((claimed) =>
    awaitingFile(claimed, { ...more, status: 404, retryAt: soon, requestFingerprint: 'basis' }, now),
  ),
  'step back': ofPage((claimed) => steppedBack(claimed, { ...more, ...failed }, now)),
  'last page stored': ofPage((claimed) => closed(claimed, page, complete, now)),
  'last page stored, sweep': ofPage((claimed) => sweeping(claimed, page, sweep, now)),
  'part swept, more follow': ofPage((claimed) =>
    swept(claimed, { position: sweep, deleted: 0, by: 'message' }, now),
  ),
  'last part swept': ofPage((claimed) => sweptUp(claimed, { ...complete, deleted: 0 }, now)),
  'too many steps back': ofPage((claimed) => drifted(claimed, failed, now)),
  'call refused by the limit': ofPage((claimed) =>
    refused(claimed, { retryAt: soon, reason: 'the limit is closed', slots: [] }, now),
  ),
  'transient failure': ofPage((claimed) => deferred(claimed, { ...failed, retryAt: soon }, now)),
  'named wait over 11 h': ofPage((claimed) => deferred(claimed, { ...failed, retryAt: later }, now)),
  'attempts spent': ofPage((claimed) => exhausted(claimed, { ...failed, trouble: 'exhausted' }, now)),
  halt: ofPage((claimed) => halted(claimed, halt, now)),
  'halt for good': ofPage((claimed) => haltedForGood(claimed, halt, now)),
  'watchdog, soon': (checkpoint) => revived(checkpoint, soon),
  'watchdog, after hours': (checkpoint) => revived(checkpoint, later),
  'watchdog, definition changed': (checkpoint) =>
    revived(checkpoint, soon, { ...stream, settings: { ...stream.settings, pageSize: 7 } }),
  pause: (checkpoint) => pausedCheckpoint(checkpoint, now),
  resume: (checkpoint) => resumedCheckpoint(checkpoint, now),
  reset: (checkpoint) => resetCheckpoint(checkpoint, { newRun: 'new-run', offset: 0, now }),
  'another page’s probe succeeds': (checkpoint) => sentOn(checkpoint, now),
  run: (checkpoint) => {
    const known = { now, newRun: 'new-run', byTick: false, breaker: 'open' } as const;
    const decision = decideRun(checkpoint, known);
    return decision.kind === 'go' ? decision.next : null;
  },
  'allow-deletions': (checkpoint) =>
    allowedCheckpoint({ ...checkpoint, heldDeletions: { rows: 2, of: 3, since: now } }, now),
};

/** What a page comes to is stored for the invocation that holds its claim, and for no other. */
function ofPage(change: (claimed: Claimed) => Checkpoint): (checkpoint: Checkpoint) => Checkpoint | null {
  return (checkpoint) => (isClaimed(checkpoint) ? change(checkpoint) : null);
}

function message(checkpoint: Checkpoint, sequence: number): Checkpoint | null {
  const run = checkpoint.run ?? 'run';
  return requested({ kind: 'message', message: { v: 1, stream: stream.name, run, sequence } }, checkpoint);
}

/** It is the stream's own page that probes, and the time of its probe has come. */
const standing: Outage = {
  ...{ ...newOutage(stream.limitScope), since: now - 60_000, pauseMs: 30_000, nextAt: now },
  carriers: { [stream.connection]: stream.name },
};

function requested(
  request: PageRequest,
  checkpoint: Checkpoint,
  its = definition,
  outage: Outage | null = standing,
): Checkpoint | null {
  const context = { stream, now, holder: 'another', newRun: 'new-run', definition: its, outage };
  const claim = decideClaim(request, checkpoint, context);
  return claim.kind === 'decline' ? null : claim.next;
}

function revived(checkpoint: Checkpoint, at: number, its = stream): Checkpoint | null {
  const context = { stream: its, now: at, newRun: 'new-run', credentials: 'good' } as const;
  return decideRevival(checkpoint, context)?.next ?? null;
}
