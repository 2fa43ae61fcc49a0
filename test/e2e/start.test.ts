import { describe, expect, it } from 'vitest';

import type { Summary } from '../../infra/laptop/report/summary.ts';
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

/** A vendor, a data folder, and `npm start` on both: each test has its own, for some of them run together. */
interface Laptop {
  answer: (request: SeenRequest, offset: number) => Answer | undefined;
  /** When each request came. */
  asked: { readonly path: string; readonly offset: number; readonly at: number }[];
  rows: number;
  run(streams: readonly string[], key?: string): ReturnType<typeof start>;
  /** Starts it and leaves it running. */
  launch(streams: readonly string[]): ReturnType<typeof launch>;
  pagekeeper(...args: readonly string[]): Promise<string>;
  storedIds(stream: string): Promise<string[]>;
  allRows(): string[];
}

async function laptop(onTestFinished: (end: () => Promise<void>) => void): Promise<Laptop> {
  const data = await temporaryData();
  onTestFinished(data.remove);
  const server: TestHttpServer = await startHttpServer((request, response) => {
    const url = new URL(request.url, server.origin);
    const offset = Number(url.searchParams.get('Offset'));
    here.asked.push({ path: url.pathname.replace('/api/customers', ''), offset, at: Date.now() });
    const ordinary = pageOf(here.rows, offset, Math.min(20, Number(url.searchParams.get('Limit'))));
    const {
      status,
      headers,
      body,
      afterMs = 0,
    } = here.answer(request, offset) ?? { ...ordinary, status: 200 };
    setTimeout(() => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    }, afterMs);
  });
  onTestFinished(() => server.stop());
  const argumentsFor = (streams: readonly string[]): string[] => {
    const base = `mobaro=${server.origin}/api/customers`;
    return ['--data', data.path, '--base-url', base, ...streams.flatMap((stream) => ['--stream', stream])];
  };
  const here: Laptop = {
    answer: () => undefined,
    asked: [],
    rows: 100,
    run: (streams, key = 'made-up-key') => start(argumentsFor(streams), { MOBARO_API_KEY: key }),
    launch: (streams) =>
      launch('infra/start.ts', ['--json', ...argumentsFor(streams)], { MOBARO_API_KEY: 'made-up-key' }),
    pagekeeper: async (...args) => {
      const { stdout, stderr, status } = await launch('infra/cli.ts', [...args, '--data', data.path])
        .finished;
      expect([status, stderr]).toEqual([0, '']);
      return stdout;
    },
    storedIds: async (stream) => {
      const lines = (await here.pagekeeper('records', stream)).split('\n').filter((line) => line !== '');
      return lines.map((line) => (JSON.parse(line) as { id: string }).id);
    },
    allRows: () => Array.from({ length: here.rows }, (_, row) => `row-${row}`).sort(),
  };
  return here;
}

function of(summary: Summary, stream: string): Summary['streams'][number] {
  const found = summary.streams.find((candidate) => candidate.stream === stream);
  if (found === undefined) throw new Error(`No ${stream} in ${JSON.stringify(summary.streams)}`);
  return found;
}

function ringing(summary: Summary): string[] {
  return summary.alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
}

