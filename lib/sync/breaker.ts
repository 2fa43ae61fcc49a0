/**
 * The breaker of one connection's credentials. The vendors forbid retrying a 401, and Bob blocks whoever fails 50 times
 * in 10 s: one 401 opens it for every stream of the connection. All times are epoch milliseconds.
 */
export interface Breaker {
  readonly connection: string;
  /** Counts the writes of this item; 0 is "not stored yet". Every write is conditional on it. */
  readonly revision: number;
  /** `half-open`: one page may try, everybody else waits for what it finds. */
  readonly state: 'closed' | 'open' | 'half-open';
  /** The version of the secret that was refused. While `open`, only another version is let through, one page first. */
  readonly secretVersion: string | null;
  readonly openedAt: number | null;
  /** The stream whose page is trying, and until when it may. */
  readonly probe: { readonly stream: string; readonly until: number } | null;
}

export function newBreaker(connection: string): Breaker {
  return { connection, revision: 0, state: 'closed', secretVersion: null, openedAt: null, probe: null };
}
