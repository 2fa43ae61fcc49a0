/**
 * After so many receives SQS moves a message to the dead letters. A wait is a receive, too, so the number is no count of
 * attempts: it only catches what is truly poison. The stack gives it to the queue.
 */
export const maxReceiveCount = 100;

/** From here on a waiting message is replaced by a fresh one, before SQS takes it for poison. */
const replaceFrom = maxReceiveCount - 10;

export type Redrive =
  /** Keep this message invisible for so long. */
  | { readonly kind: 'defer'; readonly seconds: number }
  /** Send a copy with a count of its own, and let this one go; what is left of the wait the copy waits by itself. */
  | { readonly kind: 'replace'; readonly seconds: number };

/** @param receiveCount SQS's `ApproximateReceiveCount` @param seconds until the page may be tried */
export function redriveOf(receiveCount: number, seconds: number): Redrive {
  return receiveCount >= replaceFrom ? { kind: 'replace', seconds } : { kind: 'defer', seconds };
}
