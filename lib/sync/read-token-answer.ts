import { grantedIn, tokenErrorIn, type Granted, type TokenError } from '../connectors/token-request.ts';
import { limitMet, namedWait } from '../retry/named-wait.ts';
import type { VendorAnswer } from './ports.ts';
import type { Reading } from './read-answer.ts';

export type TokenReading =
  | { readonly kind: 'granted'; readonly granted: Granted; readonly receivedAt: number }
  /** The grant, or the client: a 401 of the credentials. */
  | {
      readonly kind: 'refused';
      readonly error: TokenError | null;
      readonly status: number;
      readonly reason: string;
      readonly closeFor: number | null;
    }
  | Extract<Reading, { kind: 'transient' }>
  | Extract<Reading, { kind: 'final' }>;

/** Those that say that the credentials are not good, or not any more. */
const ofCredentials: readonly (TokenError | null)[] = [
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
];

/** Names what the answer of a token endpoint is. Of its words only the error codes of RFC 6749 are repeated. */
export function readTokenAnswer(answer: VendorAnswer): TokenReading {
  if (answer.kind === 'unanswered') return later('unavailable', null, answer.reason, null);
  if (answer.kind === 'redirected') return never('rejected', answer.status, answer.reason, null);
  const { status, headers, body, receivedAt, unreadable } = answer;
  const { ms: wait } = namedWait(status, headers, receivedAt);
  if (status >= 200 && status < 300) {
    const granted = unreadable === undefined ? grantedIn(body) : 'its answer cannot be read';
    if (typeof granted !== 'string') return { kind: 'granted', granted, receivedAt };
    return later('malformed', status, granted, wait);
  }
  const error = tokenErrorIn(body);
  const words = error === null ? `HTTP ${status}` : `HTTP ${status}: ${error}`;
  if (status === 429 || limitMet(status, headers) === 'come later') {
    return later('throttled', status, words, wait);
  }
  if (status >= 500 || status === 408 || status === 425) return later('unavailable', status, words, wait);
  if (status === 401 || ofCredentials.includes(error)) {
    return { kind: 'refused', error, status, reason: words, closeFor: wait };
  }
  return never(status === 404 ? 'missing' : 'rejected', status, words, wait);
}

const said = (words: string): string => `the token endpoint: ${words}`;

function later(
  failure: Extract<Reading, { kind: 'transient' }>['failure'],
  status: number | null,
  words: string,
  wait: number | null,
): Extract<Reading, { kind: 'transient' }> {
  return { kind: 'transient', failure, status, reason: said(words), namedWait: wait };
}

function never(
  outcome: 'missing' | 'rejected',
  status: number,
  words: string,
  closeFor: number | null,
): Extract<Reading, { kind: 'final' }> {
  return { kind: 'final', outcome, status, reason: said(words), closeFor };
}
