import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { allowanceLastsMs } from '../../../lib/sync/deletions.ts';
import { maxConfirmations } from '../../../lib/sync/sweep.ts';
import type { Invocation } from '../invocation.ts';
import type { VendorStream } from '../vendor-stream.ts';
import type { Facts, Judge } from './judge.ts';
import { isAboutDepth, isOfChanges, stepOf, thereThroughout, type Run } from './run-book.ts';

/** Deletions that a person has allowed. */
interface Grant {
  readonly rows: number;
  readonly at: number;
}

/** What a run has buried so far. */
interface Burials {
  count: number;
  /** Records that lived when it began. */
  readonly of: number;
}

/** What a run was asked with that asked nothing. */
const anything = 'anything';

/**
 * Invariant 9: what becomes a tombstone has gone, and what has gone becomes one. Judged by what the vendor gave to the pages
 * that a run went on from, and by what it had meanwhile.
 */
export class JudgeOfDeletions implements Judge {
  readonly #facts: Facts;
  readonly #grants = new Map<string, Grant>();
  readonly #burials = new WeakMap<Run, Burials>();
  /** By stream: what the last run that went through was asked with; null if not all of its pages with the same. */
  readonly #trusted = new Map<string, string | null>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  buried(invocation: Invocation, stream: string, id: string): void {
    const run = this.#facts.runs.of(stream);
    const fail = (why: string): void =>
      this.#facts.fail(9, `${invocation.who} buries ${id} of ${stream}, ${why}`);
    if (run === undefined) {
      fail('which has never run');
      return;
    }
    const rows = this.#facts.vendorStreams.get(stream);
    if (rows?.isWindowed === true) fail('though nobody asks for those that have not changed');
    if (isOfChanges(run)) fail('though it has asked for what has changed alone');
    const doubt = this.#doubtOf(stream, endsWithoutContent(run) ? { ...run, lastPage: null } : run);
    if (doubt !== null) fail(`though ${doubt}`);
    if (run.forgotten === 'yes' && run.forgottenAt < invocation.startedAt) {
      fail('though what its run has seen is not known any more');
    }
    if (run.unreadBy === invocation) fail('though it could not read what its run has seen');
    const blind = this.#blindness(run);
    if (blind !== null && !isCountedOut(run, rows)) fail(`though ${blind}`);
    if (!run.atEnd && !run.nobody && run.lastPage?.lie !== 'vanished') fail('though the list goes on');
    const grant = this.#grants.get(stream);
    // Judged at any moment of the run.
    const granted = grant !== undefined && grant.at + allowanceLastsMs >= run.openedAt ? grant.rows : 0;
    const isEmpty = this.#isEmpty(stream, run);
    if (isEmpty && granted === 0) fail('though the vendor gave nothing at all');
    if (run.given.has(id)) fail('which the vendor gave to this run');
    const there = rows === undefined ? [] : thereThroughout(run, rows, this.#facts, run.lastPage?.at);
    // What a person allows of an empty list is that person's word against the vendor's.
    if (!isEmpty && there.some(({ records }) => records.includes(id)))
      fail('which has been there all the time');
    this.#count(stream, run, granted, fail);
  }

