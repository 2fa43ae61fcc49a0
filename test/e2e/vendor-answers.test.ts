import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Summary } from '../../infra/laptop/report/summary.ts';
import { launch, projectWith, start, temporaryData } from '../support/start-command.ts';

/**
 * What vendors really send, one list for each way of it, through two `npm start` of one project: a server on this machine, whose
 * answers are those that public reports of this trade describe.
 */

/** What a request asks a list for, and in which of the two runs. */
interface Asked {
  readonly run: 1 | 2;
  /** Of this list in this run, from 1. */
  readonly number: number;
  readonly offset: number;
  readonly limit: number;
  readonly cursor: string | null;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, unless it is text or bytes. */
  readonly body?: unknown;
  /** The connection breaks after the body. */
  readonly breaks?: true;
}

type Ended = Partial<Pick<Summary['streams'][number], 'outcome' | 'lastStatus' | 'requests' | 'deleted'>> & {
  /** What the reason says, and what it must not. */
  readonly says?: RegExp;
  readonly saysNot?: RegExp;
};

interface Case {
  /** A sentence. */
  readonly it: string;
  readonly answer: (asked: Asked) => Answer;
  readonly first: Ended;
  readonly second: Ended;
  /** Records that live when both runs are over, where that is not all that is said. */
  readonly living?: readonly string[];
}

const rowsOf = (count: number): { readonly id: string }[] =>
  Array.from({ length: count }, (_, row) => ({ id: idOf(row) }));
const idOf = (row: number): string => `row-${String(row + 1).padStart(2, '0')}`;
const idsOf = (count: number): string[] => rowsOf(count).map(({ id }) => id);

/** A page by offset. @param total null leaves it out */
function page(rows: readonly object[], { offset, limit }: Asked, total: number | null = rows.length): Answer {
  const items = rows.slice(offset, offset + limit);
  return { body: { items, ...(total !== null && { total }) } };
}

/** The same in another charset than UTF-8. UTF-16 begins with its mark. */
function encoded(
  rows: readonly object[],
  asked: Asked,
  encoding: 'latin1' | 'utf16le',
  charset: string,
): Answer {
  const mark = encoding === 'utf16le' ? '\ufeff' : '';
  const body = Buffer.from(mark + JSON.stringify(page(rows, asked).body), encoding);
  return { headers: { 'content-type': `application/json; charset=${charset}` }, body };
}

/** A page of a list of Bob's, by cursor: `p:0`, `p:1` … */
function cursorPage(
  { cursor }: Asked,
  pages: number,
  metadata: (index: number, cursor: string | null) => object,
): Answer {
  const index = Number(cursor?.split(':')[1] ?? 0);
  const results =
    index < pages ? [{ employeeId: `e${String(index + 1)}`, values: [{ id: 1 }, { id: 2 }] }] : [];
  return { body: { results, response_metadata: metadata(index, cursor) } };
}

const valuesOf = (pages: number): string[] =>
  Array.from({ length: pages }, (_, index) => [`e${String(index + 1)}/1`, `e${String(index + 1)}/2`]).flat();

const complete = { outcome: 'complete', deleted: 0 } as const;
const text = { 'content-type': 'text/plain' };

