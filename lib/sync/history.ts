import type { Checkpoint, HistoryEvent } from './checkpoint.ts';

/** DynamoDB bills a write by the kilobyte, so this is the story of the last runs and no log. */
export const maxEvents = 10;
const maxReason = 80;
/** Of all reasons together. */
const maxText = 300;

/**
 * The history with what `next` says, if that is anything new. Pure. A try that has only begun is nothing yet; the pages of
 * a run are in the event that ends it.
 */
export function historyWith(next: Checkpoint): readonly HistoryEvent[] {
  const { history, outcome, lease, progress, run } = next;
  if (outcome === null || (outcome === 'running' && lease !== null)) return history;
  const at = next.outcomeAt ?? next.movedAt;
  const event: HistoryEvent = {
    began: progress?.startedAt ?? at,
    what: outcome,
    status: next.lastStatus,
    reason: next.reason === null ? null : shortened(next.reason),
    times: 1,
    at,
    until: at,
    pages: progress?.pages ?? 0,
    written: progress?.written ?? 0,
    deleted: progress?.deleted ?? 0,
  };
  const isOver = run === null && outcome !== 'running';
  const others = isOver
    ? history.filter(({ began, what }) => !(began === event.began && what === 'running'))
    : history;
  const same = others.find((one) => isSame(one, event));
  // The item was written for another cause: this event is in the history already.
  if (same?.until === at) return others.length === history.length ? history : others;
  if (same === undefined) return cut([...others, event]);
  const merged = { ...event, times: same.times + 1, at: same.at };
  return cut([...others.filter((one) => one !== same), merged]);
}

/** Whole words, as many as there is room for; one that is longer is cut. */
function shortened(reason: string): string {
  if (reason.length <= maxReason) return reason;
  const room = reason.slice(0, maxReason - 1);
  // The next character says whether the last word is whole.
  const words = reason.slice(0, maxReason).replace(/[\s,;:(]+\S*$/u, '');
  return `${words.length < maxReason ? words : room.replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function isSame(a: HistoryEvent, b: HistoryEvent): boolean {
  return a.began === b.began && a.what === b.what && a.status === b.status && a.reason === b.reason;
}

/** The oldest go first. */
function cut(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  let left = events.slice(-maxEvents);
  while (left.length > 1 && textOf(left) > maxText) left = left.slice(1);
  return left;
}

function textOf(events: readonly HistoryEvent[]): number {
  return events.reduce((sum, { reason }) => sum + (reason?.length ?? 0), 0);
}
