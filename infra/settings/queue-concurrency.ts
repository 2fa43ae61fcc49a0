/** A stream has one page in flight; more at once would be more streams. */
const max = 5;
/** The least that an event source mapping takes. */
const min = 2;
/** Invocations at once that are left to ticks and the watchdog. */
export const forTicks = 3;
/** Of the 10 that a new AWS account has. */
const forAllQueues = 10 - forTicks;

/**
 * How many messages of each connection's queue may be handled at once. A vendor whose pages are slow is not to take the place of
 * the ticks: what the account allows is shared out as far as the least of each leaves a choice.
 *
 * @param streams of each connection, how many
 * @returns in the same order
 */
export function queueConcurrencies(streams: readonly number[]): readonly number[] {
  const shares = streams.map((count) => Math.min(Math.max(min, count), max));
  for (;;) {
    const sum = shares.reduce((all, share) => all + share, 0);
    const largest = Math.max(...shares);
    if (sum <= forAllQueues || largest <= min) return shares;
    shares[shares.indexOf(largest)] = largest - 1;
  }
}
