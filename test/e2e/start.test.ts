import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Summary } from '../../infra/local/start-summary.ts';
import { startHttpServer, type SeenRequest, type TestHttpServer } from '../support/http-server.ts';
import { launch, start, temporaryData } from '../support/start-command.ts';
import { pageOf } from '../support/sync-world.ts';

/** `npm start` as a user runs it, against a Mobaro that the test makes up: the synthesized stack, whole. */

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly afterMs?: number;
}

let server: TestHttpServer;
let data: Awaited<ReturnType<typeof temporaryData>>;
let answer: (request: SeenRequest, offset: number) => Answer | undefined;
/** When each request came, and when it was answered. */
let asked: { readonly path: string; readonly offset: number; readonly at: number }[];
let rows = 100;

beforeEach(async () => {
  data = await temporaryData();
  asked = [];
  rows = 100;
  answer = () => undefined;
  server = await startHttpServer((request, response) => {
    const url = new URL(request.url, server.origin);
    const offset = Number(url.searchParams.get('Offset'));
    asked.push({ path: url.pathname.replace('/api/customers', ''), offset, at: Date.now() });
    const ordinary = pageOf(rows, offset, Math.min(20, Number(url.searchParams.get('Limit'))));
    const { status, headers, body, afterMs = 0 } = answer(request, offset) ?? { ...ordinary, status: 200 };
    setTimeout(() => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    }, afterMs);
  });
});

afterEach(async () => {
  await server.stop();
  await data.remove();
});

function run(
  streams: readonly string[],
  key = 'made-up-key',
): Promise<{ readonly status: number | null; readonly summary: Summary }> {
  return start(argumentsFor(streams), { MOBARO_API_KEY: key });
}

function argumentsFor(streams: readonly string[]): string[] {
  const base = `mobaro=${server.origin}/api/customers`;
  return ['--data', data.path, '--base-url', base, ...streams.flatMap((stream) => ['--stream', stream])];
}

function of(summary: Summary, stream: string): Summary['streams'][number] {
  const found = summary.streams.find((candidate) => candidate.stream === stream);
  if (found === undefined) throw new Error(`No ${stream} in ${JSON.stringify(summary.streams)}`);
  return found;
}

function ringing(summary: Summary): string[] {
  return summary.alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
}

async function storedIds(stream: string): Promise<string[]> {
  const { stdout, stderr, status } = await launch('infra/cli.ts', ['records', stream, '--data', data.path])
    .finished;
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { id: string }).id);
}

const allRows = (): string[] => Array.from({ length: rows }, (_, row) => `row-${row}`).sort();

