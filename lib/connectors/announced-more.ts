import type { Items, StreamDefinition } from './connector.ts';
import { at, countOf, isObject, type JsonObject } from './json.ts';

/**
 * What says of a page that seems to end a list that more lies behind it. A vendor may begin to page, or to cut its answers short,
 * without notice: what does not come then has not gone.
 */

export interface AnnouncedBy {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON of the answer. */
  readonly body: unknown;
  /** Rows that came, or what the vendor pages by where that is more. */
  readonly came: number;
  /** Whether a number of all rows counts what was requested: not so where ids were named. */
  readonly isCounted: boolean;
}

/** @returns the reason, of which nothing is the vendor's but names that are known here; null if nothing says so */
export function announcedMore({ paging, items }: StreamDefinition, said: AnnouncedBy): string | null {
  const isWhole = paging.kind === 'none' || paging.kind === 'file';
  const body = namesItsRows(items) ? undefined : said.body;
  const count = isWhole && said.isCounted ? said.came : Infinity;
  return (
    byRange(said, isWhole) ??
    (paging.kind === 'cursor' || paging.kind === 'link' ? null : byLink(said.headers)) ??
    byCount(countsIn(said.headers), count) ??
    byFlag(body) ??
    (isWhole ? byPointer(body) : null) ??
    byCount(
      wordsOf(body).flatMap(([word, value]) => (counters.has(word) ? [countOf(value) ?? 0] : [])),
      count,
    )
  );
}

/** The answer may be an object whose names are those of its rows: then they say nothing else. */
export function namesItsRows({ path, or = [], keyed }: Items): boolean {
  return keyed !== undefined && [path, ...or].some((place) => place.length === 0);
}

/** RFC 9110, 14.4 and 15.3.7: 206 gives a part of what there is, unless its range is all of it. */
function byRange({ status, headers }: AnnouncedBy, isWhole: boolean): string | null {
  const range = /^\s*[\w-]+\s+\d+-(\d+)\/(\d+)\s*$/.exec(headers['content-range'] ?? '');
  if (range === null) return status === 206 && isWhole ? 'the vendor gives a part of its list (206)' : null;
  const [last, all] = [Number(range[1]), Number(range[2])];
  return last + 1 < all ? `the vendor gives ${last + 1} of ${all} (Content-Range)` : null;
}

/** Each with its value, in quotes or not. Bounded, for a header may be long and hostile. */
const relations = /;\s{0,9}rel\s{0,9}=\s{0,9}(?:"([^"]{0,200})"|([^\s;,"]{1,50}))/gi;

/** RFC 8288; and `X-Next-Page`. */
function byLink(headers: AnnouncedBy['headers']): string | null {
  const named = [...(headers['link'] ?? '').matchAll(relations)].flatMap(([, quoted, bare]) =>
    (quoted ?? bare ?? '').toLowerCase().split(/\s/),
  );
  return named.includes('next') || (headers['x-next-page'] ?? '').trim() !== ''
    ? 'the vendor names a next page in its headers'
    : null;
}

const countHeaders = ['x-total-count', 'x-total', 'total-count'];

function countsIn(headers: AnnouncedBy['headers']): readonly number[] {
  return countHeaders.flatMap((name) => {
    const text = headers[name]?.trim() ?? '';
    return /^\d{1,15}$/.test(text) ? [Number(text)] : [];
  });
}

function byCount(counts: readonly number[], came: number): string | null {
  const more = counts.find((count) => count > came);
  return more === undefined ? null : `the vendor counts ${more} and gave ${came}`;
}

function byFlag(body: unknown): string | null {
  const found = wordsOf(body).find(
    ([word, value]) => (moreFlags.has(word) && value === true) || (lastFlags.has(word) && value === false),
  );
  return found === undefined ? null : `the vendor says that there is more (${found[2]} in its answer)`;
}

function byPointer(body: unknown): string | null {
  const found = wordsOf(body).find(
    ([word, value]) =>
      (pointers.has(word) && isPointer(value)) || (pageCounters.has(word) && (countOf(value) ?? 0) > 1),
  );
  return found === undefined ? null : `the vendor names a next page (${found[2]} in its answer)`;
}

/** Texts that say that there is no next page, as numbers below 1 do. */
const noPage = new Set(['', '0', 'null', 'none', 'false', 'undefined']);

/** A text, a number, or JSON:API's object with `href`. */
function isPointer(value: unknown): boolean {
  if (typeof value === 'string') return !noPage.has(value.trim().toLowerCase());
  return typeof value === 'number' ? value > 0 : typeof at(value, ['href']) === 'string';
}

// Each without case, `_`, `-` and `@`: `next_cursor`, `nextCursor` and `next-cursor` are one word.

/** Where vendors put such words: beside the list, or in one of these objects beside it. */
const envelopes: ReadonlySet<string> = new Set([
  ...['meta', 'metadata', 'responsemetadata', 'pagination', 'paging', 'page', 'pageinfo', 'pager'],
  ...['links', 'cursor', 'cursors', 'paginator'],
]);
const moreFlags: ReadonlySet<string> = new Set([
  ...['hasmore', 'hasmoreitems', 'hasmoreresults', 'hasnext', 'hasnextpage', 'more', 'moreresults'],
  ...['moreavailable', 'istruncated', 'truncated'],
]);
const lastFlags: ReadonlySet<string> = new Set(['islast', 'islastpage', 'lastpage']);
const pointers: ReadonlySet<string> = new Set([
  ...['next', 'nextcursor', 'nextpage', 'nextpagetoken', 'nexttoken', 'nextlink', 'nexturl', 'nextpageurl'],
  ...['nextpagelink', 'nextrecordsurl', 'nextoffset', 'nextstart', 'continuationtoken', 'odatanextlink'],
]);
const pageCounters: ReadonlySet<string> = new Set(['totalpages', 'pagecount', 'lastpage', 'pages']);
const counters: ReadonlySet<string> = new Set([
  ...['total', 'totalcount', 'totalitems', 'totalresults', 'totalrows', 'totalrecords', 'totalelements'],
  'odatacount',
]);

/** With each its value, and its name as the vendor writes it. */
function wordsOf(body: unknown): readonly (readonly [word: string, value: unknown, name: string])[] {
  if (!isObject(body)) return [];
  const named = (object: JsonObject): (readonly [string, unknown, string])[] =>
    Object.entries(object).map(([name, value]) => [wordOf(name), value, plainly(name)]);
  const own = named(body);
  const beside = own.flatMap(([word, value]) => (isObject(value) && envelopes.has(word) ? named(value) : []));
  return [...own, ...beside];
}

function wordOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '');
}

/** A word that is known may be reported as it is written, if it is written with nothing else. */
function plainly(name: string): string {
  return /^@?[A-Za-z]+(?:[._-][A-Za-z]+)*$/.test(name) ? name : wordOf(name);
}
