import type { FakeAnswer } from '../support/fakes/fake-vendor.ts';

export interface VendorLimit {
  readonly perMinute: number;
  /** `fixed`: a minute from the first request after the last one ended; `aligned`: of the clock; `sliding`: any 60 s. */
  readonly window: 'fixed' | 'aligned' | 'sliding';
  /** Sends `X-RateLimit-*` with every answer, and `Retry-After` with a 429. */
  readonly headers: boolean;
  /** Minutes from the start in which every request is refused. */
  readonly storm?: { readonly from: number; readonly to: number };
}

const minute = 60_000;

/** A vendor's limiter, for all of its clients. A request that is refused counts for nothing. */
export class LimitedVendor {
  readonly #limit: VendorLimit;
  readonly #start: number;
  #times: number[] = [];
  #windowEnd = 0;

  constructor(limit: VendorLimit, start: number) {
    this.#limit = limit;
    this.#start = start;
  }

  ask(now: number): { readonly allowed: boolean; readonly answer: FakeAnswer } {
    const { perMinute, headers, storm } = this.#limit;
    const reset = this.#forget(now);
    const at = (now - this.#start) / minute;
    const stormy = storm !== undefined && at >= storm.from && at < storm.to;
    const allowed = !stormy && this.#times.length < perMinute;
    if (allowed) this.#times.push(now);
    if (!headers) return { allowed, answer: allowed ? {} : { status: 429 } };
    const told = {
      'X-RateLimit-Limit': String(perMinute),
      'X-RateLimit-Remaining': String(stormy ? 0 : perMinute - this.#times.length),
      'X-RateLimit-Reset': String(Math.ceil(reset / 1000)),
    };
    if (allowed) return { allowed, answer: { headers: told } };
    const wait = String(Math.ceil((reset - now) / 1000));
    return { allowed, answer: { status: 429, headers: { ...told, 'Retry-After': wait } } };
  }

  /** @returns when there is room again for certain */
  #forget(now: number): number {
    if (this.#limit.window === 'sliding') {
      this.#times = this.#times.filter((time) => time > now - minute);
      return (this.#times[0] ?? now) + minute;
    }
    if (now >= this.#windowEnd) {
      this.#times = [];
      this.#windowEnd = (this.#limit.window === 'aligned' ? now - (now % minute) : now) + minute;
    }
    return this.#windowEnd;
  }
}
