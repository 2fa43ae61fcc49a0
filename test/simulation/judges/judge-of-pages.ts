import { walkOf } from '../../../lib/paging/position.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Invocation } from '../invocation.ts';
import type { Heard } from '../simulated-vendor.ts';
import { versionAt, type Entry } from '../vendor-stream.ts';
import type { Call, Facts, Invariant, Judge, Recorded } from './judge.ts';
import {
  endsByRefusal,
  isAboutDepth,
  isOfChanges,
  isTrial,
  stepOf,
  thereThroughout,
  type Run,
} from './run-book.ts';

/**
 * Invariants 2 (records first, position last), 3 (one page repeated at most), 8 (what has not changed is not written), 10
 * and 13 (complete only if all that was there is stored).
 */
export class JudgeOfPages implements Judge {
  readonly #facts: Facts;
  readonly #ticks = new Map<string, number>();
  /** By run: the last page that came, and who had asked for it. */
  readonly #came = new WeakMap<Run, { readonly sequence: number; readonly by: Invocation }>();
  /** By stream: cursors that were refused, and since when that is known. */
  readonly #dead = new Map<string, Map<string, number>>();
  /** By run: pages in a row that a vendor that goes round in circles has given again. */
  readonly #circles = new WeakMap<Run, number>();
  /** Streams that have been walked whole, and have not been lied to in a complete run since. */
  readonly #built = new Set<string>();
  /** By stream: whether a run has gone through to its end. */
  readonly #complete = new Set<string>();

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
    if (heard?.kind === 'expired') this.#checkDead(invocation, stream.name, heard);
    if (heard?.kind !== 'page' || run === undefined || calledFor?.run !== run.id) return;
    // What is not believed is asked for again.
    if (heard.lie !== null || heard.moved) return;
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
    this.#buryCursor(invocation, stream);
    if (run !== undefined && before.state !== 'halted' && after.halt?.outcome === 'looping') {
      this.#checkLoop(invocation, stream, run);
    }
    if (run === undefined || step === 'opened' || step === 'none') return;
    const { heard } = invocation;
    const expired = heard?.kind === 'expired' && ['restart', 'back', 'drifted'].includes(step);
    if (step === 'sweep') {
      if (invocation.calls > 0) this.#fail(2, `${invocation.who} asks for a page and sweeps ${stream}`);
    } else if (step === 'restart' && invocation.calls === 0 && run.forgotten !== 'no') {
      // The ids that it was to ask for are not known any more.
    } else if (step === 'page' && (heard?.kind === 'unknown' || this.#hasNobodyToAsk(stream, invocation))) {
      // Whose rows were asked for has gone, or there is nobody.
    } else if (heard !== null && endsByRefusal(heard)) {
      if (step === 'page') this.#checkRefusal(invocation, after, run, heard);
    } else if (heard?.kind !== 'page' && !expired) {
      this.#fail(2, `${invocation.who} moves ${stream} on without a page`);
      return;
    } else if (step === 'page' && heard.kind === 'page') {
      this.#checkPage(invocation, stream, run, heard);
      this.#checkCircle(invocation, stream, run, heard);
    } else if (
      !expired &&
      !isTrial(walkOf(before.position)) &&
      this.#isStill(run) &&
      run.forgotten === 'no' &&
      !run.unread &&
      !run.sawMoved
    ) {
      // What a trial leads back from is no row that has moved.
      this.#fail(2, `${invocation.who} goes back in ${stream} though no row has moved`);
    }
    if (after.run !== null) return;
    if (after.outcome === 'complete') {
      this.#checkComplete(invocation, stream, run);
      this.#complete.add(stream);
    }
    if (after.outcome === 'partial' && !run.leftOut && run.refused === null && this.#isStill(run)) {
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
    // A run that halted in a circle cannot get on from there.
    if (before.run !== null && before.halt?.outcome !== 'looping') {
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
    // What ends with a refusal does not end with what a total says.
    const isByTotal = run.lastPage?.lie === 'miscounted' && run.refused === null;
    if (isByTotal && !run.atEnd && !this.#mayBeBelieved(stream, run)) {
      this.#fail(
        13,
        `${invocation.who} calls ${stream} complete because its total says so, and the list goes on`,
      );
    }
    // Against a vendor that says what is not so nobody can be complete, nor who builds on that.
    if (run.liedTo) this.#built.delete(stream);
    else if (!isOfChanges(run)) this.#built.add(stream);
    if (run.liedTo || (isOfChanges(run) && !this.#built.has(stream))) return;
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

  /** A page that came short, where that means something: its total is not asked about. */
  #mayBeBelieved(stream: string, { lastPage, fullest, hasWalked, restarted }: Run): boolean {
    // It has been right on the pages before, and such a run deletes nothing.
    if (restarted) return true;
    const came = lastPage?.given.length ?? 0;
    if (came >= (lastPage?.limit ?? 0)) return false;
    // Of a vendor that gave more rows at a time before nobody could tell that it gives but one now.
    return came < fullest || (!hasWalked && this.#complete.has(stream));
  }

  /** An offset that is refused is the end only where nothing lies behind it, and only by a status that can say so. */
  #checkRefusal(invocation: Invocation, after: Checkpoint, run: Run, heard: Heard): void {
    const { kind, status } = heard;
    if (kind === 'denied' || after.run !== null) return;
    const { stream, outcome, reason } = after;
    const { who } = invocation;
    if (outcome === 'complete' && (isAboutDepth(heard) || !run.atEnd)) {
      this.#fail(13, `${who} takes the refusal ${status} for the end of ${stream}`);
    }
    const came = run.lastPage?.given.length ?? 0;
    // Where rows move, the same row again may be the last one and may be followed by others: a run need not believe either.
    const broughtNothing = run.broughtNothing && this.#isStill(run);
    const wasShort = broughtNothing || (came < run.fullest && came < (run.lastPage?.limit ?? 0));
    if (
      outcome === 'partial' &&
      heard.atEnd &&
      !isAboutDepth(heard) &&
      wasShort &&
      // What it has seen before it stepped back is known to the judge, and may not be to the run.
      !run.restarted &&
      run.lastPage?.of.kind === 'all'
    ) {
      this.#fail(13, `${who} calls ${stream} partial, and it was at its end`);
    }
    if (outcome === 'partial' && (reason === null || reason === '')) {
      this.#fail(13, `${who} does not say why ${stream} is partial`);
    }
  }

  /** @param heard a cursor that is refused */
  #checkDead(invocation: Invocation, stream: string, { cursor, status }: Heard): void {
    const since = this.#dead.get(stream)?.get(cursor ?? '');
    const lookedAt = invocation.lookedAt.get('checkpoints') ?? invocation.startedAt;
    if (since !== undefined && lookedAt >= since) {
      this.#fail(3, `${invocation.who} asks ${stream} again by a cursor that was refused with ${status}`);
    }
  }

  /** An invocation that nothing has disturbed writes down that a cursor is refused: from then on it is known. */
  #buryCursor({ heard, disturbed }: Invocation, stream: string): void {
    if (heard?.kind !== 'expired' || heard.cursor === null || disturbed !== null) return;
    const dead = this.#dead.get(stream) ?? new Map<string, number>();
    this.#dead.set(stream, dead);
    if (!dead.has(heard.cursor)) dead.set(heard.cursor, this.#facts.now());
  }

  /** A list goes round in circles only where a page leads back; and the rows of that page are kept. */
  #checkLoop(invocation: Invocation, stream: string, run: Run): void {
    const { heard } = invocation;
    if (heard?.kind !== 'page') return;
    if (heard.cursor !== null && heard.lie === null && heard.atEnd) {
      this.#fail(10, `${invocation.who} halts ${stream} for a circle, and its list ends here`);
    }
    if (heard.lie !== 'circling') return;
    this.#checkStored(
      2,
      stream,
      heard.given.map(({ entry }) => entry),
      run,
      (id) => `${invocation.who} halts ${stream} without ${id} of the page that closes the circle`,
    );
  }

  /** "A circle meets it again within three rounds at most", and within as many more once rows have moved out of it. */
  #checkCircle(invocation: Invocation, stream: string, run: Run, { lie }: Heard): void {
    const circles = (this.#circles.get(run) ?? 0) + (lie === 'circling' ? 1 : 0);
    this.#circles.set(run, circles);
    const most = this.#facts.drift === 'within' ? 8 : 4;
    if (circles > most) this.#fail(3, `${invocation.who} is led back in ${stream} the ${circles}th time`);
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
