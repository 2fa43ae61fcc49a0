import type { FakeAnswer } from '../support/fakes/fake-vendor.ts';

export interface VendorLimit {
  /** Requests in a window. */
  readonly calls: number;
  /** How long a window is; a minute where it is left out. */
  readonly windowMs?: number;
  /** `fixed`: from the first request after the last one ended; `aligned`: of the clock; `sliding`: any that long. */
  readonly window: 'fixed' | 'aligned' | 'sliding';
  /**
   * Whether it sends its limit with every answer, and `Retry-After` with a 429: with the reset in epoch seconds
   * (`absolute`, `dated` with a `Date` beside it), in seconds from now (`delta`), or all of it as the IETF draft has it.
   */
  readonly headers: 'none' | 'absolute' | 'dated' | 'delta' | 'draft';
  /** Minutes from the start in which every request is refused, with 429 or, if it is given, with another status. */
  readonly storm?: { readonly from: number; readonly to: number; readonly status?: 503 };
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
    const { calls, windowMs = minute, headers, storm } = this.#limit;
    const reset = this.#forget(now);
    const at = (now - this.#start) / minute;
    const stormy = storm !== undefined && at >= storm.from && at < storm.to;
    const allowed = !stormy && this.#times.length < calls;
    if (stormy && storm.status !== undefined) return { allowed, answer: { status: storm.status } };
    if (allowed) this.#times.push(now);
    if (headers === 'none') return { allowed, answer: allowed ? {} : { status: 429 } };
    const wait = String(Math.ceil((reset - now) / 1000));
    const left = stormy ? 0 : calls - this.#times.length;
    const told =
      headers === 'draft'
        ? {
            RateLimit: `"default";r=${left};t=${wait}`,
            'RateLimit-Policy': `"default";q=${calls};w=${windowMs / 1000}`,
          }
        : {
            'X-RateLimit-Limit': String(calls),
            'X-RateLimit-Remaining': String(left),
            'X-RateLimit-Reset': headers === 'delta' ? wait : String(Math.ceil(reset / 1000)),
            ...(headers === 'dated' && { Date: new Date(now).toUTCString() }),
          };
    if (allowed) return { allowed, answer: { headers: told } };
    return { allowed, answer: { status: 429, headers: { ...told, 'Retry-After': wait } } };
  }

  /** @returns when there is room again for certain */
  #forget(now: number): number {
    const { window, windowMs = minute } = this.#limit;
    if (window === 'sliding') {
      this.#times = this.#times.filter((time) => time > now - windowMs);
      return (this.#times[0] ?? now) + windowMs;
    }
    if (now >= this.#windowEnd) {
      this.#times = [];
      this.#windowEnd = (window === 'aligned' ? now - (now % windowMs) : now) + windowMs;
    }
    return this.#windowEnd;
  }
}
