import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Summary } from '../../infra/local/start-summary.ts';
import { startHttpServer, type TestHttpServer } from '../support/http-server.ts';
import { launch, start, temporaryData } from '../support/start-command.ts';

/** `npm start` as a user runs it, against a Mobaro of the test's own whose rows come and go. */

let server: TestHttpServer;
let data: Awaited<ReturnType<typeof temporaryData>>;
/** By path: the ids that the vendor has, in its order. */
let rows: Map<string, string[]>;
let asked: string[];
/** Called after each answer about users. */
let meanwhile: (offset: number) => void;

const ids = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}/${String(index + 1).padStart(4, '0')}-A`);

beforeEach(async () => {
  data = await temporaryData();
  asked = [];
  rows = new Map();
  meanwhile = () => undefined;
  server = await startHttpServer((request, response) => {
    const url = new URL(request.url, server.origin);
    const stream = url.pathname.replace('/api/customers/', '');
    asked.push(stream);
    const [offset, limit] = [Number(url.searchParams.get('Offset')), Number(url.searchParams.get('Limit'))];
    const all = rows.get(stream) ?? [];
    const items = all.slice(offset, offset + Math.min(20, limit)).map((id) => ({ id }));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items, total: all.length, offset, limit }));
    if (stream === 'users') meanwhile(offset);
  });
});

afterEach(async () => {
  await server.stop();
  await data.remove();
});

async function run(
  ...streams: readonly string[]
): Promise<{ readonly status: number | null; readonly summary: Summary }> {
  asked = [];
  const base = `mobaro=${server.origin}/api/customers`;
  const selected = streams.flatMap((stream) => ['--stream', stream]);
  return start(['--data', data.path, '--base-url', base, ...selected], { MOBARO_API_KEY: 'made-up-key' });
}

function of({ streams }: Summary, name: string): Summary['streams'][number] {
  const found = streams.find(({ stream }) => stream === name);
  if (found === undefined) throw new Error(`No ${name} in ${JSON.stringify(streams)}`);
  return found;
}

const requestsTo = (name: string): number => asked.filter((stream) => stream === name).length;

const ringing = ({ alarms }: Summary): string[] =>
  alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);

async function pagekeeper(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await launch('infra/cli.ts', [...args, '--data', data.path]).finished;
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

interface Stored {
  readonly id: string;
  readonly deletedAt?: string;
}

async function stored(stream: string): Promise<Stored[]> {
  const lines = (await pagekeeper('records', stream)).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Stored);
}

const tombstones = (records: readonly Stored[]): string[] =>
  records.flatMap(({ id, deletedAt }) => (deletedAt === undefined ? [] : [id]));

describe('npm start, and what is deleted at the vendor', { timeout: 240_000 }, () => {
  it('stores every row that was there throughout, whatever comes and goes while it pages', async () => {
    const before = ids('users', 100);
    const gone = new Set<string>();
    rows.set('users', [...before]);
    let answers = 0;
    meanwhile = () => {
      const users = rows.get('users') ?? [];
      answers += 1;
      // Rows that have been walked go, which moves all the others towards the beginning …
      if (answers === 2 || answers === 4) for (const id of users.splice(5, 3)) gone.add(id);
      // … and others come before them, and behind.
      if (answers === 3) users.unshift('users/new-1', 'users/new-2');
      if (answers === 5) users.push('users/new-3');
    };
    const { status, summary } = await run('mobaro/users');

    expect(status).toBe(0);
    expect(of(summary, 'mobaro/users')).toMatchObject({ outcome: 'complete', deleted: 0 });
    expect(gone.size).toBe(6);
    const found = new Set((await stored('mobaro/users')).map(({ id }) => id));
    expect(before.filter((id) => !gone.has(id) && !found.has(id))).toEqual([]);
  });

  it('makes tombstones of the rows that have gone, and asks a person about a mass of them', async () => {
    const users = ids('users', 200);
    rows = new Map([
      ['users', users],
      ['timesheets', ids('timesheets', 1000)],
      ['webhooks', ids('webhooks', 5)],
    ]);
    const all = ['mobaro/users', 'mobaro/timesheets', 'mobaro/webhooks'];
    const first = await run(...all);
    expect(first.status).toBe(0);
    expect(first.summary.streams.map(({ deleted }) => deleted)).toEqual([0, 0, 0]);

    // Nothing has gone. What it costs to make sure of that: no request more than the pages.
    const second = await run(...all);
    expect(of(second.summary, 'mobaro/users')).toMatchObject({
      outcome: 'complete',
      pages: 11,
      requests: 11,
      written: 0,
      unchanged: 200,
      deleted: 0,
    });
    expect(requestsTo('users')).toBe(11);
    expect(requestsTo('timesheets')).toBeLessThanOrEqual(1.06 * (1000 / 20));
    expect(of(second.summary, 'mobaro/timesheets')).toMatchObject({ unchanged: 1000, deleted: 0 });
    expect(requestsTo('webhooks')).toBe(1);

    rows.set('users', users.slice(3));
    const third = await run('mobaro/users', 'mobaro/webhooks');
    expect(third.status).toBe(0);
    expect(of(third.summary, 'mobaro/users')).toMatchObject({
      outcome: 'complete',
      written: 0,
      unchanged: 197,
      deleted: 3,
    });
    expect(of(third.summary, 'mobaro/webhooks')).toMatchObject({ requests: 1, deleted: 0 });
    // One request more confirms that nothing lies beyond the total.
    expect(requestsTo('users')).toBe(12);
    const after = await stored('mobaro/users');
    expect(after).toHaveLength(200);
    expect(tombstones(after)).toEqual(users.slice(0, 3));

    rows.set('users', users.slice(153));
    const fourth = await run('mobaro/users');
    expect(fourth.status).toBe(1);
    expect(of(fourth.summary, 'mobaro/users')).toMatchObject({
      outcome: 'suspicious',
      deleted: 0,
      reason: 'the vendor does not give 150 of 197 records any more',
    });
    expect(ringing(fourth.summary)).toEqual(['Pagekeeper mobaro/users held']);
    expect(fourth.summary.notifications.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('mobaro/users held'),
    ]);
    expect(tombstones(await stored('mobaro/users'))).toHaveLength(3);
    expect(await pagekeeper('status')).toContain('150 of 197 records would be deleted');

    expect(await pagekeeper('allow-deletions', 'mobaro/users')).toBe(
      'Up to 150 of 197 records of mobaro/users may be deleted by its next run.\n',
    );
    const fifth = await run('mobaro/users');
    expect(fifth.status).toBe(0);
    expect(of(fifth.summary, 'mobaro/users')).toMatchObject({
      outcome: 'complete',
      unchanged: 47,
      deleted: 150,
    });
    expect(ringing(fifth.summary)).toEqual([]);
    expect(tombstones(await stored('mobaro/users'))).toEqual(users.slice(0, 153));
  });
});
