import { at, countOf, isObject, textOf, type JsonObject } from '../../../lib/connectors/json.ts';
import { typeOf } from './shape.ts';

/**
 * What one answer of a vendor shows of a list: where its rows are, what their id may be, how it may be paged, which times they
 * have. Pure. Reasons are for people, name fields and numbers, and repeat no value of a row.
 */

type JsonPath = readonly string[];

/** A part of a definition, as it would be written, and why. */
export interface Proposal<Value> {
  readonly value: Value;
  readonly reasons: readonly string[];
}

export interface Answer {
  readonly body: unknown;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the URL that was requested. */
  readonly query: URLSearchParams;
}

export interface FoundRows {
  readonly path: JsonPath;
  readonly rows: readonly JsonObject[];
}

/** The longest list of objects, and of equal ones the outermost; null where there is none. */
export function findRows(body: unknown): FoundRows | null {
  const lists = listsIn(body, [], 3).toSorted(
    (a, b) => b.rows.length - a.rows.length || a.path.length - b.path.length,
  );
  return lists[0] ?? null;
}

const usualLists = ['items', 'data', 'results', 'records', 'rows', 'entries', 'values', 'list'];

function listsIn(value: unknown, path: JsonPath, depth: number): readonly FoundRows[] {
  if (Array.isArray(value)) {
    const rows = value.filter(isObject);
    // An empty one is a list of rows only where vendors have theirs.
    const isUsual = path.length === 0 || usualLists.includes(path.at(-1) ?? '');
    return rows.length === value.length && (rows.length > 0 || isUsual) ? [{ path, rows }] : [];
  }
  if (!isObject(value) || depth === 0) return [];
  return Object.entries(value).flatMap(([key, inner]) => listsIn(inner, [...path, key], depth - 1));
}

export function proposeItems({ path, rows }: FoundRows): Proposal<{ path: JsonPath }> {
  const where = path.length === 0 ? 'The answer is a list' : `The answer has a list at ${path.join('.')}`;
  return { value: { path }, reasons: [`${where} of ${String(rows.length)} objects.`] };
}

/** Candidates, the likeliest first. @param stream a stream `users` may have a `userId` */
export function proposeIds(rows: readonly JsonObject[], stream: string): readonly Proposal<unknown>[] {
  const unique = fieldsOfRows(rows)
    .map((path) => ({ path, texts: rows.map((row) => textOf(at(row, path))) }))
    .filter(({ texts }) => texts.every((text) => text !== null && text !== ''))
    .filter(({ texts }) => new Set(texts).size === texts.length)
    .map(({ path, texts }) => ({ path, ...scoreOf(path, texts as readonly string[], stream) }))
    .toSorted((a, b) => b.score - a.score);
  const single = unique
    .filter(({ score }) => score > 0)
    .map(({ path, why }) => ({
      value: [[path]],
      reasons: [
        `Every row has ${path.join('.')}, and in ${String(rows.length)} rows no two have the same${why}.`,
        ...otherIds(unique, path),
      ],
    }));
  const hash = {
    value: 'hash',
    reasons: [
      'No field of the rows tells them apart by itself: the id is a hash of the row, and a row that changes is another one.',
    ],
  };
  return [...single, ...pairsOf(rows), hash];
}

function otherIds(
  unique: readonly { readonly path: JsonPath; readonly score: number }[],
  taken: JsonPath,
): readonly string[] {
  const others = unique
    .filter(({ path, score }) => path !== taken && score >= 4)
    .map(({ path }) => path.join('.'));
  return others.length === 0 ? [] : [`It could also be ${others.slice(0, 3).join(' or ')}.`];
}