/** By the path of the list: `?Limit=20&Offset=…`, as Mobaro has it. */
const byOffset: Readonly<Record<string, Case>> = {
  'r3-cap': {
    it: 'goes on behind a total that stops at a cap, in each run',
    answer: (asked) => page(rowsOf(asked.run === 1 ? 45 : 47), asked, 40),
    first: complete,
    second: complete,
    living: idsOf(47),
  },
  'r3-page': {
    it: 'goes on behind a total that counts the page, in each run',
    answer: (asked) => page(rowsOf(45), asked, Math.max(0, Math.min(asked.limit, 45 - asked.offset))),
    first: complete,
    second: complete,
    living: idsOf(45),
  },
  'r3-right': {
    it: 'asks no more than it has to where the total is right and the last page is short',
    answer: (asked) => page(rowsOf(45), asked),
    first: { ...complete, requests: 3 },
    second: { ...complete, requests: 3 },
  },
  'r7-404': {
    it: 'takes 404 behind all rows for the end where there is no total, and deletes nothing by it',
    answer: (asked) => {
      const rows = rowsOf(40).slice(asked.run - 1);
      return asked.offset < rows.length ? page(rows, asked, null) : { status: 404, body: {} };
    },
    first: complete,
    second: complete,
    living: idsOf(40),
  },
  'r7-416': {
    it: 'takes 416 for the same',
    answer: (asked) => (asked.offset < 40 ? page(rowsOf(40), asked, null) : { status: 416, body: {} }),
    first: complete,
    second: complete,
  },
  'r7-400': {
    it: 'says partial, and what the vendor says, of a vendor that goes no deeper',
    answer: (asked) =>
      asked.offset < 30
        ? page(rowsOf(60), asked)
        : { status: 400, body: { message: 'offset must not be greater than 30' } },
    first: { outcome: 'partial', deleted: 0, says: /HTTP 400/ },
    second: { outcome: 'partial', deleted: 0, says: /offset/ },
  },
  'r7-missing': {
    it: 'halts as missing, at once, for a 404 on a first page',
    answer: () => ({ status: 404, body: {} }),
    first: { outcome: 'missing', requests: 1 },
    second: { outcome: 'missing', requests: 0 },
  },
  'r8-aligned': {
    it: 'walks a list that begins at a multiple of the limit, and deletes nothing of it',
    answer: (asked) =>
      page(rowsOf(45).slice(asked.run - 1), {
        ...asked,
        offset: asked.offset - (asked.offset % asked.limit),
      }),
    first: complete,
    second: complete,
    living: idsOf(45),
  },
  'r8-pages': {
    it: 'walks a list whose offset counts pages, and deletes nothing of it',
    answer: (asked) =>
      page(rowsOf(45).slice(asked.run - 1), { ...asked, offset: asked.offset * asked.limit }),
    first: complete,
    second: complete,
    living: idsOf(45),
  },
};

/** The same, of another connection: what a function is told of its streams has to fit into its environment. */
const oddly: Readonly<Record<string, Case>> = {
  'r2-latin-1': {
    it: 'decodes a body as its type names it',
    answer: (asked) => encoded([{ id: 'Zo\u00eb' }, { id: 'Zo\u00e8' }], asked, 'latin1', 'ISO-8859-1'),
    first: complete,
    second: complete,
    living: ['Zo\u00e8', 'Zo\u00eb'],
  },
  'r2-utf-16': {
    it: 'decodes UTF-16 that says so',
    answer: (asked) => encoded([{ id: 'Zo\u00eb' }], asked, 'utf16le', 'utf-16'),
    first: complete,
    second: complete,
    living: ['Zo\u00eb'],
  },
  'r2-invalid': {
    it: 'stores nothing of bytes that are no UTF-8',
    answer: (asked) => encoded([{ id: 'Zo\u00eb' }], asked, 'latin1', 'utf-8'),
    first: { outcome: 'malformed', says: /utf-8/i },
    second: { outcome: 'malformed' },
    living: [],
  },
  'r9-retry-after': {
    it: 'waits for a 403 that names a time',
    answer: (asked) =>
      asked.number === 1
        ? { status: 403, headers: { 'retry-after': '1' }, body: {} }
        : page(rowsOf(2), asked),
    first: { ...complete, requests: 3 },
    second: complete,
  },
  'r9-plain': {
    it: 'halts as forbidden for a 403 that names none',
    answer: () => ({ status: 403, body: {} }),
    first: { outcome: 'forbidden', requests: 1 },
    second: { outcome: 'forbidden', requests: 0 },
  },
  'r10-html': {
    it: 'reads good JSON under the type of HTML',
    answer: (asked) => ({
      ...page(rowsOf(2), asked),
      headers: { 'content-type': 'text/html; charset=utf-8' },
    }),
    first: complete,
    second: complete,
    living: idsOf(2),
  },
  'r10-text': {
    it: 'reads good JSON under the type of text',
    answer: (asked) => ({ ...page(rowsOf(2), asked), headers: text }),
    first: complete,
    second: complete,
    living: idsOf(2),
  },
  'r10-page': {
    it: 'takes a page of HTML for what it is, under the type of JSON',
    answer: () => ({ body: Buffer.from('<!doctype html><title>Sign in</title>') }),
    first: { outcome: 'malformed', says: /HTML/ },
    second: { outcome: 'malformed', says: /HTML/ },
  },
  'r11-suffix': {
    it: 'waits for a time with its unit behind it',
    answer: (asked) =>
      asked.number === 1
        ? { status: 429, headers: { 'retry-after': '1s' }, body: {} }
        : page(rowsOf(2), asked),
    first: { ...complete, requests: 3 },
    second: complete,
  },
  'r13-null': {
    it: 'takes null with a total of 0 for an empty list',
    answer: () => ({ body: { items: null, total: 0 } }),
    first: complete,
    second: complete,
    living: [],
  },
  'r13-only-null': {
    it: 'takes null alone for no list at all',
    answer: () => ({ body: { items: null } }),
    first: { outcome: 'malformed' },
    second: { outcome: 'malformed' },
  },
  'r14-error': {
    it: 'says what the vendor says in an answer that only looks good',
    answer: () => ({ body: { error: 'invalid request' } }),
    first: { outcome: 'malformed', says: /invalid request/ },
    second: { outcome: 'malformed' },
  },
  'r14-success': {
    it: 'says what the vendor says beside success: false',
    answer: () => ({ body: { success: false, message: 'service not available' } }),
    first: { outcome: 'malformed', says: /not available/ },
    second: { outcome: 'malformed' },
  },
  'r14-detail': {
    it: "finds a vendor's sentence in `detail`",
    answer: () => ({
      status: 400,
      body: { detail: [{ loc: ['query', 'limit'], msg: 'value is not valid' }] },
    }),
    first: { outcome: 'rejected', says: /not valid/ },
    second: { outcome: 'rejected' },
  },
  'r15-cut': {
    it: 'says that an answer was cut off',
    answer: () => ({ body: Buffer.from('{"items":[{"id":"row'), breaks: true }),
    first: { outcome: 'exhausted', saysNot: /HTTPParserError|UND_ERR|not JSON/ },
    second: { outcome: 'exhausted' },
  },
  'r15-gzip': {
    it: 'says that an answer was damaged',
    answer: () => ({ headers: { 'content-encoding': 'gzip' }, body: damaged() }),
    first: { saysNot: /HTTPParserError|UND_ERR|not JSON|Z_/ },
    second: {},
    living: [],
  },
  'r15-deep': {
    it: 'does not call JSON something else because it is deep',
    answer: ({ offset }) => {
      const row = `{"id":"a","x":${'['.repeat(2500)}${']'.repeat(2500)}}`;
      return { body: Buffer.from(`{"items":[${offset === 0 ? row : ''}],"total":1}`) };
    },
    first: { saysNot: /not JSON/ },
    second: { saysNot: /not JSON/ },
  },
};

