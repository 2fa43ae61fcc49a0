import type { Checkpoint } from '../sync/checkpoint.ts';
import { maxCutShort, type Trouble } from '../sync/troubles.ts';

/** Why a stream has its trouble, as far as what is stored shows it: each has advice of its own. */
export type Cause =
  | Exclude<Trouble, 'halted' | 'exhausted' | 'held'>
  /** Its checkpoint cannot be understood. */
  | 'damaged'
  | 'forbidden'
  | 'rejected'
  | 'deletions'
  | 'circles'
  | 'budget'
  | 'cut short'
  | 'doubt'
  | Failing;

/** Why pages fail. */
type Failing =
  | 'unknown host'
  | 'unreachable'
  | 'tls'
  | 'no answer'
  | 'broken off'
  | 'server error'
  | 'too many'
  | 'unreadable'
  | 'own fault';

/** @param checkpoint undefined where it cannot be understood. Pure. */
export function causeOf(kind: Trouble, checkpoint: Checkpoint | undefined): Cause {
  switch (kind) {
    case 'halted':
      if (checkpoint === undefined) return 'damaged';
      return checkpoint.stopped?.by === 'forbidden' ? 'forbidden' : 'rejected';
    case 'held':
      return checkpoint === undefined ? 'doubt' : whyHeld(checkpoint);
    case 'exhausted':
      return checkpoint === undefined ? 'own fault' : whyFailing(checkpoint);
    default:
      return kind;
  }
}

function whyHeld({ heldDeletions, stopped, cutShortRuns }: Checkpoint): Cause {
  if (heldDeletions !== null) return 'deletions';
  if (stopped?.by === 'looping') return 'circles';
  if (stopped?.by === 'runaway') return 'budget';
  return cutShortRuns >= maxCutShort ? 'cut short' : 'doubt';
}

/** The codes are those of lib/http/failure-reason.ts. */
const byReason: readonly (readonly [RegExp, Failing])[] = [
  [/\b(ENOTFOUND|EAI_AGAIN)\b/, 'unknown host'],
  [/\b(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)\b/, 'unreachable'],
  [/\b(EPROTO|ERR_TLS_\w+|ERR_SSL_\w+|\w*CERT\w*|UNABLE_TO_\w+)\b/, 'tls'],
  [/\bno complete answer\b|\bETIMEDOUT\b/, 'no answer'],
  [/\b(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_PREMATURE_CLOSE|NO_ANSWER)\b/, 'broken off'],
  [/\bHPE_\w+/, 'unreadable'],
];

function whyFailing({ stopped, lastStatus, reason }: Checkpoint): Failing {
  if (stopped?.by === 'malformed') return 'unreadable';
  if (lastStatus === null) {
    return byReason.find(([pattern]) => pattern.test(reason ?? ''))?.[1] ?? 'own fault';
  }
  if (lastStatus >= 500) return 'server error';
  // These say that the server gave up waiting, or wants it once more.
  if (lastStatus === 408 || lastStatus === 425) return 'no answer';
  // Any other that is tried again is a limit.
  return lastStatus >= 400 ? 'too many' : 'own fault';
}
