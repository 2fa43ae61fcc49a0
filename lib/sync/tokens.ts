import type { OAuth2 } from '../connectors/connector.ts';
import {
  accessTokenField,
  grantOf,
  refreshTokenField,
  tokenRequest,
  type Granted,
} from '../connectors/token-request.ts';
import type { Claimed } from './checkpoint.ts';
import { isRefused, learnFromRefusal } from './credentials.ts';
import { maxSleepMs } from './limits.ts';
import type { HeldTokens, Secret, Tokens, TokenStates } from './ports.ts';
import type { Reading } from './read-answer.ts';
import { readTokenAnswer, type TokenReading } from './read-token-answer.ts';
import { defer, giveBack, halt, type Step, type Wait } from './step.ts';
import {
  isGood,
  mayRenew,
  mayStore,
  newTokenState,
  notRenewed,
  read401,
  storedEveryMs,
  withTokens,
  type TokenState,
} from './token.ts';
import { contextOf, type TokenDependencies, type Work } from './work.ts';

/** All about access tokens: the one that a page calls with, who renews it, and what a 401 says of it. */

/** What a page calls with. */
export type Access =
  /** @property version of the tokens; null where the secret itself is what is sent */
  | { readonly kind: 'good'; readonly secret: Secret; readonly version: string | null }
  /** There is no access token that is good. @property version of the tokens that are not; null where there are none */
  | { readonly kind: 'due'; readonly version: string | null }
  | { readonly kind: 'unusable'; readonly status: null; readonly reason: string };

export async function readAccess(work: Work): Promise<Access> {
  const { deps, stream, secret } = work;
  const own = ownOf(work);
  if (own === null) return { kind: 'good', secret, version: null };
  const { ports, auth } = own;
  const grant = grantOf(auth, secret.fields);
  const now = deps.clock.now();
  const { held } = ports.memory;
  if (held?.tokens.grant === grant && isGood(stateOf(held, work), now)) {
    return { kind: 'good', secret: withTokensIn(secret, held.tokens), version: held.version };
  }
  const state = await ports.states.read(stream.connection);
  const { version } = state;
  if (version === null || !isGood(state, now)) return { kind: 'due', version };
  const tokens = await ports.vault.read(version);
  if (tokens?.grant !== grant) return { kind: 'due', version };
  const reason = whyTooShort(tokens, auth);
  if (reason !== null) return { kind: 'unusable', status: null, reason };
  return { kind: 'good', secret: withTokensIn(secret, tokens), version };
}

/** Of tokens that only this function holds, what the others' state is of those that are stored. */
function stateOf(
  { version, tokens }: NonNullable<TokenDependencies['memory']['held']>,
  { stream }: Work,
): TokenState {
  return withTokens(newTokenState(stream.connection), { ...tokens, version });
}

/** So that it lasts for more than one page. */
const shortestLifeMs = 60_000;

/** Each refresh token has to be stored; of the client's own credentials a token that is lost costs another request. */
function whyTooShort({ lifeMs }: Pick<Tokens, 'lifeMs'>, { grant }: OAuth2): string | null {
  const [shortest, words] =
    grant.kind === 'refresh_token'
      ? [storedEveryMs, 'less than 15 minutes cannot be kept']
      : [shortestLifeMs, 'less than a minute cannot be used'];
  if (lifeMs === null || lifeMs >= shortest) return null;
  return `an access token lasts ${Math.round(lifeMs / 1000)} s, and ${words}: have the vendor make it longer`;
}

/** The connector's way, and where its tokens are; null where it has none. */
function ownOf({ deps, stream }: Work): { ports: TokenDependencies; auth: OAuth2 } | null {
  const { authentication: auth } = stream.connector;
  if (auth.kind !== 'oauth2') return null;
  if (deps.tokens === null) throw new Error('The access tokens of this connection have no place');
  return { ports: deps.tokens, auth };
}

/** Among the credentials, so that no part of them is repeated, wherever the vendor does. */
function withTokensIn({ version, fields }: Secret, { accessToken, refreshToken }: Tokens): Secret {
  const tokens = {
    [accessTokenField]: accessToken,
    ...(refreshToken !== null && { [refreshTokenField]: refreshToken }),
  };
  return { version, fields: { ...fields, ...tokens } };
}

/**
 * What an answer to a call with an access token says of the credentials. The 401 of a token that has expired, or has been renewed
 * since, says nothing of them.
 *
 * @param version of the tokens; null where the secret itself was sent
 * @param askedAt since when a person wants the credentials to be tried; null if nobody does
 */
export async function judgeAccess(
  reading: Reading,
  version: string | null,
  askedAt: number | null,
  work: Work,
): Promise<Reading> {
  const own = ownOf(work);
  if (version === null || own === null || !isRefused(reading)) return reading;
  const { states, memory } = own.ports;
  for (;;) {
    const now = work.deps.clock.now();
    const held = memory.held?.version === version ? memory.held : null;
    const state = held === null ? await states.read(work.stream.connection) : stateOf(held, work);
    const said = read401(state, version, askedAt, now);
    if (said === 'refused') {
      const minutes = Math.floor((now - (state.requestedAt ?? now)) / 60_000);
      return { ...reading, reason: `${reading.reason}, with an access token of ${minutes} min` };
    }
    if (held !== null) memory.held = null;
    else if (said === 'expired' && (await states.replace({ ...state, expired: version })) === undefined) {
      continue;
    }
    const { status } = reading;
    const reason = `${reading.reason}: the access token had expired`;
    return { kind: 'transient', failure: 'unavailable', status, reason, namedWait: null };
  }
}