function scoreOf(
  path: JsonPath,
  texts: readonly string[],
  stream: string,
): { readonly score: number; readonly why: string } {
  const name = path.at(-1) ?? '';
  const plain = name.replaceAll(/[_-]/g, '').toLowerCase();
  const own = stream.replace(/ies$/, 'y').replace(/s$/, '').replaceAll('-', '').toLowerCase();
  const named =
    plain === 'id'
      ? 10
      : plain === `${own}id`
        ? 9
        : ['uuid', 'guid', 'uid', 'key'].includes(plain)
          ? 8
          : /(?:id|key)$/.test(plain)
            ? 6
            : /^(?:number|code|slug|ref|reference|sku)$/.test(plain)
              ? 5
              : 1;
  const kinds = new Set(texts.map((text) => typeOf(text)));
  const mayChange =
    texts.every((text) => /@|\s/.test(text)) ||
    [...kinds].some((kind) => /^(?:date|time)/.test(kind)) ||
    texts.some((text) => /^-?\d+[.eE]/.test(text));
  const isPlace =
    texts.length > 1 &&
    named < 8 &&
    [0, 1].some((from) => texts.every((text, index) => text === String(index + from)));
  // Whatever it is called: an address, a time or an amount changes.
  const score = mayChange || isPlace || name === '' ? 0 : named - (path.length - 1) * 2;
  return { score, why: named >= 5 ? '' : '; its name does not say that it never changes, so ask the vendor' };
}

/** Two fields that are called ids and tell rows apart together. */
function pairsOf(rows: readonly JsonObject[]): readonly Proposal<unknown>[] {
  const ids = fieldsOfRows(rows).filter((path) => {
    const texts = rows.map((row) => textOf(at(row, path)));
    return (
      /(?:id|key|code|number)$/i.test(path.at(-1) ?? '') &&
      texts.every((text) => text !== null && text !== '')
    );
  });
  return ids.flatMap((first, index) =>
    ids.slice(index + 1).flatMap((second) => {
      const texts = rows.map((row) => JSON.stringify([textOf(at(row, first)), textOf(at(row, second))]));
      if (rows.length < 2 || new Set(texts).size < rows.length) return [];
      const names = `${first.join('.')} and ${second.join('.')}`;
      return [
        { value: [[first], [second]], reasons: [`No field is unique by itself; ${names} are together.`] },
      ];
    }),
  );
}

/** Of a row, and of the objects in it. */
function fieldsOfRows(rows: readonly JsonObject[]): readonly JsonPath[] {
  const [first] = rows;
  if (first === undefined) return [];
  return Object.entries(first).flatMap(([name, value]) =>
    isObject(value) ? Object.keys(value).map((inner) => [name, inner]) : [[name]],
  );
}

/** Beside the list: every place of the answer that is in no list, outermost first. */
interface Place {
  readonly path: JsonPath;
  /** Of the place, without what separates its words, in small letters. */
  readonly plain: string;
  readonly value: unknown;
}

function envelopeOf(body: unknown, path: JsonPath = []): readonly Place[] {
  if (!isObject(body)) return [];
  return Object.entries(body).flatMap(([key, value]) => {
    const inner = [...path, key];
    if (isObject(value)) return path.length < 3 ? envelopeOf(value, inner) : [];
    if (Array.isArray(value)) return [];
    return [{ path: inner, plain: plainOf(key), value }];
  });
}

function plainOf(name: string): string {
  return name.replaceAll(/[^A-Za-z]/g, '').toLowerCase();
}

const limits = [
  'limit',
  'perpage',
  'pagesize',
  'size',
  'count',
  'top',
  'maxresults',
  'take',
  'itemsperpage',
  'first',
];
const offsets = ['offset', 'skip', 'start', 'startat', 'startindex', 'from'];
const pageNumbers = ['page', 'pagenumber', 'pageno', 'pageindex', 'currentpage', 'p'];
const pageCounts = ['totalpages', 'pages', 'pagecount', 'lastpage'];
const totals = [
  'total',
  'totalcount',
  'totalitems',
  'totalresults',
  'totalrecords',
  'totalelements',
  'count',
  'recordstotal',
];
const cursors = [
  'nextcursor',
  'cursor',
  'nextpagetoken',
  'nexttoken',
  'continuationtoken',
  'continuation',
  'after',
  'endcursor',
  'nextpage',
  'next',
  'pagetoken',
  'scrollid',
  'offset',
];
const more = ['hasmore', 'hasnext', 'hasnextpage', 'more', 'morerecords'];

