import { sequenceDigits, type RecordWrite } from '../../../lib/changes/change.ts';
import type { PagekeeperEvent, RunEnded } from '../../../lib/events/event.ts';
import { maxWaitMs } from '../../../lib/events/tell.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Invocation } from '../invocation.ts';
import { fieldMark, rowMark, secretMark } from '../marks.ts';
import type { Facts, Judge } from './judge.ts';
import { visibleOf } from './visible.ts';

/** A run that is over, as its last checkpoints had it. */
interface Ended {
  readonly pages: number;
  readonly written: number;
  readonly deleted: number;
}

const marks = [rowMark, fieldMark, secretMark];

/**
 * Invariant 14, of who waits for the end of a run: it is told once by its id, of each run that has ended and of no other, with what
 * the checkpoints had of it; and its lines are in the log when it says so. No event holds anything of a record.
 */
export class JudgeOfEvents implements Judge {
  readonly #facts: Facts;
  /** By id of the event. */
  readonly #ended = new Map<string, Ended>();
  readonly #told = new Map<string, string>();
  /** By run: its lines, by sequence. */
  readonly #lines = new Map<string, Set<string>>();
  readonly #logged = new Set<string>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  stored(_invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { stream, run } = before;
    if (run === null || after.run === run) return;
    // Where another run takes its place the checkpoint tells of that one already.
    const progress = after.run === null ? after.progress : before.progress;
    const { pages = 0, written = 0, deleted = 0 } = progress ?? {};
    this.#ended.set(`run/${stream}/${run}`, { pages, written, deleted });
  }

  wrote({ before, after, sequence }: RecordWrite): void {
    const [was, is] = [visibleOf(before), visibleOf(after)];
    if (after?.run == null || is === null) return;
    if (was?.json === is.json && was.deletedAt === is.deletedAt) return;
    const lines = this.#lines.get(after.run) ?? new Set();
    this.#lines.set(after.run, lines.add(sequence.padStart(sequenceDigits, '0')));
  }

  logged(lines: readonly string[]): void {
    for (const line of lines) this.#logged.add(/"sequence":"(\d{40})"/.exec(line)?.[1] ?? '');
  }

  told(event: PagekeeperEvent): void {
    const text = JSON.stringify(event);
    for (const mark of marks) if (text.includes(mark)) this.#fail(12, `${event.detail.id} holds ${mark}`);
    if (event.type === 'Run Ended') this.#judge(event.detail);
  }

  published(): void {
    for (const id of this.#ended.keys())
      if (!this.#told.has(id)) this.#fail(14, `the end of ${id} is never told`);
  }

  #judge(detail: RunEnded): void {
    const { id, at, log } = detail;
    const ended = this.#ended.get(id);
    if (ended === undefined) {
      this.#fail(14, `the end of ${id} is told, and it has not ended`);
      return;
    }
    for (const name of ['pages', 'written', 'deleted'] as const) {
      const [said, had] = [detail[name], ended[name]];
      if (said !== had) this.#fail(14, `${id} is told to have ${said} ${name}, and had ${had}`);
    }
    const same = JSON.stringify({ ...detail, log: null });
    if ((this.#told.get(id) ?? same) !== same) this.#fail(14, `${id} is told twice, and not the same`);
    this.#told.set(id, same);
    this.#checkLog(detail, ended);
    if (log === null && ended.written + ended.deleted > 0) this.#checkWait(id, at);
  }

  #checkLog({ id, run, at, log }: RunEnded, ended: Ended): void {
    if (log === null) return;
    if (!log.complete) {
      this.#checkWait(id, at);
      return;
    }
    const lines = [...(this.#lines.get(run) ?? [])];
    const there = lines.filter((sequence) => this.#logged.has(sequence)).length;
    // What a try has written that could not say so is in no count: see docs/simulation.md.
    const all = Math.min(lines.length, ended.written + ended.deleted);
    if (there < all) this.#fail(14, `${id} is told with all lines in the log; there are ${there} of ${all}`);
  }

  #checkWait(id: string, at: string): void {
    if (this.#facts.now() < Date.parse(at) + maxWaitMs)
      this.#fail(14, `${id} is told before its lines are in the log`);
  }

  #fail(invariant: 12 | 14, words: string): void {
    this.#facts.fail(invariant, words);
  }
}