describe('npm start', { timeout: 180_000 }, () => {
  it('keeps a whole limit scope waiting for as long as a 429 says', async () => {
    let limited = 0;
    answer = ({ url }, offset) => {
      if (limited > 0 || !url.includes('/users') || offset !== 38) return undefined;
      limited = Date.now();
      return { status: 429, headers: { 'retry-after': '5' } };
    };
    const { status, summary } = await run(['mobaro/users', 'mobaro/timesheets', 'mobaro/locations']);
    expect(status).toBe(0);
    expect(summary).toMatchObject({ schemaVersion: 1 });
    expect(of(summary, 'mobaro/users')).toMatchObject({
      outcome: 'complete',
      pages: 6,
      requests: 7,
      redrives: 1,
      records: 100,
      written: 100,
      position: null,
    });
    // What was under way when the answer came is not meant.
    const during = asked.filter(({ at }) => at > limited + 200 && at < limited + 5000);
    expect(during).toEqual([]);
    expect(asked.some(({ at }) => at >= limited + 5000)).toBe(true);
    expect(ringing(summary)).toEqual([]);
  });

  it('gives up after five 503s, wakes on-call, and goes on at the same page the next time', async () => {
    answer = (_, offset) => (offset === 38 ? { status: 503 } : undefined);
    const first = await run(['mobaro/users']);
    expect(first.status).toBe(1);
    expect(of(first.summary, 'mobaro/users')).toMatchObject({
      outcome: 'exhausted',
      position: 39,
      attempt: 5,
      lastStatus: 503,
      pages: 2,
      requests: 7,
      redrives: 4,
    });
    expect(ringing(first.summary)).toEqual(['Pagekeeper mobaro/users exhausted']);
    expect(first.summary.notifications).toHaveLength(1);
    expect(first.summary.notifications[0]?.subject).toContain('mobaro/users exhausted');

    asked = [];
    answer = () => undefined;
    const second = await run(['mobaro/users']);
    expect(second.status).toBe(0);
    expect(asked.map(({ offset }) => offset)).toEqual([38, 57, 76, 95]);
    expect(ringing(second.summary)).toEqual([]);
    expect((await storedIds('mobaro/users')).sort()).toEqual(allRows());
  });

  it('calls no more after a 401, and goes on with a new key', async () => {
    answer = ({ headers }) => (headers['x-api-key'] === 'right' ? undefined : { status: 401 });
    const streams = ['mobaro/users', 'mobaro/timesheets', 'mobaro/locations'];
    const first = await run(streams, 'wrong');
    expect(first.status).toBe(1);
    // The ticks come together, so others may be under way when the first answer comes; none begins after it.
    const [{ at: answered } = { at: 0 }] = asked;
    expect(asked.filter(({ at }) => at > answered + 500)).toEqual([]);
    expect(new Set(asked.map(({ path }) => path)).size).toBe(asked.length);
    expect(first.summary.streams.map(({ outcome }) => outcome)).toEqual(Array(3).fill('unauthorized'));
    expect(ringing(first.summary)).toEqual(['Pagekeeper mobaro unauthorized']);

    asked = [];
    await run(streams, 'wrong');
    expect(asked).toEqual([]);

    const mended = await run(streams, 'right');
    expect(mended.status).toBe(0);
    expect(mended.summary.streams.map(({ outcome }) => outcome)).toEqual(Array(3).fill('complete'));
    expect(ringing(mended.summary)).toEqual([]);
    expect(JSON.stringify([first.summary, mended.summary])).not.toMatch(/wrong|"right"/);
  });

  it('halts one stream for a 404, lets the others end, and takes it up when it is resumed', async () => {
    answer = ({ url }) => (url.includes('/timesheets') ? { status: 404 } : undefined);
    const streams = ['mobaro/timesheets', 'mobaro/users'];
    const first = await run(streams);
    expect(first.status).toBe(1);
    expect(of(first.summary, 'mobaro/timesheets')).toMatchObject({
      outcome: 'missing',
      requests: 1,
      lastStatus: 404,
    });
    expect(of(first.summary, 'mobaro/users')).toMatchObject({ outcome: 'complete' });
    expect(ringing(first.summary)).toEqual(['Pagekeeper mobaro/timesheets missing']);
    const resumed = await launch('infra/cli.ts', ['resume', 'mobaro/timesheets', '--data', data.path])
      .finished;
    expect(resumed.status).toBe(0);
    answer = () => undefined;
    const second = await run(streams);
    expect(second.status).toBe(0);
    expect(of(second.summary, 'mobaro/users')).toMatchObject({ written: 0, unchanged: 100 });
  });

  it('is taken up at its stored page after a kill, and asks for nothing before it', async () => {
    rows = 400;
    answer = (_, offset) => ({ ...pageOf(rows, offset, 20), status: 200, afterMs: 100 });
    const { child, finished } = launch('infra/start.ts', ['--json', ...argumentsFor(['mobaro/users'])], {
      MOBARO_API_KEY: 'made-up-key',
    });
    while (asked.length < 8) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await finished;
    const lastAsked = Math.max(...asked.map(({ offset }) => offset));

    asked = [];
    const second = await run(['mobaro/users']);
    expect(second.status).toBe(0);
    // At most the page that was under way is asked for again.
    expect(asked[0]?.offset).toBeGreaterThanOrEqual(lastAsked);
    expect(asked.map(({ offset }) => offset)).toEqual(
      Array.from({ length: asked.length }, (_, page) => asked[0]!.offset + 19 * page),
    );
    expect((await storedIds('mobaro/users')).sort()).toEqual(allRows());
  });
});