export interface ProposedPaging extends Proposal<Readonly<Record<string, unknown>>> {
  /** Parameters of the query that the paging sends itself. */
  readonly takes: readonly string[];
}

/** Candidates, the surest first; the last one is that everything has come. */
export function proposePagings(answer: Answer, { path, rows }: FoundRows): readonly ProposedPaging[] {
  const envelope = envelopeOf(answer.body);
  const size = sizeOf(answer.query, envelope, rows.length);
  const candidates = [
    linkHeader(answer, size),
    ...nextUrls(envelope, size),
    ...nextCursors(envelope, answer.query, size),
    ...keysets(envelope, rows, size),
    ...byPage(envelope, answer.query, size),
    ...byOffset(envelope, answer.query, size),
    ...totalAlone(envelope, rows.length, size),
  ].filter((one) => one !== null);
  return [...candidates, wholeList(rows.length, path)];
}

interface Size {
  /** Of the parameter that says how many rows; null where nothing shows it. */
  readonly name: string | null;
  readonly rows: number;
}

function sizeOf(query: URLSearchParams, envelope: readonly Place[], came: number): Size {
  const typed = [...query].find(([name, value]) => limits.includes(plainOf(name)) && /^\d+$/.test(value));
  if (typed !== undefined) return { name: typed[0], rows: Math.max(1, Number(typed[1])) };
  const said = envelope.find(
    ({ plain, value }) => plain !== 'count' && limits.includes(plain) && (countOf(value) ?? 0) > 0,
  );
  return { name: said?.path.at(-1) ?? null, rows: Math.max(1, (said && countOf(said.value)) ?? came) };
}

/** The parameter for the rows of a page: as it was seen, or as most vendors call it. */
function sizedBy(size: Size, usual = 'limit'): { limit: string; pageSize: { default: number; max: number } } {
  return { limit: size.name ?? usual, pageSize: { default: size.rows, max: size.rows } };
}

function ofSize(size: Size, usual = 'limit'): readonly string[] {
  const name =
    size.name === null ? [`The parameter ${usual} is a guess: nothing in the answer names it.`] : [];
  return [...name, `${String(size.rows)} rows a page is what came; raise max to what the vendor documents.`];
}

function takenBy(size: Size, query: URLSearchParams, ...names: readonly string[]): readonly string[] {
  return [...(size.name === null ? [] : [size.name]), ...names].filter((name) => query.has(name));
}

/** Where only the URL says how many rows there are, the vendor decides. */
function chosen(size: Size, query: URLSearchParams): object {
  return size.name !== null && query.has(size.name) ? sizedBy(size) : {};
}

function linkHeader({ headers, query }: Answer, size: Size): ProposedPaging | null {
  if (!/;\s*rel="?next"?/i.test(headers['link'] ?? '')) return null;
  const value = { kind: 'link', next: 'header', ...chosen(size, query) };
  return { value, reasons: ['The header Link names the next page.'], takes: takenBy(size, query) };
}

const isUrl = (value: unknown): boolean => typeof value === 'string' && /^(?:https?:\/\/|\/\S)/.test(value);

function nextUrls(envelope: readonly Place[], size: Size): readonly ProposedPaging[] {
  return envelope
    .filter(
      ({ path, value }) =>
        (isUrl(value) &&
          path.some((key) => /^next|nextlink|nextpage/i.test(key.replaceAll(/[^A-Za-z]/g, '')))) ||
        (isUrl(value) && /next/i.test(path.at(-1) ?? '')),
    )
    .map(({ path }) => ({
      value: { kind: 'link', next: [path], ...(size.name === null ? {} : sizedBy(size)) },
      reasons: [`${path.join('.')} is the URL of the next page.`],
      takes: size.name === null ? [] : [size.name],
    }));
}

