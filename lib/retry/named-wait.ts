/**
 * How long the vendor asked us to stay away, if it said so in a way that can be believed.
 *
 * Both vendors' pages name `Retry-After`; Bob's also `X-RateLimit-Reset` ("given in Unix epoch time"). Where both are
 * there the longest wins: calling too early is the one thing that makes a limit worse. A value that is negative,
 * unreadable or absurd is ignored rather than fatal: it only costs us what the vendor would have told.
 */

type Headers = Readonly<Record<string, string>>;

/** Longer than this is taken for a mistake: no limit of either vendor is counted in weeks. */
export const absurdMs = 7 * 24 * 3600 * 1000;

/**
 * @param status of the answer: a 429 is told to wait for the reset; of others Bob sends the reset along with every one,
 * and it counts where nothing remains until then
 * @param headers names in lower case
 * @param receivedAt when the answer arrived, epoch milliseconds
 * @returns milliseconds from `receivedAt`, or null if nothing usable was said
 */
export function namedWait(status: number, headers: Headers, receivedAt: number): number | null {
  // Moments are compared with the answer's own clock, so that a skew between the vendor's and ours cancels out.
  const answeredAt = parseHttpDate(headers['date']) ?? receivedAt;
  const waits = [
    parseRetryAfter(headers['retry-after'], answeredAt),
    resetCounts(status, headers) ? parseReset(headers['x-ratelimit-reset'], answeredAt) : null,
  ].filter((wait): wait is number => wait !== null && wait >= 0 && wait <= absurdMs);
  return waits.length === 0 ? null : Math.max(...waits);
}

function resetCounts(status: number, headers: Headers): boolean {
  const remaining = headers['x-ratelimit-remaining']?.trim();
  if (status === 429 || remaining === '0') return true;
  return remaining === undefined && status >= 500;
}

/** RFC 9110, 10.2.3: whole seconds or an HTTP-date. */
function parseRetryAfter(value: string | undefined, answeredAt: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = parseHttpDate(text);
  return date === null ? null : date - answeredAt;
}

/** Epoch seconds. */
function parseReset(value: string | undefined, answeredAt: number): number | null {
  const text = value?.trim() ?? '';
  return /^\d+(\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) - answeredAt : null;
}

/** RFC 9110, 5.6.7. `Date.parse` takes much else ("3", "-1", "June"), so the shape is looked at first. */
export function parseHttpDate(value: string | undefined): number | null {
  const text = value?.trim() ?? '';
  const imf = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
  const rfc850 = /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
  const asctime = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;
  if (!imf.test(text) && !rfc850.test(text) && !asctime.test(text)) return null;
  const time = Date.parse(asctime.test(text) ? `${text} GMT` : text);
  return Number.isNaN(time) ? null : time;
}
