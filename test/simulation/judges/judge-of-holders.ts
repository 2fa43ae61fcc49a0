import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Invocation } from '../invocation.ts';
import type { Call, Facts, Judge, Recorded } from './judge.ts';

/** Invariant 1: one request in flight per stream, and effects of the lease's holder alone. */
export class JudgeOfHolders implements Judge {
  readonly #facts: Facts;
  readonly #inFlight = new Map<string, Invocation>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  called(invocation: Invocation, { stream }: Call): void {
    const other = this.#inFlight.get(stream.name);
    if (other !== undefined) {
      this.#facts.fail(1, `${invocation.who} calls for ${stream.name} while ${other.who} is still calling`);
    }
    this.#inFlight.set(stream.name, invocation);
  }

  answered(invocation: Invocation, { stream }: Call): void {
    if (this.#inFlight.get(stream.name) === invocation) this.#inFlight.delete(stream.name);
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { fail, now } = this.#facts;
    const lease = before.lease;
    const isAnothers = lease !== null && lease.until > now() && lease.holder !== invocation.holder;
    if (isAnothers && after.lease?.holder !== lease.holder) {
      fail(1, `${invocation.who} takes the lease of ${after.stream} from its living holder`);
    }
    // Who has got a good answer takes up what waits for one.
    const sendsOn = invocation.stream !== after.stream && before.state === 'exhausted';
    if (after.lease !== null && after.lease.holder !== lease?.holder) {
      invocation.holder = after.lease.holder;
    } else if (invocation.holder !== null && lease?.holder !== invocation.holder && !sendsOn) {
      fail(1, `${invocation.who} stores what its page of ${after.stream} came to without holding its lease`);
    }
  }

  recorded(invocation: Invocation, stream: string, { id }: Recorded): void {
    this.#check(invocation, stream, `writes ${id}`);
  }

  buried(invocation: Invocation, stream: string, id: string): void {
    this.#check(invocation, stream, `buries ${id}`);
  }

  erased(invocation: Invocation | null, stream: string, { id }: { readonly id: string }): void {
    if (invocation !== null) this.#check(invocation, stream, `erases ${id}`);
  }

  #check(invocation: Invocation, stream: string, does: string): void {
    const lease = this.#facts.checkpoints.get(stream)?.lease;
    if (invocation.holder === null || lease?.holder !== invocation.holder) {
      this.#facts.fail(1, `${invocation.who} ${does} of ${stream} without holding its lease`);
    } else if (this.#facts.now() > lease.until) {
      this.#facts.fail(1, `${invocation.who} ${does} of ${stream} after its lease has ended`);
    }
  }
}