/** By what the answer calls a cursor, what requests call it. */
const cursorParameters: readonly (readonly [RegExp, string])[] = [
  [/^next_?page_?token$/i, 'pageToken'],
  [/^next_?token$/i, 'nextToken'],
  [/continuation/i, 'continuationToken'],
  [/^(?:after|end_?cursor)$/i, 'after'],
];

function nextCursors(
  envelope: readonly Place[],
  query: URLSearchParams,
  size: Size,
): readonly ProposedPaging[] {
  return cursors.flatMap((name) =>
    envelope
      .filter(
        ({ plain, value }) => plain === name && typeof value === 'string' && value !== '' && !isUrl(value),
      )
      .map(({ path }) => {
        const key = path.at(-1) ?? '';
        const usual = cursorParameters.find(([form]) => form.test(key))?.[1] ?? 'cursor';
        const parameter = key.includes('_') && usual === 'pageToken' ? 'page_token' : usual;
        const value = { kind: 'cursor', cursor: parameter, next: [path], ...sizedBy(size) };
        const reasons = [
          `${path.join('.')} leads to the next page.`,
          `That requests call it ${parameter} is a guess; see the vendor's documentation.`,
          ...ofSize(size),
        ];
        return { value, reasons, takes: takenBy(size, query, parameter) };
      }),
  );
}

/** As Stripe has it: a flag, and the id of the last row. */
function keysets(
  envelope: readonly Place[],
  rows: readonly JsonObject[],
  size: Size,
): readonly ProposedPaging[] {
  const flag = envelope.find(({ plain, value }) => more.includes(plain) && typeof value === 'boolean');
  const hasOther = envelope.some(({ plain }) => [...offsets, ...pageNumbers].includes(plain));
  if (flag === undefined || hasOther || rows.some((row) => textOf(row['id']) === null)) return [];
  const value = {
    kind: 'keyset',
    after: { starting_after: ['id'] },
    bound: 'exclusive',
    more: flag.path,
    ...sizedBy(size),
  };
  const reasons = [
    `${flag.path.join('.')} says whether more follows, and nothing names the next page: it may be requested by the last row's id.`,
    'The parameter starting_after is a guess.',
    ...ofSize(size),
  ];
  return [{ value, reasons, takes: size.name === null ? [] : [size.name] }];
}

function byPage(envelope: readonly Place[], query: URLSearchParams, size: Size): readonly ProposedPaging[] {
  const typed = [...query].find(([name]) => pageNumbers.includes(plainOf(name)));
  const said = envelope.find(({ plain, value }) => pageNumbers.includes(plain) && countOf(value) !== null);
  const pages = envelope.find(({ plain, value }) => pageCounts.includes(plain) && countOf(value) !== null);
  if (typed === undefined && said === undefined && pages === undefined) return [];
  const name =
    typed?.[0] ??
    (said !== undefined && !/current|number|index/i.test(said.path.at(-1) ?? '')
      ? said.path.at(-1)
      : undefined) ??
    'page';
  const first = (typed === undefined ? countOf(said?.value) : Number(typed[1])) === 0 ? 0 : 1;
  const total = totalIn(envelope);
  const value = {
    ...{ kind: 'page', page: name, first },
    ...sizedBy(size, 'per_page'),
    ...(total !== null && { total: total.path }),
    ...(pages !== undefined && { pages: pages.path }),
  };
  const shown = said?.path.join('.') ?? pages?.path.join('.');
  const reasons = [
    shown === undefined
      ? `The URL has the number of a page (${name}).`
      : `The answer counts pages (${shown}); the first is ${String(first)}.`,
    ...(total === null ? [] : [`${total.path.join('.')} counts the rows.`]),
    ...ofSize(size, 'per_page'),
  ];
  return [{ value, reasons, takes: takenBy(size, query, name) }];
}

