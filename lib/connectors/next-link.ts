import type { JsonPath, LinkPaging } from './connector.ts';
import { at, isObject } from './json.ts';

/** Where the page came from, and what must not be kept of a URL that it names. */
export interface Sent {
  readonly url: string;
  readonly baseUrl: string;
  /** Texts of which no part may be kept. */
  readonly credentials: readonly string[];
  /** The query parameter that carries one, if one does. */
  readonly parameter: string | null;
}

export type NextLink =
  /** Below the base URL: its path, which begins with a slash, and its query. Null where nothing follows. */
  | { readonly kind: 'link'; readonly link: string | null }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** It will be the same next time. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * The URL of the next page, as far as it may be followed. The credentials go nowhere but below the base URL, so nothing else of it
 * is kept; a vendor that repeats a key in the query gives it back to us, and it is left out.
 *
 * @param headers names in lower case
 */
export function nextLink(
  { next }: LinkPaging,
  headers: Readonly<Record<string, string>>,
  body: unknown,
  sent: Sent,
): NextLink {
  const found = next === 'header' ? linkIn(headers['link'] ?? '') : linkAt(next, body);
  if (found === null) return { kind: 'link', link: null };
  if (found === undefined) return { kind: 'unreadable', reason: 'the URL of the next page is no text' };
  const url = URL.parse(found, sent.url);
  if (url === null) return { kind: 'unreadable', reason: 'the URL of the next page is none' };
  const base = new URL(sent.baseUrl);
  const below = base.pathname.replace(/\/$/, '');
  if (url.origin !== base.origin || !url.pathname.startsWith(`${below}/`)) {
    const where =
      url.origin === base.origin ? 'outside of the base URL' : 'at another origin than the base URL';
    return { kind: 'refused', reason: `the next page is ${where}, where the credentials do not go` };
  }
  for (const [name, value] of [...url.searchParams]) {
    if (name === sent.parameter || holdsAny(value, sent.credentials)) url.searchParams.delete(name, value);
  }
  const link = url.pathname.slice(below.length) + url.search;
  return holdsAny(decoded(link), sent.credentials)
    ? { kind: 'refused', reason: 'the URL of the next page holds a credential' }
    : { kind: 'link', link };
}

/** A credential as short as a word may be a part of another one. */
const minLengthToSearch = 6;

function holdsAny(text: string, credentials: readonly string[]): boolean {
  return credentials.some((one) => one === text || (one.length >= minLengthToSearch && text.includes(one)));
}

function decoded(link: string): string {
  try {
    return decodeURIComponent(link.replaceAll('+', ' '));
  } catch {
    return link;
  }
}

/** JSON:API has an object with `href` in its place. @returns undefined for what is no URL */
function linkAt(paths: readonly JsonPath[], body: unknown): string | null | undefined {
  const place = paths.find((path) => at(body, path) !== undefined);
  const value = place === undefined ? null : at(body, place);
  const href = isObject(value) ? at(value, ['href']) : value;
  if (href === null || href === '' || href === false) return null;
  return typeof href === 'string' ? href : undefined;
}

/** RFC 8288, 3: `<URL>; name=value; name="value", …`. Bounded, for a header may be long and hostile. */
const links =
  /<([^<>]{0,65536})>((?:\s{0,9};\s{0,9}[\w!#$&+.^`|~*-]{1,50}(?:\s{0,9}=\s{0,9}(?:"(?:[^"\\]|\\.){0,1000}"|[^\s;,"]{1,1000}))?)*)/g;
const parameters =
  /;\s{0,9}([\w!#$&+.^`|~*-]{1,50})(?:\s{0,9}=\s{0,9}(?:"((?:[^"\\]|\\.){0,1000})"|([^\s;,"]{1,1000})))?/g;

/** The first link of the relation `next`, which is about the page itself: one with an `anchor` is about something else. */
function linkIn(header: string): string | null {
  for (const [, url = '', rest = ''] of header.matchAll(links)) {
    const given = [...rest.matchAll(parameters)].map(
      ([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? ''] as const,
    );
    // Of several the first counts.
    const relation = given.find(([name]) => name === 'rel')?.[1] ?? '';
    const isNext = relation.toLowerCase().split(/\s+/).includes('next');
    if (isNext && !given.some(([name]) => name === 'anchor')) return url;
  }
  return null;
}
