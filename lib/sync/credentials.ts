import { maskKeyField, maskKeyIn, secretFields, type Connector } from '../connectors/connector.ts';
import {
  closedBreaker,
  isOwnFault,
  mayCall,
  openedBreaker,
  outdatedBreaker,
  type Breaker,
} from './breaker.ts';
import type { Claimed } from './checkpoint.ts';
import { changeBreaker } from './compare-and-swap.ts';
import type { Secret } from './ports.ts';
import { publishTroubles } from './publish-troubles.ts';
import type { Reading } from './read-answer.ts';
import type { Stream } from './settings.ts';
import type { Wait } from './step.ts';
import type { SyncDependencies, Work } from './work.ts';

/** All about credentials: the secret, the breaker that a 401 opens, and the page that tries them again. */

/** What every field of a new secret holds until a person puts the vendor's value there. */
export const secretPlaceholder = 'REPLACE_ME';

/**
 * Which fields a person has still to fill in.
 *
 * @param masks whether something is masked, which takes a key
 * @returns their names, in words, or null if the secret is whole
 */
export function missingFields(connector: Connector, masks: boolean, secret: Secret): string | null {
  const fields = secretFields(connector).filter((field) => {
    const value = secret.fields[field];
    return value === undefined || value.trim() === '' || value === secretPlaceholder;
  });
  const missing = masks && maskKeyIn(secret.fields) === null ? [...fields, maskKeyField] : fields;
  return missing.length === 0 ? null : missing.join(' and ');
}

export function missingIn({ connector, settings }: Stream, secret: Secret): string | null {
  return missingFields(connector, settings.mask.length > 0, secret);
}

/** A warm function may hold a secret that has been replaced since; where that decides something it is read anew. */
export async function readSecret(
  breaker: Breaker,
  stream: Stream,
  { secrets, clock }: Pick<SyncDependencies, 'secrets' | 'clock'>,
): Promise<Secret> {
  const doubted = breaker.doubtUntil !== null && breaker.doubtUntil > clock.now();
  const fresh = breaker.state !== 'closed' || doubted;
  const secret = await secrets.read({ fresh });
  // One that was not filled in may be by now.
  return fresh || missingIn(stream, secret) === null ? secret : secrets.read({ fresh: true });
}

export const blockedReason = 'the vendor refused this version of the secret';

/** What a page may do with its credentials. */
export type CredentialsCheck =
  /** The page calls. @property probe the breaker that says so, where this is the one page that tries the credentials */
  | { readonly kind: 'call'; readonly probe: Breaker | null }
  | { readonly kind: 'blocked' }
  | ({ readonly kind: 'wait' } & Wait);

/** While the credentials are in doubt one page tries them, and all others wait for what it finds. */
export async function checkCredentials(
  claimed: Claimed,
  { deps, stream, secret }: Work,
): Promise<CredentialsCheck> {
  for (;;) {
    const breaker = await deps.breakers.read(stream.connection);
    const call = { stream: stream.name, secretVersion: secret.version };
    const found = mayCall(breaker, { ...call, now: deps.clock.now(), until: claimed.lease.until });
    switch (found.kind) {
      case 'free':
        return { kind: 'call', probe: null };
      case 'outdated': {
        // It was read before it was known to be refused, and perhaps long ago: a function may be frozen anywhere.
        const current = await deps.secrets.read({ fresh: true });
        if (current.version === secret.version) return { kind: 'call', probe: null };
        const reason = 'the secret has been replaced meanwhile';
        return { kind: 'wait', until: deps.clock.now(), reason, slots: [] };
      }
      case 'blocked':
        return { kind: 'blocked' };
      case 'wait':
        return { ...found, reason: 'another page is trying the credentials', slots: [] };
      case 'probe': {
        const probe = await deps.breakers.replace(found.next);
        if (probe !== undefined) return { kind: 'call', probe };
      }
    }
  }
}

type Final = Extract<Reading, { kind: 'final' }>;
export type Refused = Final & { readonly outcome: 'unauthorized' };

export function isRefused(reading: Reading): reading is Refused {
  return reading.kind === 'final' && reading.outcome === 'unauthorized';
}

/**
 * Reports to the breaker what an answer says of the credentials.
 *
 * @param probe the breaker, where this page was the one that tried the credentials
 * @returns the answer as it is to be taken: a 401 may be about a secret that has been replaced, or about this stream alone
 */
export async function learnFromAnswer(reading: Reading, probe: Breaker | null, work: Work): Promise<Reading> {
  if (isRefused(reading)) return learnFromRefusal(reading, work, true);
  if (probe === null || !provesThem(reading)) return reading;
  const call = { stream: work.stream.name, secretVersion: work.secret.version };
  await changeAndPublish(work, (breaker) => closedBreaker(breaker, call, work.deps.clock.now()), probe);
  return reading;
}

/** Any answer but a 401 proves the credentials good; no answer at all, or "not now", proves nothing. */
function provesThem(reading: Reading): boolean {
  if (reading.kind === 'transient') return false;
  const { status } = reading;
  // A redirect comes from a server that has not looked at the credentials yet.
  return status === null || status < 300 || status >= 400 || status === 304;
}

/**
 * A warm function may have called with a secret that has been replaced: no page is sent for that.
 *
 * @param ofStream whether the answer may be about the stream alone: that of a token endpoint is not
 */
export async function learnFromRefusal(reading: Refused, work: Work, ofStream: boolean): Promise<Reading> {
  const { deps, stream, secret } = work;
  const current = await deps.secrets.read({ fresh: true });
  if (current.version === secret.version) {
    const call = { stream: stream.name, secretVersion: secret.version };
    if (ofStream && isOwnFault(await deps.breakers.read(stream.connection), call)) {
      const reason = `${reading.reason}, though the key is good for others: its owner may not read this`;
      return { ...reading, outcome: 'forbidden', reason };
    }
    await changeAndPublish(work, (breaker) => openedBreaker(breaker, call, deps.clock.now()));
    return reading;
  }
  await changeAndPublish(work, (breaker) => outdatedBreaker(breaker, secret.version, deps.clock.now()));
  const reason = `${reading.reason}, with a version of the secret that has been replaced`;
  const { status } = reading;
  return { kind: 'transient', failure: 'unavailable', status, reason, namedWait: null };
}

/** @param known the breaker as it was stored last, where that is known: then it need not be read */
async function changeAndPublish(
  work: Work,
  change: (breaker: Breaker) => Breaker | null,
  known?: Breaker,
): Promise<void> {
  const { deps, stream } = work;
  const { changed } = await changeBreaker(deps.breakers, stream.connection, change, known);
  if (changed) await publishTroubles(work);
}
