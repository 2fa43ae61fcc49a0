import type { Port } from '../faults.ts';
import type { Invocation } from '../invocation.ts';
import type { Heard } from '../simulated-vendor.ts';
import type { Call, Facts, Judge } from './judge.ts';
import { endsByRefusal } from './run-book.ts';

/**
 * Invariants 4 and 5: what the vendor said is kept by everybody whom it concerns.
 *
 * A word binds from the moment at which the invocation that heard it has ended in peace. Whoever looked for it for the last
 * time before that (at the gate, the breaker, the secret or the checkpoint) was already on its way.
 */
export class JudgeOfWords implements Judge {
  readonly #facts: Facts;
  readonly #waits: {
    readonly scope: string;
    readonly until: number;
    readonly by: string;
    readonly from: number;
  }[] = [];
  /** By connection and version. */
  readonly #refused = new Map<string, number>();
  /** By connection: since when its credentials are in doubt. */
  readonly #doubts = new Map<string, number>();
  /** By stream: since when it is halted. */
  readonly #halts = new Map<string, number>();
  readonly #calls = new Map<Invocation, Call>();
  readonly #heard = new Map<Invocation, { readonly call: Call; readonly at: number }>();
  /** When a person last resumed a stream or a connection. */
  readonly #resumed = new Map<string, number>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  called(invocation: Invocation, call: Call): void {
    const { stream, version } = call;
    const { now, fail } = this.#facts;
    for (const { scope, until, by, from } of this.#waits) {
      if (scope === stream.limitScope && knows(invocation, 'governor', from) && now() < until) {
        const early = (until - now()) / 1000;
        fail(4, `${invocation.who} calls ${early} s before what ${by} was told for ${scope}`);
      }
    }
    if (knows(invocation, 'secrets', this.#refused.get(`${stream.connection}#${version}`))) {
      fail(
        5,
        `${invocation.who} calls with ${version} of ${stream.connection}'s secret, which has been refused`,
      );
    }
    const doubt = this.#doubts.get(stream.connection);
    const other = [...this.#calls].find(
      ([caller, made]) => made.stream.connection === stream.connection && knows(caller, 'breakers', doubt),
    );
    if (knows(invocation, 'breakers', doubt) && other !== undefined) {
      fail(5, `${invocation.who} tries the credentials of ${stream.connection} while ${other[0].who} does`);
    }
    if (knows(invocation, 'checkpoints', this.#halts.get(stream.name))) {
      fail(5, `${invocation.who} calls for ${stream.name}, which is halted`);
    }
    this.#calls.set(invocation, call);
  }

  answered(invocation: Invocation, call: Call, heard: Heard | null): void {
    this.#calls.delete(invocation);
    if (heard === null) return;
    this.#heard.set(invocation, { call, at: this.#facts.now() });
    if (['page', 'denied', 'unknown', 'expired', 'behind'].includes(heard.kind)) {
      this.#doubts.delete(call.stream.connection);
      this.#refused.delete(`${call.stream.connection}#${call.version}`);
    }
  }

  ended(invocation: Invocation): void {
    const told = this.#heard.get(invocation);
    this.#heard.delete(invocation);
    const { heard } = invocation;
    if (heard === null || told === undefined || invocation.disturbed !== null) return;
    const { call } = told;
    // What a person has resumed since was halted by then, and is free again.
    const isResumed = (target: string): boolean => (this.#resumed.get(target) ?? -1) >= told.at;
    const from = this.#facts.now();
    const { name, connection, limitScope: scope } = call.stream;
    if (heard.until !== null) this.#waits.push({ scope, until: heard.until, by: invocation.who, from });
    if (heard.kind === 'unauthorized' && !isResumed(connection)) {
      this.#refused.set(`${connection}#${call.version}`, from);
      // A version that has been changed since says nothing of the one that is there now.
      if (call.version === this.#facts.currentVersion(connection)) this.#doubts.set(connection, from);
    }
    // Another definition than the one that was refused may be tried.
    const isCurrent = this.#facts.streams.get(name) === call.stream;
    // Behind the rows that it has got a run may end with a refusal.
    const isHalted = !endsByRefusal(heard) || this.#facts.checkpoints.get(name)?.state === 'halted';
    if (heard.kind === 'denied' && isHalted && isCurrent && !isResumed(name)) this.#halts.set(name, from);
  }

  resuming(target: string): void {
    this.#halts.delete(target);
    this.#resumed.set(target, this.#facts.now());
    for (const key of this.#refused.keys()) if (key.startsWith(`${target}#`)) this.#refused.delete(key);
  }
}

function knows({ lookedAt, startedAt }: Invocation, port: Port, since: number | undefined): boolean {
  return since !== undefined && (lookedAt.get(port) ?? startedAt) >= since;
}
