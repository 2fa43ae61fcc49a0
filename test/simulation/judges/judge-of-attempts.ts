import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Invocation } from '../invocation.ts';
import type { Heard } from '../simulated-vendor.ts';
import type { Call, Facts, Judge } from './judge.ts';

/** The pauses between two probes of a limit scope, as the architecture has them. Milliseconds. */
const pauses = { first: 30_000, growth: 1.5, max: 300_000 };
/** After such a silence of a limit scope nobody was left to probe, and an outage is another one. */
const forgottenMs = 240_000;

interface Probes {
  readonly at: number;
  readonly by: string;
  /** Until the next one, at least. */
  readonly pauseMs: number;
}

/**
 * Invariant 6: attempts at one page are capped; a refusal is none, a crash is one. After that one call a pause and limit scope,
 * until an answer is good.
 */
export class JudgeOfAttempts implements Judge {
  readonly #facts: Facts;
  /** By stream: who has claimed its page since it last got on. */
  readonly #claims = new Map<string, Set<Invocation>>();
  /** By stream that is exhausted: since when. */
  readonly #spent = new Map<string, number>();
  /** By limit scope: the last probe since an answer was good. */
  readonly #probes = new Map<string, Probes>();
  /** By limit scope: when an answer was last good. */
  readonly #goodAt = new Map<string, number>();
  /** Those to whom an answer was good: of which limit scope. */
  readonly #well = new Map<Invocation, string>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  called(invocation: Invocation, { stream }: Call): void {
    const checkpoint = this.#facts.checkpoints.get(stream.name);
    if (checkpoint?.state === 'exhausted' && checkpoint.lease?.holder === invocation.holder) {
      this.#probed(invocation, stream.limitScope);
      return;
    }
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

  answered(invocation: Invocation, { stream }: Call, heard: Heard | null): void {
    if (heard === null || !isGood(heard)) return;
    this.#well.set(invocation, stream.limitScope);
    this.#probes.delete(stream.limitScope);
    this.#goodAt.set(stream.limitScope, this.#facts.now());
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { stream } = after;
    const isClaimed = after.lease !== null && after.lease.holder !== before.lease?.holder;
    if (isClaimed && after.state !== 'exhausted') this.#of(stream).add(invocation);
    if (before.state !== 'exhausted' && after.state === 'exhausted') {
      this.#spent.set(stream, this.#facts.now());
      const spent = [...this.#of(stream)].filter(
        ({ calls, disturbed }) => calls > 0 || disturbed !== null,
      ).length;
      const cap = this.#facts.streams.get(stream)?.settings.attemptCap ?? 0;
      if (spent < cap)
        this.#facts.fail(6, `${invocation.who} gives ${stream} up after ${spent} of ${cap} attempts`);
    }
    if (before.state === 'exhausted' && after.state !== 'exhausted') {
      this.#spent.delete(stream);
      const scope = this.#facts.streams.get(stream)?.limitScope ?? '';
      // Nobody waits any more: if anybody does again, it is for another outage.
      if (this.#spentOf(scope).length === 0) this.#probes.delete(scope);
      if (after.state !== 'halted' && !this.#mayReopen(invocation, before)) {
        this.#facts.fail(6, `${invocation.who} reopens ${stream}, which is exhausted`);
      }
    }
    const freed = before.state === 'exhausted' || before.state === 'halted' || invocation.kind === 'person';
    const getsOn = after.run !== before.run || after.sequence !== before.sequence;
    if (getsOn || (freed && after.state !== before.state)) {
      this.#claims.set(stream, new Set(after.lease === null ? [] : [invocation]));
    }
  }

  /** A person may, whoever has heard that the vendor is well, and the probe itself, whatever its page has come to. */
  #mayReopen(invocation: Invocation, before: Checkpoint): boolean {
    const scope = this.#facts.streams.get(before.stream)?.limitScope;
    const isProbe = before.lease !== null && before.lease.holder === invocation.holder;
    return invocation.kind === 'person' || isProbe || this.#well.get(invocation) === scope;
  }

  #probed({ who }: Invocation, scope: string): void {
    const now = this.#facts.now();
    const last = this.#probes.get(scope);
    const since = Math.min(...this.#spentOf(scope));
    // The vendor has been well since then.
    const isFree = last === undefined && (this.#goodAt.get(scope) ?? 0) >= since;
    const early = last === undefined ? since + pauses.first - now : last.at + last.pauseMs - now;
    if (early > 0 && !isFree) {
      const after = last === undefined ? 'the first was given up' : `the probe of ${last.by}`;
      this.#facts.fail(6, `${who} probes ${scope} ${early / 1000} s before the pause after ${after} is over`);
    }
    const isNew = last === undefined || now - last.at > last.pauseMs + forgottenMs;
    const pauseMs = isNew ? pauses.first : Math.min(last.pauseMs * pauses.growth, pauses.max);
    this.#probes.set(scope, { at: now, by: who, pauseMs });
  }

  /** Since when those streams of it wait whose tries are spent. */
  #spentOf(scope: string): readonly number[] {
    const { streams } = this.#facts;
    return [...this.#spent].filter(([name]) => streams.get(name)?.limitScope === scope).map(([, at]) => at);
  }

  #of(stream: string): Set<Invocation> {
    const claims = this.#claims.get(stream) ?? new Set();
    this.#claims.set(stream, claims);
    return claims;
  }
}

/** The vendor has looked at the request, and has answered as it does when it is well. */
function isGood({ kind }: Heard): boolean {
  return kind === 'page' || kind === 'unknown' || kind === 'expired' || kind === 'behind';
}
