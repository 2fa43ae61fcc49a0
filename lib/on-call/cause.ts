import type { Checkpoint } from '../sync/checkpoint.ts';

/** Why pages of a stream fail, as far as the last answer shows it: the codes are those of lib/http/failure-reason.ts. */
export type Cause =
  'name' | 'refused' | 'tls' | 'no answer' | 'server' | 'throttled' | 'unreadable' | 'own fault' | 'other';

const byReason: readonly (readonly [RegExp, Cause])[] = [
  [/\b(ENOTFOUND|EAI_AGAIN)\b/, 'name'],
  [/\b(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)\b/, 'refused'],
  [/\b(EPROTO|ERR_TLS_\w+|ERR_SSL_\w+|\w*CERT\w*|UNABLE_TO_\w+)\b/, 'tls'],
  [/\bno answer\b|\bdid not answer\b|\b(ETIMEDOUT|ECONNRESET|ECONNABORTED|EPIPE|NO_ANSWER)\b/i, 'no answer'],
];

/** Pure. */
export function causeOf({ stopped, lastStatus, reason }: Checkpoint): Cause {
  if (stopped?.by === 'malformed') return 'unreadable';
  const said = byReason.find(([pattern]) => pattern.test(reason ?? ''));
  if (lastStatus === null && said !== undefined) return said[1];
  if (lastStatus === 429) return 'throttled';
  if (lastStatus !== null && lastStatus >= 500) return 'server';
  return lastStatus === null ? 'own fault' : 'other';
}