function damaged(): Buffer {
  const whole = gzipSync(JSON.stringify({ items: rowsOf(200), total: 200 }));
  whole.fill(0, 20, whole.length - 20);
  return whole;
}

/** Lists of Bob's that come by cursor, each from a table of its own. */
const byCursor: Readonly<Record<string, Case>> = {
  employment: {
    it: 'goes on by no cursor of its own page: null ends it',
    answer: (asked) =>
      cursorPage(asked, 3, (index, cursor) => ({
        cursor: cursor ?? 'p:0',
        next_cursor: index < 2 ? `p:${String(index + 1)}` : null,
      })),
    first: { ...complete, requests: 3 },
    second: { ...complete, requests: 3 },
    living: valuesOf(3),
  },
  work: {
    it: 'ends at an empty page that names the cursor it was asked by',
    answer: (asked) =>
      cursorPage(asked, 3, (index, cursor) => ({
        next_cursor: index < 3 ? `p:${String(index + 1)}` : cursor,
      })),
    first: { ...complete, requests: 4 },
    second: { ...complete, requests: 4 },
    living: valuesOf(3),
  },
  lifecycle: {
    it: 'begins anew for a cursor that is not known any more, and asks by it no more',
    answer: (asked) =>
      asked.cursor === 'p:2' && asked.number < 4
        ? { status: 404, body: { error: 'scroll parameter not found' } }
        : cursorPage(asked, 4, (index) => ({ next_cursor: index < 3 ? `p:${String(index + 1)}` : null })),
    first: { ...complete, requests: 7 },
    second: { ...complete, requests: 7 },
    living: valuesOf(4),
  },
  variable: {
    it: 'ends a run whose cursors are all dead, and begins the next one at the beginning',
    answer: (asked) =>
      asked.run === 1 && asked.cursor !== null
        ? { status: 410, body: {} }
        : cursorPage(asked, 3, (index) => ({ next_cursor: index < 2 ? `p:${String(index + 1)}` : null })),
    first: { requests: 4, deleted: 0 },
    second: { ...complete, requests: 3 },
    living: valuesOf(3),
  },
  equities: {
    it: 'finds a circle, and keeps the rows of the page that closes it',
    answer: (asked) =>
      cursorPage(asked, 3, (index) => ({ next_cursor: index < 2 ? `p:${String(index + 1)}` : 'p:2' })),
    first: { outcome: 'looping', deleted: 0 },
    second: { outcome: 'looping' },
    living: valuesOf(3),
  },
  dependents: {
    it: 'stores the others where the values of one person are null',
    answer: () => ({
      body: {
        results: [
          { employeeId: 'e1', values: [{ id: 1 }] },
          { employeeId: 'e2', values: null },
          { employeeId: 'e3', values: [{ id: 1 }] },
        ],
        response_metadata: { next_cursor: null },
      },
    }),
    first: { outcome: 'partial', deleted: 0 },
    second: { outcome: 'partial', deleted: 0 },
    living: ['e1/1', 'e3/1'],
  },
};