describe('npm start', () => {
  // The first of them waits for the lease of what was killed, the second for its tries: there is time for the others.
  it.concurrent(
    'is taken up at its stored page after a kill, and asks for nothing before it',
    async ({ onTestFinished }) => {
      const here = await laptop(onTestFinished);
      here.rows = 400;
      here.answer = (_, offset) => ({ ...pageOf(here.rows, offset, 20), status: 200, afterMs: 100 });
      const { child, finished } = here.launch(['mobaro/users']);
      while (here.asked.length < 8) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGKILL');
      await finished;
      const lastAsked = Math.max(...here.asked.map(({ offset }) => offset));

      here.asked = [];
      const second = await here.run(['mobaro/users']);
      expect(second.status).toBe(0);
      // At most the page that was under way is asked for again.
      expect(here.asked[0]?.offset).toBeGreaterThanOrEqual(lastAsked);
      expect(here.asked.map(({ offset }) => offset)).toEqual(
        Array.from({ length: here.asked.length }, (_, page) => here.asked[0]!.offset + 19 * page),
      );
      expect((await here.storedIds('mobaro/users')).sort()).toEqual(here.allRows());
    },
  );

  it.concurrent(
    'gives up after five 503s, wakes on-call, and goes on at the same page the next time',
    async ({ onTestFinished }) => {
      const here = await laptop(onTestFinished);
      here.answer = (_, offset) => (offset === 38 ? { status: 503 } : undefined);
      const first = await here.run(['mobaro/users']);
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

      here.asked = [];
      here.answer = () => undefined;
      const second = await here.run(['mobaro/users']);
      expect(second.status).toBe(0);
      expect(here.asked.map(({ offset }) => offset)).toEqual([38, 57, 76, 95]);
      expect(ringing(second.summary)).toEqual([]);
      expect((await here.storedIds('mobaro/users')).sort()).toEqual(here.allRows());
    },
  );

  it.concurrent(
    'halts one stream for a 404, lets the others end, and takes it up when it is resumed',
    async ({ onTestFinished }) => {
      const here = await laptop(onTestFinished);
      here.answer = ({ url }) => (url.includes('/timesheets') ? { status: 404 } : undefined);
      const streams = ['mobaro/timesheets', 'mobaro/users'];
      const first = await here.run(streams);
      expect(first.status).toBe(1);
      expect(of(first.summary, 'mobaro/timesheets')).toMatchObject({
        outcome: 'missing',
        requests: 1,
        lastStatus: 404,
      });
      expect(of(first.summary, 'mobaro/users')).toMatchObject({ outcome: 'complete' });
      expect(ringing(first.summary)).toEqual(['Pagekeeper mobaro/timesheets missing']);
      await here.pagekeeper('resume', 'mobaro/timesheets');
      here.answer = () => undefined;
      const second = await here.run(streams);
      expect(second.status).toBe(0);
      expect(of(second.summary, 'mobaro/users')).toMatchObject({ written: 0, unchanged: 100 });
    },
  );

  it('keeps a whole limit scope waiting for as long as a 429 says', async ({ onTestFinished }) => {
    const here = await laptop(onTestFinished);
    let limited = 0;
    here.answer = ({ url }, offset) => {
      if (limited > 0 || !url.includes('/users') || offset !== 38) return undefined;
      limited = Date.now();
      return { status: 429, headers: { 'retry-after': '5' } };
    };
    const { status, summary } = await here.run(['mobaro/users', 'mobaro/timesheets', 'mobaro/locations']);
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
    const during = here.asked.filter(({ at }) => at > limited + 500 && at < limited + 5000);
    expect(during).toEqual([]);
    expect(here.asked.some(({ at }) => at >= limited + 5000)).toBe(true);
    expect(ringing(summary)).toEqual([]);
  });

  it('calls no more after a 401, and goes on with a new key', async ({ onTestFinished }) => {
    const here = await laptop(onTestFinished);
    here.answer = ({ headers }) => (headers['x-api-key'] === 'right' ? undefined : { status: 401 });
    const streams = ['mobaro/users', 'mobaro/timesheets', 'mobaro/locations'];
    const first = await here.run(streams, 'wrong');
    expect(first.status).toBe(1);
    // The ticks come together, so others may be under way when the first answer comes; none begins after it.
    const [{ at: answered } = { at: 0 }] = here.asked;
    expect(here.asked.filter(({ at }) => at > answered + 500)).toEqual([]);
    expect(new Set(here.asked.map(({ path }) => path)).size).toBe(here.asked.length);
    expect(first.summary.streams.map(({ outcome }) => outcome)).toEqual(Array(3).fill('unauthorized'));
    expect(ringing(first.summary)).toEqual(['Pagekeeper mobaro unauthorized']);

    here.asked = [];
    await here.run(streams, 'wrong');
    expect(here.asked).toEqual([]);

    const mended = await here.run(streams, 'right');
    expect(mended.status).toBe(0);
    expect(mended.summary.streams.map(({ outcome }) => outcome)).toEqual(Array(3).fill('complete'));
    expect(ringing(mended.summary)).toEqual([]);
    expect(JSON.stringify([first.summary, mended.summary])).not.toMatch(/wrong|"right"/);
  });
});
