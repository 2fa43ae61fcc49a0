import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Invocation } from '../invocation.ts';
import type { Heard } from '../simulated-vendor.ts';
import { versionAt, type Entry } from '../vendor-stream.ts';
import type { Call, Facts, Invariant, Judge, Recorded } from './judge.ts';
import { stepOf, thereThroughout, type Run } from './run-book.ts';

/**
 * Invariants 2 (records first, position last), 3 (one page repeated at most), 8 (what has not changed is not written), 10
 * and 13 (complete only if all that was there is stored).
 */
export class JudgeOfPages implements Judge {
  readonly #facts: Facts;
  readonly #ticks = new Map<string, number>();
  /** By run: the last page that came, and who had asked for it. */
  readonly #came = new WeakMap<Run, { readonly sequence: number; readonly by: Invocation }>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  called(invocation: Invocation, { stream }: Call): void {
    if (this.#facts.checkpoints.get(stream.name)?.position?.kind === 'sweep') {
      this.#fail(2, `${invocation.who} asks for a page of ${stream.name}, which is past its last one`);
    }
  }

  answered(invocation: Invocation, { stream }: Call, heard: Heard | null): void {
    const run = this.#facts.runs.of(stream.name);
    const { calledFor } = invocation;
    if (heard?.kind !== 'page' || run === undefined || calledFor?.run !== run.id) return;
    // What is not believed is asked for again.
    if (heard.lie !== null) return;
    const before = this.#came.get(run);
    if (before !== undefined && before.sequence > calledFor.sequence) {
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
    this.#came.set(run, { sequence: calledFor.sequence, by: invocation });
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { stream } = after;
    const run = this.#facts.runs.of(stream);
    const step = stepOf(before, after);
    if (step === 'opened') this.#opens(invocation, before, after);
    if (run === undefined || step === 'opened' || step === 'none') return;
    const { heard } = invocation;
    const expired = heard?.kind === 'expired' && (step === 'restart' || step === 'drifted');
    if (step === 'sweep') {
      if (invocation.calls > 0) this.#fail(2, `${invocation.who} asks for a page and sweeps ${stream}`);
    } else if (step === 'restart' && invocation.calls === 0 && run.forgotten !== 'no') {
      // The ids that it was to ask for are not known any more.
    } else if (step === 'page' && (heard?.kind === 'unknown' || this.#hasNobodyToAsk(stream, invocation))) {
      // Whose rows were asked for has gone, or there is nobody.
    } else if (heard?.kind !== 'page' && !expired) {
      this.#fail(2, `${invocation.who} moves ${stream} on without a page`);
      return;
    } else if (step === 'page' && heard.kind === 'page') {
      this.#checkPage(invocation, stream, run, heard);
    } else if (!expired && this.#isStill(run) && run.forgotten === 'no' && !run.unread) {
      this.#fail(2, `${invocation.who} goes back in ${stream} though no row has moved`);
    }
    if (after.run !== null) return;
    if (after.outcome === 'complete') this.#checkComplete(invocation, stream, run);
    if (after.outcome === 'partial' && !run.leftOut && this.#isStill(run)) {
      this.#fail(13, `${invocation.who} calls ${stream} partial, and nothing was missing`);
    }
  }

  recorded(invocation: Invocation, stream: string, { id, version, previous }: Recorded): void {
    if (previous === version) {
      this.#fail(8, `${invocation.who} writes ${id} of ${stream} though it has not changed`);
    } else if (previous !== undefined && previous > version) {
      this.#fail(1, `${invocation.who} overwrites ${id} of ${stream} with what it was before`);
    }
  }

  #opens(invocation: Invocation, before: Checkpoint, { stream, lastTick }: Checkpoint): void {
    if (before.run !== null) {
      this.#fail(3, `${invocation.who} begins ${stream} anew in the middle of a run`);
    }
    const acted = this.#ticks.get(stream) ?? -Infinity;
    if (invocation.kind === 'tick' && lastTick !== null) {
      if (lastTick <= acted) this.#fail(3, `${invocation.who} starts ${stream} for a tick that is past`);
      this.#ticks.set(stream, lastTick);
    }
  }

  /** All that came is stored, and all that was there before the last row of it. */
  #checkPage(invocation: Invocation, stream: string, run: Run, { given, of }: Heard): void {
    if (of.kind === 'ids') return;
    const past = (id: string): string => `${invocation.who} moves ${stream} past ${id}, which is not stored`;
    // A row of the overlap is not stored a second time, whatever has become of it since.
    const came = given.map(({ entry }) => entry);
    this.#checkStored(2, stream, came, run, past);
    // A part has an order of its own: whether all of them are stored is seen at the end of the run.
    if (run.leftOut || run.liedTo || of.kind !== 'all') return;
    const last = Math.max(-1, ...came.map(({ key }) => key));
    const before = this.#thereThroughout(stream, run).filter(({ key }) => key <= last);
    this.#checkStored(this.#isStill(run) ? 2 : 10, stream, before, run, past);
  }

  #checkComplete(invocation: Invocation, stream: string, run: Run): void {
    if (run.leftOut) {
      this.#fail(13, `${invocation.who} calls ${stream} complete though the vendor left something out`);
    }
    // Against a vendor that says what is not so nobody can be complete.
    if (run.liedTo) return;
    // Without anybody to ask for nothing is asked.
    if (!run.atEnd && run.lastPage !== null) {
      this.#fail(13, `${invocation.who} calls ${stream} complete though the list goes on`);
    }
    const there = this.#thereThroughout(stream, run);
    this.#checkStored(
      this.#isStill(run) ? 13 : 10,
      stream,
      there,
      run,
      (id) => `${invocation.who} calls ${stream} complete without ${id}`,
    );
  }

  /** When it looked there was nobody. */
  #hasNobodyToAsk(stream: string, { calls, startedAt }: Invocation): boolean {
    const { vendorStreams, records, livingSince } = this.#facts;
    const parents = vendorStreams.get(stream)?.parents?.name;
    if (calls > 0 || parents === undefined) return false;
    const known = [...(records.get(parents)?.keys() ?? [])];
    return known.every((id) => (livingSince(parents, id) ?? Infinity) >= startedAt);
  }

  /** No row of its stream has come or gone since it began. */
  #isStill({ liedTo, versions }: Run): boolean {
    return this.#facts.drift === 'between' && !liedTo && versions.size <= 1;
  }

  #checkStored(
    invariant: Invariant,
    stream: string,
    entries: readonly Entry[],
    run: Run,
    words: (id: string) => string,
  ): void {
    const stored = this.#facts.records.get(stream);
    for (const entry of entries) {
      const version = versionAt(entry, run.openedAt);
      const missing = entry.records.find((id) => (stored?.get(id) ?? 0) < version);
      if (missing !== undefined) this.#fail(invariant, words(missing));
    }
  }

  #thereThroughout(stream: string, run: Run): readonly Entry[] {
    const rows = this.#facts.vendorStreams.get(stream);
    return rows === undefined ? [] : thereThroughout(run, rows, this.#facts);
  }

  #fail(invariant: Invariant, words: string): void {
    this.#facts.fail(invariant, words);
  }
}
