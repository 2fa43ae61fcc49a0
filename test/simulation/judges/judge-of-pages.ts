import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Invocation } from '../invocation.ts';
import type { Heard } from '../simulated-vendor.ts';
import { keyOf, versionAt, type Entry } from '../vendor-stream.ts';
import type { Call, Facts, Invariant, Judge, Recorded } from './judge.ts';

interface Run {
  readonly id: string;
  readonly openedAt: number;
  leftOut: boolean;
  /** Of the last page that came: its sequence, and who had asked. */
  came: { readonly sequence: number; readonly by: Invocation } | null;
}

/**
 * Invariants 2 (records first, position last), 3 (one page repeated at most), 8 (what has not changed is not written), 10
 * and 13 (complete only if all that was there is stored).
 */
export class JudgeOfPages implements Judge {
  readonly #facts: Facts;
  readonly #runs = new Map<string, Run>();
  readonly #ticks = new Map<string, number>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  answered(invocation: Invocation, { stream }: Call, heard: Heard | null): void {
    const run = this.#runs.get(stream.name);
    const { calledFor } = invocation;
    if (heard?.kind !== 'page' || run === undefined || calledFor?.run !== run.id) return;
    // Nothing where there should be something is no page that came.
    if (heard.given.length === 0 && this.#facts.drift !== 'none') return;
    const before = run.came;
    if (before !== null && before.sequence > calledFor.sequence) {
      this.#fail(
        3,
        `${invocation.who} asks for page ${calledFor.sequence} of ${stream.name} again, after later ones`,
      );
    } else if (before?.sequence === calledFor.sequence && before.by.disturbed === null) {
      this.#fail(
        3,
        `${invocation.who} asks again for a page of ${stream.name} that ${before.by.who} had got`,
      );
    }
    run.came = { sequence: calledFor.sequence, by: invocation };
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    if (after.run !== null && after.run !== before.run) this.#opens(invocation, before, after);
    const run = this.#runs.get(after.stream);
    if (run?.id !== before.run || after.sequence === before.sequence) return;
    const { heard } = invocation;
    if (heard?.kind !== 'page') {
      this.#fail(2, `${invocation.who} moves ${after.stream} on without a page`);
      return;
    }
    run.leftOut ||= heard.leftOut;
    // A walk that steps back, because rows have gone, asks for this page again.
    const back = after.run !== null && offsetOf(after) <= offsetOf(before) && this.#facts.drift !== 'none';
    for (const { entry } of back ? [] : heard.given) {
      // A row of the overlap is not stored a second time, whatever has become of it since.
      const missing = this.#missing(after.stream, entry, versionAt(entry, run.openedAt));
      if (missing !== undefined) {
        this.#fail(2, `${invocation.who} moves ${after.stream} past ${missing}, which is not stored`);
      }
    }
    const end = after.run === null;
    if (this.#facts.drift === 'none') this.#checkPrefix(invocation, after, run, end);
    if (end && after.outcome === 'complete') this.#checkComplete(invocation, after.stream, run);
  }

  recorded(invocation: Invocation, stream: string, { id, version, previous }: Recorded): void {
    if (previous === version) {
      this.#fail(8, `${invocation.who} writes ${id} of ${stream} though it has not changed`);
    } else if (previous !== undefined && previous > version) {
      this.#fail(1, `${invocation.who} overwrites ${id} of ${stream} with what it was before`);
    }
  }

  #opens(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { stream, run, lastTick } = after;
    if (before.run !== null && this.#facts.drift === 'none') {
      this.#fail(3, `${invocation.who} begins ${stream} anew in the middle of a run`);
    }
    const acted = this.#ticks.get(stream) ?? -Infinity;
    if (invocation.kind === 'tick' && lastTick !== null) {
      if (lastTick <= acted) this.#fail(3, `${invocation.who} starts ${stream} for a tick that is past`);
      this.#ticks.set(stream, lastTick);
    }
    this.#runs.set(stream, { id: run ?? '', openedAt: this.#facts.now(), leftOut: false, came: null });
  }

  /** Without drift the position says which rows must be there. */
  #checkPrefix(invocation: Invocation, after: Checkpoint, run: Run, end: boolean): void {
    if (end || after.position === null) return;
    const { position } = after;
    const entries = this.#entries(after.stream);
    if (position.kind === 'sweep') return;
    const passed =
      position.kind === 'offset'
        ? entries.slice(0, position.offset)
        : entries.filter(({ key }) => key <= keyOf(position.cursor));
    if (run.leftOut) return;
    this.#checkStored(
      2,
      passed,
      run,
      (id) => `${invocation.who} moves ${after.stream} past ${id}, which is not stored`,
    );
  }

  #checkComplete(invocation: Invocation, stream: string, run: Run): void {
    if (run.leftOut) {
      this.#fail(13, `${invocation.who} calls ${stream} complete though the vendor left something out`);
    }
    if (this.#facts.drift === 'tolerated') return;
    const now = this.#facts.now();
    const throughout = this.#entries(stream).filter(
      ({ bornAt, diedAt }) => bornAt <= run.openedAt && (diedAt === null || diedAt > now),
    );
    const invariant = this.#facts.drift === 'none' ? 13 : 10;
    this.#checkStored(
      invariant,
      throughout,
      run,
      (id) => `${invocation.who} calls ${stream} complete without ${id}`,
    );
    const ours = this.#facts.records.get(stream)?.size ?? 0;
    const theirs = throughout.reduce((sum, { records }) => sum + records.length, 0);
    if (this.#facts.drift === 'none' && ours !== theirs) {
      this.#fail(13, `${invocation.who} calls ${stream} complete with ${ours} records of ${theirs}`);
    }
  }

  #checkStored(
    invariant: Invariant,
    entries: readonly Entry[],
    run: Run,
    words: (id: string) => string,
  ): void {
    const stream = [...this.#runs].find(([, other]) => other === run)?.[0] ?? '';
    for (const entry of entries) {
      const missing = this.#missing(stream, entry, versionAt(entry, run.openedAt));
      if (missing !== undefined) this.#fail(invariant, words(missing));
    }
  }

  #missing(stream: string, entry: Entry, version: number): string | undefined {
    const stored = this.#facts.records.get(stream);
    return entry.records.find((id) => (stored?.get(id) ?? 0) < version);
  }

  #entries(stream: string): readonly Entry[] {
    return this.#facts.vendorStreams.get(stream)?.entries ?? [];
  }

  #fail(invariant: Invariant, words: string): void {
    this.#facts.fail(invariant, words);
  }
}

/** Cursors have no order that could be seen. */
function offsetOf({ position }: Checkpoint): number {
  return position === null ? 0 : position.kind === 'offset' ? position.offset : NaN;
}
