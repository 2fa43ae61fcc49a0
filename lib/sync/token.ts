/**
 * The access token of one connection, as its functions share it: what holds, when it is to be renewed, and who renews it. The
 * token itself is in a secret of its own. All times are epoch milliseconds; pure.
 */
export interface TokenState {
  readonly connection: string;
  /** Counts the writes of this item; 0 is "not stored yet". Every write is conditional on it. */
  readonly revision: number;
  /** Who renews the token, and until when nobody else may: two must never show one refresh token at once. */
  readonly lease: { readonly holder: string; readonly until: number } | null;
  /** The version of the tokens' secret that holds; null before the first one. */
  readonly version: string | null;
  /** When it was requested: it is not older than that. */
  readonly requestedAt: number | null;
  /** From then on it is renewed before a page calls; null where the vendor did not say how long it lasts. */
  readonly renewAt: number | null;
  /** A version whose access token has expired by a 401. */
  readonly expired: string | null;
  /** A version whose refresh token was refused: where the vendor takes the one before it once more, that is tried, too. */
  readonly doubted: string | null;
  /** The token endpoint is not called before. */
  readonly retryAt: number | null;
}

export function newTokenState(connection: string): TokenState {
  return {
    connection,
    revision: 0,
    ...{ lease: null, version: null, requestedAt: null, renewAt: null },
    ...{ expired: null, doubted: null, retryAt: null },
  };
}

/**
 * Tokens are not stored more often: Secrets Manager keeps every version for a day, and about a hundred of them at most
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html).
 */
export const storedEveryMs = 15 * 60_000;

/** Whether other tokens may be stored in the place of those that are. */
export function mayStore({ requestedAt }: TokenState, now: number): boolean {
  return requestedAt === null || now - requestedAt >= storedEveryMs;
}

/** Renewed so long before it expires, where it lasts long enough: a call that begins with it also ends with it. */
const marginMs = 60_000;

/** Whether a page may call with it. */
export function isGood({ version, renewAt, expired }: TokenState, now: number): boolean {
  return version !== null && expired !== version && (renewAt === null || renewAt > now);
}

export type MayRenew =
  /** `next` is to be stored; who manages that renews. */
  | { readonly kind: 'lease'; readonly next: TokenState }
  | { readonly kind: 'wait'; readonly until: number; readonly reason: string };

/** @param claim who wants to renew, and when it is dead for sure */
export function mayRenew(
  state: TokenState,
  claim: { readonly holder: string; readonly until: number },
  now: number,
): MayRenew {
  const { lease, retryAt } = state;
  if (lease !== null && lease.until > now && lease.holder !== claim.holder) {
    return { kind: 'wait', until: lease.until, reason: 'another page is renewing the access token' };
  }
  if (retryAt !== null && retryAt > now) {
    return { kind: 'wait', until: retryAt, reason: 'the token endpoint is left alone until then' };
  }
  return { kind: 'lease', next: { ...state, lease: claim } };
}

/** What the tokens' secret holds now. */
export function withTokens(
  state: TokenState,
  held: { readonly version: string; readonly requestedAt: number; readonly lifeMs: number | null },
): TokenState {
  const { version, requestedAt, lifeMs } = held;
  const renewAt = lifeMs === null ? null : requestedAt + usedFor(lifeMs);
  return { ...state, version, requestedAt, renewAt, lease: null, doubted: null, retryAt: null };
}

function usedFor(lifeMs: number): number {
  if (lifeMs < storedEveryMs) return lifeMs - Math.min(marginMs, lifeMs / 5);
  return Math.max(storedEveryMs, lifeMs - marginMs);
}

/**
 * Nothing was granted.
 *
 * @param retryAt null where nothing speaks against the next try
 * @param doubted the version whose refresh token was refused, where another one is to be tried
 */
export function notRenewed(
  state: TokenState,
  retryAt: number | null,
  doubted: string | null = null,
): TokenState {
  return { ...state, lease: null, retryAt, doubted };
}

/**
 * What a 401 says of the token that it was answered to. One that is due, or as old as a token gets, may have expired, whatever the
 * vendor said of it; one that is younger than that may be renewed where a person has asked for another try since.
 *
 * @param askedAt since when a person wants the credentials to be tried; null if nobody does
 */
export function read401(
  state: TokenState,
  version: string,
  askedAt: number | null,
  now: number,
): 'renewed since' | 'expired' | 'refused' {
  const { requestedAt, renewAt } = state;
  if (state.version !== version || state.expired === version) return 'renewed since';
  if (requestedAt === null) return 'refused';
  const isOld = now - requestedAt >= storedEveryMs || (renewAt !== null && renewAt <= now);
  const isAsked = askedAt !== null && requestedAt < askedAt;
  return isOld || isAsked ? 'expired' : 'refused';
}
