import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Invocation } from '../invocation.ts';
import type { Call, Facts, Judge } from './judge.ts';

/** Invariant 6: attempts at one page are capped; a refusal is none, a crash is one. */
export class JudgeOfAttempts implements Judge {
  readonly #facts: Facts;
  /** By stream: who has claimed its page since it last got on. */
  readonly #claims = new Map<string, Set<Invocation>>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  called(invocation: Invocation, { stream }: Call): void {
    const claims = this.#of(stream.name);
    // Its try was counted among those before a person granted new ones.
    if (!claims.has(invocation)) return;
    const calls = [...claims].filter((claim) => claim.calls > 0 || claim === invocation).length;
    const { attemptCap } = stream.settings;
    if (calls > attemptCap) {
      this.#facts.fail(
        6,
        `${invocation.who} asks for a page of ${stream.name} the ${calls}th time; the cap is ${attemptCap}`,
      );
    }
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { stream } = after;
    if (after.lease !== null && after.lease.holder !== before.lease?.holder) this.#of(stream).add(invocation);
    if (before.state !== 'exhausted' && after.state === 'exhausted') {
      const spent = [...this.#of(stream)].filter(
        ({ calls, disturbed }) => calls > 0 || disturbed !== null,
      ).length;
      const cap = this.#facts.streams.get(stream)?.settings.attemptCap ?? 0;
      if (spent < cap)
        this.#facts.fail(6, `${invocation.who} gives ${stream} up after ${spent} of ${cap} attempts`);
    }
    if (before.state === 'exhausted' && after.state !== 'exhausted' && after.state !== 'halted') {
      const may = invocation.kind === 'tick' || invocation.kind === 'person';
      if (!may) this.#facts.fail(6, `${invocation.who} reopens ${stream}, which is exhausted`);
    }
    const freed = before.state === 'exhausted' || before.state === 'halted' || invocation.kind === 'person';
    if (freed && after.state !== before.state) this.#claims.set(stream, new Set([invocation]));
    if (after.run !== before.run || after.sequence !== before.sequence) {
      this.#claims.set(stream, new Set(after.lease === null ? [] : [invocation]));
    }
  }

  #of(stream: string): Set<Invocation> {
    const claims = this.#claims.get(stream) ?? new Set();
    this.#claims.set(stream, claims);
    return claims;
  }
}
