import type { Fault, Port, Strike } from './faults.ts';

/** Hands out the strikes of a plan, each to the call of a port that it has been waiting for. */
export class Strikes {
  #waiting: readonly { readonly strike: Strike; skip: number }[];

  constructor(faults: readonly Fault[]) {
    this.#waiting = faults.filter(isStrike).map((strike) => ({ strike, skip: strike.skip }));
  }

  /** @param time since the start, milliseconds */
  next(port: Port, time: number): Strike | undefined {
    if (this.#waiting.length === 0) return undefined;
    for (const waiting of this.#waiting) {
      const { strike } = waiting;
      if (strike.at > time || (strike.port !== 'any' && strike.port !== port)) continue;
      waiting.skip -= 1;
      if (waiting.skip >= 0) continue;
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      return strike;
    }
    return undefined;
  }
}

function isStrike(fault: Fault): fault is Strike {
  return (
    fault.kind === 'kill' || fault.kind === 'failure' || fault.kind === 'lost answer' || fault.kind === 'slow'
  );
}