function byOffset(envelope: readonly Place[], query: URLSearchParams, size: Size): readonly ProposedPaging[] {
  const typed = [...query].find(([name]) => offsets.includes(plainOf(name)));
  const said = envelope.find(({ plain, value }) => offsets.includes(plain) && countOf(value) !== null);
  const name = typed?.[0] ?? said?.path.at(-1);
  if (name === undefined) return [];
  const seen = said === undefined ? `The URL has ${name}.` : `The answer tells its ${said.path.join('.')}.`;
  return [offsetPaging(name, [seen], envelope, query, size)];
}

/** More rows than came, and no word of how to request them: most vendors take limit and offset. */
function totalAlone(envelope: readonly Place[], came: number, size: Size): readonly ProposedPaging[] {
  const total = totalIn(envelope);
  if (total === null || (countOf(total.value) ?? 0) <= came) return [];
  const why = `${total.path.join('.')} says that there are more rows than the ${String(came)} that came. How to request them is not shown: offset is a guess, try it.`;
  return [offsetPaging('offset', [why], envelope, new URLSearchParams(), size)];
}

function offsetPaging(
  name: string,
  why: readonly string[],
  envelope: readonly Place[],
  query: URLSearchParams,
  size: Size,
): ProposedPaging {
  const total = totalIn(envelope);
  const value = {
    kind: 'offset',
    offset: name,
    ...(total !== null && { total: total.path }),
    ...sizedBy(size),
  };
  const counts =
    total === null ? [] : [`${total.path.join('.')} counts the rows of the whole list, if it counts rows.`];
  return { value, reasons: [...why, ...counts, ...ofSize(size)], takes: takenBy(size, query, name) };
}

function totalIn(envelope: readonly Place[]): Place | null {
  const found = totals.map((name) =>
    envelope.find(({ plain, value }) => plain === name && countOf(value) !== null),
  );
  return found.find((place) => place !== undefined) ?? null;
}

function wholeList(came: number, path: JsonPath): ProposedPaging {
  const place = path.length === 0 ? 'beside the list' : 'in the answer';
  const isRound = came >= 10 && [10, 20, 25, 30, 50, 100, 200, 250, 500, 1000].includes(came);
  const round = isRound
    ? [`${String(came)} is a round number, though: it may be a first page. Ask the vendor.`]
    : [];
  return {
    value: { kind: 'none' },
    reasons: [`Nothing ${place} speaks of another page.`, ...round],
    takes: [],
  };
}

/** The times that rows have, in sentences: what has changed when, and what has no zone. */
export function tellTimes(rows: readonly JsonObject[]): readonly string[] {
  const times = fieldsOfRows(rows).flatMap((path) => {
    const found = rows
      .map((row) => at(row, path))
      .filter((value) => typeof value === 'string' && value !== '');
    const kinds = new Set(found.map(typeOf));
    return found.length > 0 && [...kinds].every((kind) => /^(?:date|time)/.test(kind))
      ? [{ name: path.join('.'), kinds }]
      : [];
  });
  if (times.length === 0) return [];
  const changed = times.filter(({ name }) => /updat|modif|chang/i.test(name)).map(({ name }) => name);
  const naive = times.filter(({ kinds }) => kinds.has('time, no zone')).map(({ name }) => name);
  return [
    `Times and dates: ${times.map(({ name }) => name).join(', ')}.`,
    ...(changed.length === 0
      ? []
      : [
          `When a row has changed is in ${changed.join(' and ')}: if the vendor filters by it, a run need not request everything.`,
        ]),
    ...(naive.length === 0 ? [] : [`Without a zone: ${naive.join(', ')}.`]),
  ];
}
