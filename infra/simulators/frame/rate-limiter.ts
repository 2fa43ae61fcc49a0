const windowMs = 60_000;

export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Epoch milliseconds at which the count starts anew. */
  readonly resetAt: number;
}

export interface RateLimiter {
  /** Counts one request of the scope. A request that is turned away counts for nothing. */
  take(scope: string, limit: number, now: number): Allowance;
}

/** So many requests a minute for each scope; a minute begins with the first request after the last one ended. */
export function createRateLimiter(): RateLimiter {
  const windows = new Map<string, { resetAt: number; used: number }>();
  return {
    take(scope, limit, now) {
      const current = windows.get(scope);
      const window = current && now < current.resetAt ? current : { resetAt: now + windowMs, used: 0 };
      windows.set(scope, window);
      const allowed = window.used < limit;
      if (allowed) window.used += 1;
      return { allowed, limit, remaining: Math.max(0, limit - window.used), resetAt: window.resetAt };
    },
  };
}
