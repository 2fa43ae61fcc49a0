import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { Invocation } from './invocation.ts';
import type { Judge } from './judges/judge.ts';
import { stepOf } from './judges/run-book.ts';
import { neverEnds, tellsWhatHasGone } from './manners.ts';
import type { Entry, VendorStream } from './vendor-stream.ts';
import type { World } from './world.ts';

interface Runs {
  openedAt: number;
  /** When the last run began that got all that can be got; null before the first. */
  completedFrom: number | null;
  /** Of those that have begun in the calm: how many are over, until the store was exact; null once it was. */
  calm: number | null;
  /** When it was found exact in the calm. */
  exactAt: number;
  /** Deletions have been held back in the calm. */
  held: boolean;
}

/** So many runs may a stream take to be exact again: one that finds a new key, one that is trusted, and one to spare. */
const maxRuns = 3;
/** Where deletions are held back: one more that finds it, and one that a person has allowed. */
const maxRunsHeld = 5;

/** How far the store is from what the vendor has, once nothing goes wrong any more. */
export class EndState implements Judge {
  readonly #world: World;
  readonly #runs = new Map<string, Runs>();
  readonly #ended: (stream: string) => void;
  /** When the calm began; null before that. */
  #since: number | null = null;
  /** Pages, and parts of sweeps. */
  pages = 0;

  /** @param ended told whenever a run is over */
  constructor(world: World, ended: (stream: string) => void) {
    this.#world = world;
    this.#ended = ended;
  }

  stored(_invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { stream } = after;
    const runs = this.#of(stream);
    if (stepOf(before, after) === 'opened') runs.openedAt = this.#world.now();
    if (after.sequence > before.sequence) this.pages += 1;
    if (this.#since !== null) runs.held ||= before.heldDeletions !== null || after.heldDeletions !== null;
    if (before.run === null || after.run !== null) return;
    if (after.outcome === 'complete' || this.isAsFarAsItGoes(after)) runs.completedFrom = runs.openedAt;
    this.#count(stream, runs);
    this.#ended(stream);
  }

  /** From now on nothing goes wrong any more. */
  begin(): void {
    this.#since = this.#world.now();
  }

  /** Whether every stream has been through since then, and is exact. */
  get isReached(): boolean {
    const since = this.#since ?? Infinity;
    const names = [...this.#world.streams.keys()];
    return (
      names.every((name) => (this.#of(name).completedFrom ?? 0) >= since) &&
      names.every((name) => this.whatIsWrong(name) === null)
    );
  }

  /** Where the vendor goes no deeper, or seems to: such runs are partial, and say so. */
  isAsFarAsItGoes({ stream, outcome, reason }: Checkpoint): boolean {
    const manner = this.#world.vendorStreams.get(stream)?.manner;
    return manner !== undefined && neverEnds(manner) && outcome === 'partial' && reason !== null;
  }

  /**
   * Where the vendor goes no deeper: all of what it gives that has to be there, and what it had given once.
   * @returns in words, or null if the store has what the vendor shows, and nothing else
   */
  whatIsWrong(name: string): string | null {
    const world = this.#world;
    const { heldDeletions } = world.checkpointOf(name);
    const list = world.vendorStreams.get(name);
    // Where no run can tell what has gone, a list that shows nothing for a while is held, and let go once it shows rows again.
    if (
      heldDeletions !== null &&
      (list === undefined || list.live.length === 0 || tellsWhatHasGone(list.manner))
    ) {
      return `${name} holds back ${heldDeletions.rows} deletions`;
    }
    const version = world.connectionOf(name)?.secret.version ?? '';
    const stored = new Map(world.mirror.living.get(name));
    const there = list === undefined ? [] : inReach(list, version);
    for (const entry of there) {
      for (const id of entry.records) {
        if (stored.get(id) !== entry.changedAt.length) return `${name} has not ${id} as it is`;
        stored.delete(id);
      }
    }
    const [kept] = stored.keys();
    // Who asks for what has changed does not hear of what has gone. A list without a row tells it whatever its manner.
    const tells =
      list !== undefined && !list.isWindowed && (there.length === 0 || tellsWhatHasGone(list.manner));
    return kept === undefined || !tells ? null : `${name} keeps ${kept}, which has gone`;
  }

  #count(stream: string, runs: Runs): void {
    if (this.#since === null || runs.openedAt < this.#since || runs.calm === null) return;
    // Nobody asks for the rows of those who are not known yet.
    const parents = this.#world.vendorStreams.get(stream)?.parents?.name;
    if (parents !== undefined && runs.openedAt < this.#of(parents).exactAt) return;
    runs.calm += 1;
    const wrong = this.whatIsWrong(stream);
    if (wrong === null) [runs.calm, runs.exactAt] = [null, this.#world.now()];
    else if (runs.calm >= (runs.held ? maxRunsHeld : maxRuns) + this.#runsToWhole(stream)) {
      this.#world.fail('rest', `after ${runs.calm} runs without a fault ${wrong}`);
    }
  }

  /** So many runs may walk what has changed alone, before the whole list is walked. */
  #runsToWhole(name: string): number {
    const stream = this.#world.streams.get(name);
    return Math.ceil((stream?.settings.reconcileMs ?? 0) / ((stream?.gapSeconds ?? 1) * 1000));
  }

  #of(stream: string): Runs {
    const runs = this.#runs.get(stream) ?? {
      ...{ openedAt: 0, completedFrom: null, held: false },
      ...{ calm: 0, exactAt: Infinity },
    };
    this.#runs.set(stream, runs);
    return runs;
  }
}

/** Those that every walk comes to. */
function inReach(rows: VendorStream, version: string): readonly Entry[] {
  const { manner } = rows;
  const visible = rows.visible(version);
  return manner.kind === 'no deeper' ? visible.slice(0, manner.than) : visible;
}
