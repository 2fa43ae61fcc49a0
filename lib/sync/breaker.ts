/**
 * The breaker of one connection's credentials. The vendors forbid retrying a 401, and Bob blocks a caller that fails 50 times
 * in 10 s: one 401 opens it for every stream of the connection. All times are epoch milliseconds.
 */
export interface Breaker {
  readonly connection: string;
  /** Counts the writes of this item; 0 is "not stored yet". Every write is conditional on it. */
  readonly revision: number;
  /** `half-open`: one page may try, all others wait for what it finds. */
  readonly state: 'closed' | 'open' | 'half-open';
  /**
   * The version of the secret that was refused last. While `open`, only another version is let through, one page first. Kept
   * when the breaker closes for a newer one: warm functions may still hold this one in their cache, and read it anew.
   */
  readonly secretVersion: string | null;
  readonly openedAt: number | null;
  /**
   * Until then every function reads the secret anew: a warm one may hold a version that was refused, and not only the last.
   * Null where none was.
   */
  readonly doubtUntil: number | null;
  /** The stream that met the last 401. */
  readonly openedBy: string | null;
  /** A version that was refused to one stream and has got another one through since. */
  readonly goodVersion: string | null;
  /** The stream whose page is trying, and until when it may. */
  readonly probe: { readonly stream: string; readonly until: number } | null;
}

export function newBreaker(connection: string): Breaker {
  return {
    connection,
    revision: 0,
    state: 'closed',
    secretVersion: null,
    openedAt: null,
    doubtUntil: null,
    openedBy: null,
    goodVersion: null,
    probe: null,
  };
}

export type MayCall =
  /** The credentials are not in doubt. */
  | { readonly kind: 'free' }
  /** It was refused, and replaced: to be read anew, for it may be the current one again. */
  | { readonly kind: 'outdated' }
  /** Known to be refused: no call. */
  | { readonly kind: 'blocked' }
  /** `next` is to be stored; the page that manages that is the one that tries. */
  | { readonly kind: 'probe'; readonly next: Breaker }
  /** Another page is trying: come back then. */
  | { readonly kind: 'wait'; readonly until: number };

/** For so long a warm function trusts the secret that it has read, as long as nothing is in doubt. */
export const secretCachedForMs = 5 * 60 * 1000;

/** How soon to look again for what another page's probe has found. */
const probeLookMs = 5000;

/** Whether a page of `stream` may call with this version of the secret. @param page.until when its lease ends */
export function mayCall(
  breaker: Breaker,
  page: {
    readonly stream: string;
    readonly secretVersion: string;
    readonly now: number;
    readonly until: number;
  },
): MayCall {
  const { stream, secretVersion, now, until } = page;
  if (breaker.state === 'closed') {
    return { kind: breaker.secretVersion === secretVersion ? 'outdated' : 'free' };
  }
  if (breaker.state === 'open' && breaker.secretVersion === secretVersion) return { kind: 'blocked' };
  const { probe } = breaker;
  if (probe !== null && probe.stream !== stream && probe.until > now) {
    return { kind: 'wait', until: Math.min(probe.until, now + probeLookMs) };
  }
  return { kind: 'probe', next: { ...breaker, state: 'half-open', probe: { stream, until } } };
}

/** A 401 with the current version of the secret. @returns what to store, or null if it is known already */
export function openedBreaker(
  breaker: Breaker,
  call: { readonly stream: string; readonly secretVersion: string },
  now: number,
): Breaker | null {
  const { stream, secretVersion } = call;
  if (breaker.state === 'open' && breaker.secretVersion === secretVersion) return null;
  return { ...breaker, state: 'open', secretVersion, openedAt: now, openedBy: stream, probe: null };
}

/** A 401 with a version that has been replaced since: nothing halts, but no page may call with it again. */
export function outdatedBreaker(breaker: Breaker, secretVersion: string, now: number): Breaker | null {
  return breaker.state === 'closed' && breaker.secretVersion !== secretVersion
    ? { ...breaker, secretVersion, doubtUntil: now + secretCachedForMs }
    : null;
}

/**
 * The credentials got through. Only the probe itself proves anything: other answers may belong to calls that began before
 * the 401, also with the version that came before the refused one.
 *
 * @returns what to store, or null if nothing changes
 */
export function closedBreaker(
  breaker: Breaker,
  call: { readonly stream: string; readonly secretVersion: string },
  now: number,
): Breaker | null {
  if (breaker.state !== 'half-open' || breaker.probe?.stream !== call.stream) return null;
  const refused = breaker.secretVersion === call.secretVersion;
  return {
    ...breaker,
    state: 'closed',
    secretVersion: refused ? null : breaker.secretVersion,
    goodVersion: refused ? call.secretVersion : null,
    doubtUntil: refused ? null : now + secretCachedForMs,
    openedAt: null,
    probe: null,
  };
}

/**
 * Whether a 401 is the stream's own: it was refused once more with the version that has got another one through since. Mobaro
 * answers 401 for a missing permission, too.
 */
export function isOwnFault(
  breaker: Breaker,
  call: { readonly stream: string; readonly secretVersion: string },
): boolean {
  return (
    breaker.state === 'closed' &&
    breaker.goodVersion === call.secretVersion &&
    breaker.openedBy === call.stream
  );
}

/** A person says that the credentials are fixed, same version or not: one page may try. */
export function halfOpenedBreaker(breaker: Breaker): Breaker | null {
  if (breaker.state !== 'open') return null;
  return { ...breaker, state: 'half-open', probe: null };
}