  #count(stream: string, run: Run, granted: number, fail: (why: string) => void): void {
    const burials = this.#burials.get(run) ?? { count: 0, of: this.#facts.records.get(stream)?.size ?? 0 };
    this.#burials.set(run, burials);
    burials.count += 1;
    const { count, of } = burials;
    if (this.#isMass(stream, count, of) && count > granted) {
      fail(`the ${count}th of ${of}, and ${granted} are allowed`);
    }
  }

  erased(
    invocation: Invocation | null,
    stream: string,
    { id, kind }: { readonly id: string; readonly kind: 'erased' | 'removed' },
  ): void {
    const { fail, now, tombstones } = this.#facts;
    const who = invocation?.who ?? 'the table';
    const tombstone = tombstones.get(stream)?.get(id);
    if (tombstone === undefined) {
      fail(9, `${who} erases ${id} of ${stream}, which is no tombstone`);
    } else if (tombstone.deletedAt + this.#retentionMs(stream) > now()) {
      fail(9, `${who} erases ${id} of ${stream} before its time`);
    } else if (invocation !== null && kind === 'removed' && !tombstone.erased) {
      fail(9, `${who} takes the tombstone of ${id} of ${stream} away before its content`);
    }
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { stream } = after;
    if (
      invocation.kind === 'person' &&
      after.allowed !== null &&
      after.allowedUntil !== before.allowedUntil
    ) {
      this.#grants.set(stream, { rows: after.allowed, at: this.#facts.now() });
    }
    const run = this.#facts.runs.of(stream);
    const step = stepOf(before, after);
    const ended = after.run === null && before.run !== null && run?.id === before.run;
    if (!ended || (step !== 'page' && step !== 'sweep')) return;
    // It deletes nothing, is trusted for nothing, and nothing is held after it.
    if (isOfChanges(run)) return;
    // A list that grows whenever its end is to be confirmed is left as it is.
    const isUnconfirmed = (after.progress?.confirmations ?? 0) >= maxConfirmations;
    if (after.outcome === 'complete' && !isUnconfirmed) this.#checkNothingIsKept(invocation, stream, run);
    if (after.outcome === 'suspicious') this.#checkSuspicion(invocation, after, run);
    if (step === 'sweep') {
      this.#checkErased(invocation, stream, run);
      this.#checkCount(invocation, after, run);
      const grant = this.#grants.get(stream);
      // One that came after the last word of this run is for the next one, and so is one that it had no use for.
      const isSpent = grant !== undefined && grant.at <= invocation.startedAt && isKnown(run);
      if (isSpent) this.#grants.delete(stream);
    }
    const isWhole = after.outcome !== 'partial' && run.lastPage?.lie !== 'no content';
    // Without a question no key has been tried; and whether an end by a refusal, or by a 204, earns trust is not known here.
    if (run.nobody) this.#trusted.set(stream, this.#trusted.get(stream) ?? anything);
    else if (this.#blindness(run) !== null || endsWithoutContent(run)) this.#trusted.set(stream, anything);
    else if (isWhole) this.#trusted.set(stream, run.bases.size === 1 ? ([...run.bases][0] ?? null) : null);
  }

  /** What stands against deleting anything after this run; null if nothing does. */
  #doubtOf(stream: string, { leftOut, restarted, bases, lastPage, nobody }: Run): string | null {
    const trusted = this.#trusted.get(stream) ?? null;
    if (leftOut) return 'the vendor left something out';
    if (lastPage?.lie === 'no content') return 'the vendor has not given its list';
    if (restarted) return 'its run began anew on its way';
    if (nobody || trusted === anything) return null;
    if (bases.size !== 1 || trusted === null || !bases.has(trusted)) {
      return 'the last complete run asked with something else';
    }
    return null;
  }

  /** Why nobody can tell what has gone from what this run was not given; null if that can be told. */
  #blindness({ refused, wasMoved, sawMoved, hasWalked }: Run): string | null {
    if (refused !== null) return `the vendor refused an offset with ${refused.status}`;
    // Behind a first page its pages could not overlap.
    return wasMoved || (sawMoved && hasWalked) ? 'its pages did not begin where they were to' : null;
  }

  /** After a complete run that nothing casts doubt on there lives what it was given, and nothing else. */
  #checkNothingIsKept(invocation: Invocation, stream: string, run: Run): void {
    if (this.#doubtOf(stream, run) !== null || !isKnown(run)) return;
    if (this.#blindness(run) !== null) return;
    if (this.#facts.vendorStreams.get(stream)?.isWindowed === true) return;
    // It may be deleted, and need not be: who trusts what is not known here.
    if ((this.#trusted.get(stream) ?? anything) === anything) return;
    const kept = this.#absent(stream, run)[0];
    if (kept !== undefined) {
      this.#facts.fail(9, `${invocation.who} calls ${stream} complete and keeps ${kept}, which has gone`);
    }
  }

  #checkSuspicion(invocation: Invocation, { stream, heldDeletions }: Checkpoint, run: Run): void {
    const { fail } = this.#facts;
    const rows = this.#absent(stream, run).length;
    const of = this.#facts.records.get(stream)?.size ?? 0;
    const grant = this.#grants.get(stream);
    const holds =
      grant !== undefined &&
      grant.at < invocation.startedAt &&
      grant.at + allowanceLastsMs >= this.#facts.now();
    const granted = holds ? grant.rows : 0;
    const who = invocation.who;
    if (heldDeletions?.rows !== rows || heldDeletions.of !== of) {
      fail(
        9,
        `${who} holds back ${heldDeletions?.rows} of ${heldDeletions?.of} deletions of ${stream}; there are ${rows} of ${of}`,
      );
    } else if (
      rows === 0 ||
      rows <= granted ||
      !(this.#isEmpty(stream, run) || this.#isMass(stream, rows, of))
    ) {
      fail(
        9,
        `${who} holds back ${rows} deletions of ${of} records of ${stream}, and ${granted} are allowed`,
      );
    }
  }

  /** Each sweep looks for tombstones that have had their time. */
  #checkErased(invocation: Invocation, stream: string, run: Run): void {
    if (!isKnown(run)) return;
    const { openedAt } = run;
    for (const [id, { deletedAt, erased }] of this.#facts.tombstones.get(stream) ?? []) {
      if (!erased && deletedAt + this.#retentionMs(stream) < openedAt) {
        this.#facts.fail(9, `${invocation.who} leaves the content of ${id} of ${stream} beyond its time`);
      }
    }
  }

  /** What it says it has deleted is what has become a tombstone, whoever was killed on the way. */
  #checkCount({ who }: Invocation, { stream, progress }: Checkpoint, run: Run): void {
    const buried = this.#burials.get(run)?.count ?? 0;
    // Those that the table has taken away meanwhile, having had their time, may have been counted or not.
    const tombstones = [...(this.#facts.tombstones.get(stream)?.values() ?? [])];
    const left = tombstones.filter(({ deletedAt }) => deletedAt > run.openedAt).length;
    const said = progress?.deleted ?? 0;
    // The last try of all does not look how far the ones before it had got, nor can one that finds nothing of what was seen.
    if (said > buried || (said < left && isKnown(run))) {
      this.#facts.fail(9, `${who} says that ${said} of ${stream} were deleted, and ${buried} were`);
    }
  }

  #absent(stream: string, { given }: Run): readonly string[] {
    return [...(this.#facts.records.get(stream)?.keys() ?? [])].filter((id) => !given.has(id));
  }

  /** No row at all came, where that is nothing usual. */
  #isEmpty(stream: string, { given }: Run): boolean {
    return given.size === 0 && this.#facts.streams.get(stream)?.definition.empty !== 'normal';
  }

  #isMass(stream: string, count: number, of: number): boolean {
    const guard = this.#facts.streams.get(stream)?.settings.deletionGuard ?? { rows: 0, percent: 0 };
    return count > guard.rows && count * 100 > of * guard.percent;
  }

  #retentionMs(stream: string): number {
    return (this.#facts.streams.get(stream)?.settings.tombstoneRetentionDays ?? 0) * 86_400_000;
  }
}

/** Behind all rows a 204 may be one word more that there are no others; where it is the only one, nothing need be deleted. */
function endsWithoutContent({ lastPage, atEnd }: Run): boolean {
  return lastPage?.lie === 'no content' && atEnd && (lastPage.offset ?? 0) > 0;
}

/** A refused offset is the end of a list whose total says so, too; nobody can tell a refusal of something else from one of it. */
function isCountedOut({ refused, atEnd }: Run, rows: VendorStream | undefined): boolean {
  if (refused === null || !atEnd) return false;
  if (refused.kind === 'denied') return !isAboutDepth(refused);
  return rows?.manner.kind === 'no deeper' && rows.manner.counts;
}

/** What it has seen can be read: then what has gone must be found. */
function isKnown({ forgotten, unread }: Run): boolean {
  return forgotten === 'no' && !unread;
}