/**
 * Requests another access token. It is all that this invocation does: the page comes back, and calls with it.
 *
 * @param due the version of the tokens that are not good any more; null where there are none
 */
export async function renewAccess(due: string | null, claimed: Claimed, work: Work): Promise<Step> {
  const own = ownOf(work);
  if (own === null) throw new Error('There is no access token to renew');
  // Of a secret that has been replaced nothing is shown: a refresh token that comes twice can end every grant of the client's.
  const secret = await work.deps.secrets.read({ fresh: true });
  if (secret.version !== work.secret.version) {
    return giveBack(atOnce('the secret has been replaced meanwhile', work));
  }
  const lease = await takeLease(due, own.ports, claimed, work);
  if (lease.kind === 'wait') return giveBack(lease);
  const { state } = lease;
  const { vault, states } = own.ports;
  const grant = grantOf(own.auth, work.secret.fields);
  const current = await vault.current();
  const left = await leftBehind(current, state, grant, own.ports);
  if (left !== null) {
    await settle(states, state, (current) => withTokens(current, left));
    return giveBack(atOnce('the access token was renewed by a page that was broken off', work));
  }
  const refreshToken = await refreshTokenOf({ ...own, current, grant, state, work });
  const requestedAt = work.deps.clock.now();
  const answer = await work.deps.vendor.call(
    tokenRequest(own.auth, own.ports.url, work.secret.fields, refreshToken),
    work.signal,
  );
  const reading = readTokenAnswer(answer);
  if (reading.kind !== 'granted') return notGranted(reading, { ...own, current, state }, claimed, work);
  const tokens = tokensOf(reading.granted, { grant, requestedAt, refreshToken, after: current.version });
  if (own.auth.grant.kind === 'client_credentials') {
    const reason = whyTooShort(tokens, own.auth);
    if (reason !== null) {
      await settle(states, state, (stored) => notRenewed(stored, null));
      return halt('rejected', { status: null, reason }, contextOf(work));
    }
    if (tokens.lifeMs !== null && tokens.lifeMs < storedEveryMs && !mayStore(state, requestedAt)) {
      return remember(tokens, own.ports, state, work);
    }
  }
  return keep(tokens, reading.receivedAt, own.ports, state, work);
}

type Lease = { readonly kind: 'leased'; readonly state: TokenState } | ({ readonly kind: 'wait' } & Wait);

/** How soon to look again for what another page is doing. */
const lookMs = 500;
const lookLaterMs = 5000;

/** One page renews; the others wait for it for a moment, and then come back. */
async function takeLease(
  due: string | null,
  { states }: TokenDependencies,
  claimed: Claimed,
  work: Work,
): Promise<Lease> {
  const { deps, stream, signal } = work;
  for (let sleepLeft = maxSleepMs; ;) {
    const now = deps.clock.now();
    const state = await states.read(stream.connection);
    if (state.version !== due && isGood(state, now)) {
      return { kind: 'wait', ...atOnce('another page has renewed the access token', work) };
    }
    const { holder, until } = claimed.lease;
    const found = mayRenew(state, { holder, until }, now);
    if (found.kind === 'lease') {
      const stored = await states.replace(found.next);
      if (stored !== undefined) return { kind: 'leased', state: stored };
      continue;
    }
    if (found.until - now > sleepLeft && sleepLeft < lookMs) {
      return {
        kind: 'wait',
        until: Math.min(found.until, now + lookLaterMs),
        reason: found.reason,
        slots: [],
      };
    }
    const wait = Math.min(lookMs, found.until - now);
    await deps.clock.sleep(wait, signal);
    sleepLeft -= wait;
  }
}

/** Stores what came of it, for the holder of the lease alone; others may have noted something meanwhile. */
async function settle(
  states: TokenStates,
  leased: TokenState,
  change: (state: TokenState) => TokenState,
): Promise<void> {
  for (let state = leased; state.lease?.holder === leased.lease?.holder;) {
    if ((await states.replace(change(state))) !== undefined) return;
    state = await states.read(leased.connection);
  }
}

function atOnce(reason: string, { deps }: Work): Wait {
  return { until: deps.clock.now(), reason, slots: [] };
}

/**
 * What a page has stored that was broken off before it could say so: a refresh token that was given once is not given again.
 *
 * @returns the version that is current now; null where nothing was left behind
 */
