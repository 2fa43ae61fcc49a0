export type Redirect =
  | { readonly kind: 'none' }
  | { readonly kind: 'followed'; readonly url: URL }
  /** `reason` repeats nothing of the target: its host may hold the key or a person's name as well as its path. */
  | { readonly kind: 'refused'; readonly reason: string };

/** 307 and 308 keep method and body; the others turn a POST into a GET, which requests something else. */
const keepsMethod: ReadonlyMap<number, boolean> = new Map([
  [301, false],
  [302, false],
  [303, false],
  [307, true],
  [308, true],
]);

/**
 * What to do about an answer that may be a redirect. Only the same origin is followed: the credentials must not travel to
 * another host, nor over plain HTTP. 304 is an answer, not a redirect.
 * @param from where the request was sent
 */
export function redirectOf(
  response: { readonly status: number; readonly headers: Headers },
  from: URL,
  method: 'GET' | 'POST',
): Redirect {
  const keeps = keepsMethod.get(response.status);
  if (keeps === undefined) return { kind: 'none' };
  const location = response.headers.get('location');
  if (location === null) return { kind: 'refused', reason: 'redirected without saying where to' };
  const target = URL.parse(location, from.href);
  if (target === null) return { kind: 'refused', reason: 'redirected to what is not a URL' };
  const elsewhere = whereElse(target, from);
  if (elsewhere !== null) return { kind: 'refused', reason: `redirected to ${elsewhere}` };
  if (method === 'POST' && !keeps) {
    return { kind: 'refused', reason: 'redirected in a way that turns a POST into a GET' };
  }
  return { kind: 'followed', url: target };
}

/** Null for the same origin, without credentials that would be sent in place of ours. */
function whereElse(target: URL, from: URL): string | null {
  const isPlain = target.protocol === 'http:';
  if (!isPlain && target.protocol !== 'https:') return 'what is not HTTP';
  const over = isPlain && from.protocol === 'https:' ? ' over plain HTTP' : '';
  if (target.hostname !== from.hostname) return `another host${over}`;
  if (over !== '') return `the same host${over}`;
  if (target.origin !== from.origin) return 'another origin of the same host';
  return target.username + target.password === '' ? null : 'a URL with credentials in it';
}
