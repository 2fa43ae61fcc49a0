import { connectionOf } from '../../../lib/connectors/stream-name.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { LimitsPlan } from '../draw-limits.ts';
import type { Invocation } from '../invocation.ts';
import type { ConnectionPlan } from '../scenario.ts';
import type { Call, Facts, Judge } from './judge.ts';

/** Written here a second time, and not taken from the code that is under test. */
const spansMs = { second: 1000, minute: 60_000, hour: 60 * 60_000, day: 24 * 60 * 60_000 };

/** So often in a row may a page be told to wait for its turn, each time at the moment that it was given. */
const maxWaits = 5;

/**
 * Of invariants 3 and 4: no call without a permit; no span has more calls than the vendor allows, neither of the account nor of an
 * endpoint; and a page that waits for its turn gets it.
 */
export class JudgeOfLimits implements Judge {
  readonly #facts: Facts;
  readonly #plans: ReadonlyMap<string, ConnectionPlan>;
  /** By what the vendor counts: when calls were permitted, epoch milliseconds. */
  readonly #calls = new Map<string, number[]>();
  /** By stream: how often in a row its page was told to wait. */
  readonly #waits = new Map<string, { readonly page: string; readonly times: number }>();

  constructor(facts: Facts, connections: readonly ConnectionPlan[]) {
    this.#facts = facts;
    this.#plans = new Map(connections.map((plan) => [plan.name, plan]));
  }

  called(invocation: Invocation, { stream }: Call): void {
    this.#waits.delete(stream.name);
    const { permittedAt } = invocation;
    if (permittedAt === null) {
      this.#facts.fail(4, `${invocation.who} calls without a permit`);
      return;
    }
    const plan = this.#plans.get(stream.connection);
    if (plan?.limits == null) return;
    const { method, path } = stream.definition;
    this.#count(plan.group, 'account', plan.limits, permittedAt);
    this.#count(`${plan.group} ${method} ${path}`, 'endpoint', plan.limits, permittedAt);
  }

  #count(what: string, part: 'account' | 'endpoint', { limits }: LimitsPlan, at: number): void {
    const of = limits[part] ?? [];
    if (of.length === 0) return;
    const calls = [...(this.#calls.get(what) ?? []), at].toSorted((a, b) => a - b);
    this.#calls.set(what, calls);
    for (const { requests, per } of of) {
      // A call may have been permitted earlier than one that was made before.
      const first = calls.findIndex(
        (from, index) => (calls[index + requests] ?? Infinity) < from + spansMs[per],
      );
      if (first !== -1)
        this.#facts.fail(4, `${what} is called more than ${requests} times within one ${per}`);
    }
  }

  stored(_invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { stream, run, sequence, reason } = after;
    if (before.lease === null || after.lease !== null) return;
    if (reason?.endsWith('is in use until then') !== true) {
      this.#waits.delete(stream);
      return;
    }
    const page = `${run ?? ''} ${sequence}`;
    const known = this.#waits.get(stream);
    const times = known?.page === page ? known.times + 1 : 1;
    this.#waits.set(stream, { page, times });
    if (times > maxWaits) {
      const { group } = this.#plans.get(connectionOf(stream)) ?? { group: '' };
      this.#facts.fail(
        3,
        `a page of ${stream} is told to wait for its turn in ${group} for the ${times}th time`,
      );
    }
  }

  /** What was reserved may be forgotten with it, and who comes late for a slot may have to take another one. */
  disturbed(stream: string | null): void {
    if (stream === null) this.#waits.clear();
    else this.#waits.delete(stream);
  }
}