/** The first run is given all 40 rows, and the second one 38 of them, by a vendor that says so. */
const cut = (
  list: string,
  say: { readonly status?: number; readonly headers?: Answer['headers']; readonly beside?: object },
): Case => ({
  it: `deletes nothing after ${JSON.stringify(say)}`,
  answer: ({ run }) => {
    const { status = 200, headers = {}, beside = {} } = run === 1 ? {} : say;
    const rows = rowsOf(run === 1 ? 40 : 38).map(({ id }) => ({ id, requestId: id }));
    return { status, headers, body: { [list]: rows, ...beside } };
  },
  first: complete,
  second: { outcome: 'partial', deleted: 0 },
});

/** Lists of Bob's that come in one answer, by their paths. */
const inOneAnswer: Readonly<Record<string, readonly [path: string, Case]>> = {
  people: [
    '/people/search',
    cut('employees', { status: 206, headers: { 'content-range': 'items 0-37/40' } }),
  ],
  'whos-out': ['/timeoff/whosout', cut('outs', { status: 206 })],
  tasks: ['/tasks', cut('tasks', { headers: { 'content-range': 'items 0-37/40' } })],
  'custom-tables': ['/people/custom-tables/metadata', cut('tables', { beside: { has_more: true } })],
  reports: ['/company/reports', cut('views', { beside: { next_cursor: 'c2' } })],
  'payroll-history': ['/payroll/history', cut('employees', { beside: { next: '/payroll/history?page=2' } })],
  goals: ['/goals/goals/search', cut('items', { beside: { total: 40 } })],
};

const allCases: readonly (readonly [stream: string, one: Case])[] = [
  ...Object.entries(byOffset).map(([name, one]) => [`mobaro/${name}`, one] as const),
  ...Object.entries(oddly).map(([name, one]) => [`odd/${name}`, one] as const),
  ...Object.entries(byCursor).map(([name, one]) => [`bob/${name}`, one] as const),
  ...Object.entries(inOneAnswer).map(([name, [, one]]) => [`bob/${name}`, one] as const),
];
const cases: ReadonlyMap<string, Case> = new Map(allCases);

/** As cdk.json has them. Mobaro's are lists at paths of their own, of which some are tried less often than others. */
const connectionsOf = (): Record<string, object> => {
  const streams: Record<string, Record<string, object>> = {};
  for (const [stream, { first }] of cases) {
    const [connection = '', path = ''] = stream.split('/');
    const tries = first.outcome === 'malformed' || first.outcome === 'exhausted' ? { attemptCap: 3 } : {};
    const one = connection === 'bob' ? {} : { of: 'notes', params: { path }, ...tries };
    streams[connection] = { ...streams[connection], [path]: one };
  }
  return Object.fromEntries(
    Object.entries(streams).map(([name, its]) => [
      name,
      { ...(name === 'odd' && { connector: 'mobaro' }), streams: its },
    ]),
  );
};
const connections = connectionsOf();

let server: Server;
let data: Awaited<ReturnType<typeof temporaryData>>;
let project: Awaited<ReturnType<typeof projectWith>>;
let run: 1 | 2 = 1;
const asked = new Map<string, number>();
const summaries: Summary[] = [];

