import { maxCutShort } from '../../../lib/sync/troubles.ts';
import type { Breaker } from '../../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint, type Stop } from '../../../lib/sync/checkpoint.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import type { Invocation } from '../invocation.ts';
import type { Facts, Judge } from './judge.ts';
import { endsByRefusal } from './run-book.ts';

/** What can be wrong with a stream, as the judges see it. */
export const judgedKinds = ['unauthorized', 'missing', 'halted', 'exhausted', 'held', 'stale'] as const;
export type JudgedKind = (typeof judgedKinds)[number];

const kindOfStop: Readonly<Record<Stop['by'], JudgedKind>> = {
  unauthorized: 'unauthorized',
  forbidden: 'halted',
  rejected: 'halted',
  missing: 'missing',
  looping: 'held',
  runaway: 'held',
  exhausted: 'exhausted',
  malformed: 'exhausted',
};

/** What has stopped a stream; null if nothing has. */
export function kindOf({ stopped }: Checkpoint): JudgedKind | null {
  return stopped === null ? null : kindOfStop[stopped.by];
}

/** Whether something is wrong beyond doubt, or where nobody could blame who says so. */
type Certainty = 'surely' | 'perhaps';

interface Span {
  /** Null while it does not stand. */
  since: number | null;
  /** When it last came to an end. */
  until: number;
}

/**
 * Keeps book of what is wrong with the streams, from what is stored of them, for the judges of what is told of it. Comes before
 * them. Times are epoch milliseconds.
 */
export class TroubleBook implements Judge {
  readonly #facts: Facts;
  readonly #pages = new Map<string, Page>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    // What time alone brings stood until now, though nobody has looked since.
    this.#note(after.stream, before);
    this.#note(after.stream);
    if (before.stopped !== null && after.stopped === null && !mayEnd(invocation)) {
      this.#facts.fail(
        15,
        `${invocation.who} takes ${after.stream} for well, and it has had no good answer since it was stopped`,
      );
    }
  }

  breakerStored(_invocation: Invocation, { connection }: Breaker): void {
    for (const [name, stream] of this.#facts.streams) if (stream.connection === connection) this.#note(name);
  }

  /** Since when it stands; null if it does not. */
  since(stream: string, kind: JudgedKind): number | null {
    return this.#note(stream).surely[kind].since;
  }

  /** Whether it has stood at any time since then. */
  stoodAfter(from: number, stream: string, kind: JudgedKind): boolean {
    const { since, until } = this.#note(stream).perhaps[kind];
    return since !== null || until >= from;
  }

  /** When it last came to an end; null while it stands. */
  endedAt(stream: string, kind: JudgedKind): number | null {
    const { since, until } = this.#note(stream).perhaps[kind];
    return since === null ? until : null;
  }

  #note(name: string, stored = this.#facts.checkpoints.get(name)): Page {
    const page = this.#pages.get(name) ?? newPage();
    this.#pages.set(name, page);
    const now = this.#facts.now();
    const stream = this.#facts.streams.get(name);
    const checkpoint = stored ?? newCheckpoint(name);
    const breaker = this.#facts.breakers.get(stream?.connection ?? '');
    const isSame = page.checkpoint === checkpoint && page.breaker === breaker && page.at === now;
    if (isSame || stream === undefined) return page;
    Object.assign(page, { checkpoint, breaker, at: now });
    const isRefused = breaker !== undefined && breaker.state !== 'closed';
    for (const kind of judgedKinds) {
      const is = standing(kind, { stream, checkpoint, isRefused, now });
      turn(page.surely[kind], is.surely, now);
      turn(page.perhaps[kind], is.perhaps, now);
    }
    return page;
  }
}

/** Of a stream. */
interface Page extends Readonly<Record<Certainty, Readonly<Record<JudgedKind, Span>>>> {
  /** As they were when it was looked at last, and when that was. */
  checkpoint: Checkpoint | null;
  breaker: Breaker | undefined;
  at: number;
}

function newPage(): Page {
  const spans = (): Record<JudgedKind, Span> => ({
    ...{ unauthorized: newSpan(), missing: newSpan(), halted: newSpan() },
    ...{ exhausted: newSpan(), held: newSpan(), stale: newSpan() },
  });
  return { surely: spans(), perhaps: spans(), checkpoint: null, breaker: undefined, at: -Infinity };
}

function newSpan(): Span {
  return { since: null, until: -Infinity };
}

function turn(span: Span, is: boolean, now: number): void {
  if (is) span.since ??= now;
  else if (span.since !== null) [span.since, span.until] = [null, now];
}

interface Around {
  readonly stream: Stream;
  readonly checkpoint: Checkpoint;
  readonly isRefused: boolean;
  readonly now: number;
}

function standing(
  kind: JudgedKind,
  { stream, checkpoint, isRefused, now }: Around,
): Readonly<Record<Certainty, boolean>> {
  const { state, heldDeletions, cutShortRuns, doubtedSince, freshFrom } = checkpoint;
  const stop = kindOf(checkpoint);
  const isPaused = state === 'paused';
  const both = (is: boolean): Readonly<Record<Certainty, boolean>> => ({ surely: is, perhaps: is });
  switch (kind) {
    case 'unauthorized':
      // Of a connection whose streams are all paused its number still says so.
      return {
        surely: !isPaused && (isRefused || stop === kind),
        perhaps: isRefused || (!isPaused && stop === kind),
      };
    case 'missing':
    case 'halted':
    case 'exhausted':
      return both(!isPaused && stop === kind);
    case 'held': {
      const is = heldDeletions !== null || cutShortRuns >= maxCutShort;
      return {
        surely: !isPaused && (is || stop === kind),
        perhaps: is || stop === kind || doubtedSince !== null,
      };
    }
    case 'stale': {
      const isLate = freshFrom !== null && now - freshFrom > stream.freshnessMs;
      // Where pages fail for long that is a page, too, by a time that the judge of incidents knows.
      return {
        surely: isLate && !isPaused && !isRefused && (stop === null || stop === 'held'),
        perhaps: (isLate && !isPaused) || stop === 'exhausted',
      };
    }
  }
}

/** Whether what had stopped the stream can be over by this: an answer was good, or there was nobody to ask for. */
function mayEnd({ kind, heard, calls }: Invocation): boolean {
  if (kind === 'person' || kind === 'watchdog') return false;
  if (heard === null) return calls === 0;
  return ['page', 'unknown', 'expired', 'behind'].includes(heard.kind) || endsByRefusal(heard);
}
