import type { Breaker } from '../../../lib/sync/breaker.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Schema, SchemaChange } from '../../../lib/sync/schema.ts';
import { pageOutcomes, type PageOutcome } from '../../../lib/sync/outcome.ts';
import type { PageReport } from '../../../lib/sync/report.ts';
import type { Invocation } from '../invocation.ts';
import { fieldMark, rowMark, secretMark } from '../marks.ts';
import type { Heard } from '../simulated-vendor.ts';
import type { Facts, Judge } from './judge.ts';
import { endsByRefusal } from './run-book.ts';

const marks = new RegExp([secretMark, fieldMark, rowMark].join('|'));

/** Invariants 7 (no long sleep), 11 (one named outcome per invocation, and the true one) and 12 (nobody's data in it). */
export class JudgeOfReports implements Judge {
  readonly #facts: Facts;
  readonly #reports = new Map<Invocation, number>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  slept(invocation: Invocation, ms: number): void {
    if (invocation.sleptMs > 2000) {
      this.#facts.fail(7, `${invocation.who} sleeps ${ms} ms, ${invocation.sleptMs} ms in all`);
    }
  }

  sent(invocation: Invocation, message: object): void {
    this.#search(invocation, 'a message', message);
  }

  stored(invocation: Invocation, _before: Checkpoint, after: Checkpoint): void {
    this.#search(invocation, 'the checkpoint', after.reason);
    this.#search(invocation, 'the checkpoint', after.halt);
  }

  learned(invocation: Invocation, schema: Schema, news: readonly SchemaChange[]): void {
    this.#search(invocation, 'a schema', [[...schema.fields], schema.changes, news]);
  }

  breakerStored(invocation: Invocation, after: Breaker): void {
    this.#search(invocation, 'the breaker', after);
  }

  reported(invocation: Invocation, report: PageReport): void {
    const { fail } = this.#facts;
    this.#reports.set(invocation, (this.#reports.get(invocation) ?? 0) + 1);
    this.#search(invocation, 'its report', report);
    const { outcome, requests, status } = report;
    if (!pageOutcomes.includes(outcome)) fail(11, `${invocation.who} ends as "${outcome}"`);
    // Whoever is told to stop just before it calls cannot tell whether it has.
    const stopped = invocation.controller.signal.aborted;
    if (requests < invocation.calls || (requests > invocation.calls && !stopped)) {
      fail(11, `${invocation.who} reports ${requests} requests and made ${invocation.calls}`);
    }
    if (invocation.fault !== null) {
      this.#checkFault(invocation, report);
      return;
    }
    if (report.deleted !== invocation.buried) {
      fail(11, `${invocation.who} reports ${report.deleted} deletions and made ${invocation.buried}`);
    }
    const { heard } = invocation;
    // Whoever lost its lease on the way says so, whatever it had heard.
    if (heard === null || outcome === 'stale') return;
    if (status !== heard.status)
      fail(11, `${invocation.who} reports status ${status} and was told ${heard.status}`);
    // What contradicts itself, or what came before, is not believed: it is asked for again, or has no end.
    const run = this.#facts.runs.of(invocation.stream ?? '');
    const liedTo = heard.lie !== null || run?.liedTo === true;
    const doubted =
      heard.kind === 'page' &&
      ((liedTo && outcome === 'deferred') ||
        ((liedTo || isSamePage(heard, run?.lastPage ?? null)) && outcome === 'rejected'));
    const refused = endsByRefusal(heard) && outcome === 'fetched';
    const elsewhere = heard.moved && outcome === 'deferred';
    if (!doubted && !refused && !elsewhere && !outcomesOf(heard).includes(outcome)) {
      fail(11, `${invocation.who} ends as ${outcome} after ${heard.kind} ${heard.status}`);
    }
  }

  /** An error that it has met is what its page came to, and it had a cause outside of it. */
  #checkFault({ who, fault, disturbed, heard, buried }: Invocation, report: PageReport): void {
    const { fail } = this.#facts;
    const { outcome, status, reason, deleted } = report;
    if (disturbed === null) fail(11, `${who} meets a ${fault} of its own`);
    if (outcome !== 'deferred' || reason?.includes(fault ?? '') !== true) {
      fail(11, `${who} meets a ${fault} and ends as ${outcome} (${reason})`);
    }
    if (status !== null && status !== heard?.status) {
      fail(11, `${who} reports status ${status} and was told ${heard?.status}`);
    }
    if (deleted > buried) fail(11, `${who} reports ${deleted} deletions and made ${buried}`);
  }

  ended(invocation: Invocation, error: Error | null): void {
    if (error !== null) this.#search(invocation, 'its error', error.message);
    if (error !== null) this.#checkStored(invocation, error);
    if (invocation.disturbed !== null) return;
    if (error !== null) this.#facts.fail(11, `${invocation.who} throws without a reason: ${error.message}`);
    const pages = invocation.kind === 'tick' || invocation.kind === 'message';
    const reports = this.#reports.get(invocation) ?? 0;
    if (pages && reports !== 1) this.#facts.fail(11, `${invocation.who} made ${reports} reports`);
  }

  /** Whoever holds a page and can store what it came to does so, and does not throw. */
  #checkStored({ who, stream, holder, cannotStore, controller }: Invocation, error: Error): void {
    const lease = this.#facts.checkpoints.get(stream ?? '')?.lease;
    const holds = holder !== null && lease?.holder === holder;
    if (holds && !cannotStore && !controller.signal.aborted) {
      this.#facts.fail(11, `${who} throws with a page of ${stream} in hand: ${error.message}`);
    }
  }

  #search(invocation: Invocation, where: string, found: unknown): void {
    const mark = marks.exec(JSON.stringify(found))?.[0];
    if (mark !== undefined) this.#facts.fail(12, `${invocation.who} lets ${mark} into ${where}`);
  }
}

function outcomesOf({ kind, status }: Heard): readonly PageOutcome[] {
  switch (kind) {
    case 'page':
    case 'expired':
    case 'behind':
      return ['fetched'];
    case 'not now':
    case 'unreadable':
    case 'silence':
    case 'broken':
      return ['deferred'];
    case 'unauthorized':
      // Deferred if the secret has been changed since it was read.
      return ['unauthorized', 'deferred'];
    case 'unknown':
      // Where the first ones are all unknown, so is the list.
      return ['fetched', 'missing'];
    case 'denied':
      return [status === 403 ? 'forbidden' : status === 404 ? 'missing' : 'rejected'];
  }
}

/** Rows may come and go so that the same ones stand at the next place. */
function isSamePage({ given }: Heard, last: Heard | null): boolean {
  const ids = (rows: Heard['given']): string => rows.map(({ entry }) => entry.id).join(' ');
  return last !== null && given.length > 0 && ids(given) === ids(last.given);
}