function streamAt(path: string): string | undefined {
  const [, connection = '', ...rest] = path.split('/');
  if (connection !== 'bob') return `${connection}/${rest.join('/')}`;
  const own = `/${rest.join('/')}`;
  const name =
    Object.keys(inOneAnswer).find((list) => inOneAnswer[list]?.[0] === own) ??
    own.replace('/bulk/people/', '');
  return `bob/${name}`;
}

function respond(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://127.0.0.1');
  const stream = streamAt(url.pathname) ?? '';
  const number = (asked.get(stream) ?? 0) + 1;
  asked.set(stream, number);
  const one = cases.get(stream);
  const numberAt = (name: string): number => Number(url.searchParams.get(name));
  const { status, headers, body, breaks } = one?.answer({
    ...{ run, number, cursor: url.searchParams.get('cursor') },
    ...{ offset: numberAt('Offset'), limit: numberAt('Limit') },
  }) ?? { status: 500 };
  response.writeHead(status ?? 200, { 'content-type': 'application/json', ...headers });
  const bytes = Buffer.isBuffer(body) ? body : JSON.stringify(body);
  if (breaks === undefined) response.end(bytes);
  else response.write(bytes, () => setTimeout(() => response.destroy(), 20));
}

async function startOnce(): Promise<Summary> {
  asked.clear();
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const bases = Object.keys(connections).flatMap((name) => ['--base-url', `${name}=${origin}/${name}`]);
  const keys = {
    MOBARO_API_KEY: 'made-up',
    BOB_SERVICE_USER_ID: 'made-up',
    BOB_SERVICE_USER_TOKEN: 'made-up',
  };
  const { summary } = await start(['--data', data.path, ...bases], keys, project.path);
  return summary;
}

async function pagekeeper(...args: readonly string[]): Promise<string> {
  const { finished } = launch('infra/cli.ts', [...args, '--data', data.path], {}, project.path);
  const { stdout, stderr, status } = await finished;
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

beforeAll(async () => {
  [data, project] = await Promise.all([temporaryData(), projectWith({ connections })]);
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => respond(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (run of [1, 2] as const) summaries.push(await startOnce());
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all([data.remove(), project.remove()]);
});

function demandEnd(stream: string, index: 0 | 1): void {
  const one = cases.get(stream);
  const { says, saysNot, ...expected } = (index === 0 ? one?.first : one?.second) ?? {};
  const found = summaries[index]?.streams.find((candidate) => candidate.stream === stream);
  expect(found).toMatchObject(expected);
  if (says !== undefined) expect(found?.reason).toMatch(says);
  if (saysNot !== undefined) expect(found?.reason ?? '').not.toMatch(saysNot);
}

describe('npm start, and what vendors really send', () => {
  it('wakes on-call for a list that is missing and for one in a circle at once, and for one that is cut short after two runs', () => {
    const [first, second] = summaries.map(({ notifications }) =>
      notifications.filter(({ listeners }) => listeners === 'people'),
    );
    const streamsTold = (messages: typeof first, kind: string): string =>
      (messages ?? [])
        .filter(({ subject }) => subject.includes(kind) && !subject.startsWith('OVER'))
        .flatMap(({ message }) => /^Streams: .*(?:\n.+)*?(?=\nSince)/m.exec(message) ?? [])
        .join('\n');
    expect(streamsTold(first, 'mobaro not found (404)')).toContain('r7-missing');
    expect(streamsTold(first, 'bob waits for a person')).toContain('equities');
    expect(streamsTold(first, 'mobaro waits for a person')).not.toContain('r7-400');
    expect(streamsTold(second, 'mobaro waits for a person')).toContain('r7-400');
  });

  it.each([...cases].map(([stream, one]) => [one.it, stream] as const))('%s (%s)', async (_, stream) => {
    demandEnd(stream, 0);
    demandEnd(stream, 1);
    const living = cases.get(stream)?.living;
    if (living === undefined) return;
    const lines = (await pagekeeper('records', stream)).split('\n').filter((line) => line !== '');
    const records = lines.map(
      (line) => JSON.parse(line) as { readonly id: string; readonly deletedAt?: string },
    );
    const ids = records.flatMap(({ id, deletedAt }) => (deletedAt === undefined ? [id] : []));
    expect(ids.sort()).toEqual([...living].sort());
  });
});