async function leftBehind(
  current: HeldTokens,
  { version }: Pick<TokenState, 'version'>,
  grant: string,
  { vault }: Pick<TokenDependencies, 'vault'>,
): Promise<(Tokens & { readonly version: string }) | null> {
  if (current.version !== version && current.tokens?.grant === grant) {
    return { ...current.tokens, version: current.version };
  }
  const stored = await vault.stored();
  if (stored === null || stored.tokens?.grant !== grant || stored.tokens.after !== current.version)
    return null;
  return (await vault.makeCurrent(stored.version, current.version))
    ? { ...stored.tokens, version: stored.version }
    : leftBehind(await vault.current(), { version }, grant, { vault });
}

interface Renewal {
  readonly ports: TokenDependencies;
  readonly auth: OAuth2;
  readonly current: HeldTokens;
  readonly state: TokenState;
}

/** The last one, or the one before it where the last was refused; null with the client's own credentials. */
async function refreshTokenOf(
  renewal: Renewal & { readonly grant: string; readonly work: Work },
): Promise<string | null> {
  const { auth, current, grant, state, ports, work } = renewal;
  if (auth.grant.kind !== 'refresh_token') return null;
  const isDoubted = state.doubted === current.version;
  const held = isDoubted ? await ports.vault.previous() : current;
  const first = work.secret.fields[auth.grant.field] ?? null;
  return held?.tokens?.grant === grant ? held.tokens.refreshToken : first;
}

function tokensOf(
  { accessToken, refreshToken, lifeMs }: Granted,
  asked: Pick<Tokens, 'grant' | 'requestedAt' | 'refreshToken' | 'after'>,
): Tokens {
  return { ...asked, accessToken, lifeMs, refreshToken: refreshToken ?? asked.refreshToken };
}

/**
 * First stored under a name of its own, and then made current if nobody else's is: a page that comes late, whatever has held it up,
 * takes nothing back.
 */
async function keep(
  tokens: Tokens,
  receivedAt: number,
  { states, vault }: TokenDependencies,
  state: TokenState,
  work: Work,
): Promise<Step> {
  const { clock, newId } = work.deps;
  const version = newId();
  await vault.store(version, tokens);
  const ms = clock.now() - receivedAt;
  if (!(await vault.makeCurrent(version, tokens.after))) {
    return giveBack(atOnce('another page has renewed the access token meanwhile', work), 1);
  }
  await settle(states, state, (current) => withTokens(current, { ...tokens, version }));
  return giveBack(atOnce(`the access token was renewed, and stored ${ms} ms after it came`, work), 1);
}

/** So long the token endpoint is left alone by all pages, at the least. */
const minPauseMs = 4000;

/** What was stored last is too new to be replaced: other functions request tokens of their own, one after the other. */
async function remember(
  tokens: Tokens,
  { states, memory }: TokenDependencies,
  state: TokenState,
  work: Work,
): Promise<Step> {
  const { clock, newId } = work.deps;
  memory.held = { version: newId(), tokens };
  const retryAt = clock.now() + minPauseMs;
  await settle(states, state, (stored) => notRenewed(stored, retryAt));
  return giveBack(atOnce('the access token was renewed, for this function alone', work), 1);
}

async function notGranted(
  reading: Exclude<TokenReading, { kind: 'granted' }>,
  renewal: Renewal,
  claimed: Claimed,
  work: Work,
): Promise<Step> {
  const { ports, state, current, auth } = renewal;
  const { clock } = work.deps;
  const context = contextOf(work);
  switch (reading.kind) {
    case 'transient': {
      const retryAt = clock.now() + Math.max(minPauseMs, reading.namedWait ?? 0);
      await settle(ports.states, state, (stored) => notRenewed(stored, retryAt));
      return defer(reading, claimed, context);
    }
    case 'final':
      await settle(ports.states, state, (stored) => notRenewed(stored, null));
      return halt(reading.outcome, reading, context);
    case 'refused': {
      const { status, closeFor } = reading;
      const isLastReusable = auth.grant.kind === 'refresh_token' && auth.grant.lastTokenReusable;
      const hasAnother = isLastReusable && current.tokens !== null && state.doubted !== current.version;
      if (reading.error === 'invalid_grant' && hasAnother) {
        await settle(ports.states, state, (stored) => notRenewed(stored, null, current.version));
        const reason = `the token endpoint: ${reading.reason}; the refresh token before it is tried`;
        return defer(
          { kind: 'transient', failure: 'unavailable', status, reason, namedWait: null },
          claimed,
          context,
        );
      }
      await settle(ports.states, state, (stored) => notRenewed(stored, null));
      const learned = await learnFromRefusal(
        { kind: 'final', outcome: 'unauthorized', status, reason: grantAgain(reading, auth), closeFor },
        work,
        false,
      );
      return learned.kind === 'transient'
        ? defer(learned, claimed, context)
        : halt('unauthorized', { status, reason: grantAgain(reading, auth) }, context);
    }
  }
}

function grantAgain({ reason }: { readonly reason: string }, { grant }: OAuth2): string {
  const what =
    grant.kind === 'refresh_token'
      ? 'grant again at the vendor, and store the new refresh token (secret set)'
      : 'store credentials that the vendor takes (secret set)';
  return `the token endpoint refuses the grant (${reason}): ${what}`;
}
