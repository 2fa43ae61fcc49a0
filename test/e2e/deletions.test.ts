import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startHttpServer, type TestHttpServer } from '../support/http-server.ts';
import { of, ringing, toldPeople } from '../support/laptop.ts';
import { launch, start, temporaryData } from '../support/start-command.ts';

/**
 * `npm start` as a user runs it, against a Mobaro of the test's own whose rows come and go. A start takes its time, so each
 * test goes on where the one before has ended.
 */

let server: TestHttpServer;
let data: Awaited<ReturnType<typeof temporaryData>>;
/** By path: the ids that the vendor has, in its order. */
const rows = new Map<string, string[]>();
/** By path: more rows than 20 on a page. */
const bulk = new Map<string, number>();
let asked: string[] = [];
/** Called after each answer. */
let meanwhile: (stream: string) => void = () => undefined;

const ids = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}/${String(index + 1).padStart(4, '0')}-A`);

beforeAll(async () => {
  data = await temporaryData();
  server = await startHttpServer((request, response) => {
    const url = new URL(request.url, server.origin);
    const stream = url.pathname.replace('/api/customers/', '');
    asked.push(stream);
    const [offset, limit] = [Number(url.searchParams.get('Offset')), Number(url.searchParams.get('Limit'))];
    const all = rows.get(stream) ?? [];
    const size = Math.min(bulk.get(stream) ?? 20, limit);
    const items = all.slice(offset, offset + size).map((id) => ({ id }));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items, total: all.length, offset, limit }));
    meanwhile(stream);
  });
});

afterAll(async () => {
  await server.stop();
  await data.remove();
});

type Ended = Awaited<ReturnType<typeof start>>;

async function run(...streams: readonly string[]): Promise<Ended> {
  asked = [];
  const base = `mobaro=${server.origin}/api/customers`;
  const selected = streams.flatMap((stream) => ['--stream', stream]);
  return start(['--data', data.path, '--base-url', base, ...selected], { MOBARO_API_KEY: 'made-up-key' });
}

const requestsTo = (name: string): number => asked.filter((stream) => stream === name).length;

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

describe('npm start, and what is deleted at the vendor', () => {
  const users = ids('users', 120);
  const timesheets = ids('timesheets', 60);
  const streams = ['mobaro/users', 'mobaro/timesheets', 'mobaro/locations'];

  it('stores every row that was there throughout, whatever comes and goes while it pages', async () => {
    rows.set('users', users);
    rows.set('timesheets', timesheets);
    const before = ids('locations', 100);
    const moving = [...before];
    rows.set('locations', moving);
    const gone = new Set<string>();
    let answers = 0;
    meanwhile = (stream) => {
      if (stream !== 'locations') return;
      answers += 1;
      // Rows that have been walked go, which moves all the others towards the beginning …
      if (answers === 2 || answers === 4) for (const id of moving.splice(5, 3)) gone.add(id);
      // … and others come before them, and behind.
      if (answers === 3) moving.unshift('locations/new-1', 'locations/new-2');
      if (answers === 5) moving.push('locations/new-3');
    };
    const { status, summary } = await run(...streams);
    meanwhile = () => undefined;

    expect(status).toBe(0);
    expect(gone.size).toBe(6);
    const found = new Set((await stored('mobaro/locations')).map(({ id }) => id));
    expect(before.filter((id) => !gone.has(id) && !found.has(id))).toEqual([]);
    // The first run of all has nothing to compare with.
    expect(summary.streams.map(({ deleted }) => deleted)).toEqual([0, 0, 0]);
  });

  it('makes tombstones of what has gone, and of a mass that has gone none: it wakes on-call', async () => {
    rows.set('users', users.slice(3));
    rows.set('timesheets', timesheets.slice(45));
    bulk.set('locations', 128);
    const { status, summary } = await run(...streams);

    expect(status).toBe(1);
    expect(of(summary, 'mobaro/users')).toMatchObject({ written: 0, unchanged: 117, deleted: 3 });
    const records = await stored('mobaro/users');
    expect(records).toHaveLength(120);
    expect(tombstones(records)).toEqual(users.slice(0, 3));
    // 20 rows and then 19 new ones a page: that is 7, and one confirms that nothing lies beyond the total.
    expect(requestsTo('users')).toBe(7 + 1);

    // Of these some went while they were walked, after they had been stored.
    const locations = await stored('mobaro/locations');
    const left = locations.filter(({ deletedAt }) => deletedAt === undefined).map(({ id }) => id);
    expect(left.sort()).toEqual([...(rows.get('locations') ?? [])].sort());
    expect(of(summary, 'mobaro/locations')).toMatchObject({ deleted: tombstones(locations).length });

    expect(of(summary, 'mobaro/timesheets')).toMatchObject({
      outcome: 'suspicious',
      unchanged: 15,
      deleted: 0,
      reason: 'the vendor does not give 45 of 60 records any more',
    });
    expect(ringing(summary)).toEqual(['Pagekeeper mobaro attention']);
    expect(toldPeople(summary)).toEqual(['TICKET Pagekeeper: mobaro waits for a person: timesheets']);
    expect(tombstones(await stored('mobaro/timesheets'))).toEqual([]);
    expect(await pagekeeper('status')).toContain('45 of 60 records would be deleted');
  });

  it('deletes them once a person has allowed it, and asks hardly more for lists of which nothing has gone', async () => {
    expect(await pagekeeper('allow-deletions', 'mobaro/timesheets', '--yes')).toMatch(
      /^Up to 45 of 60 records of mobaro\/timesheets may be deleted by its next run, until \d{4}-[\d-]+T[\d:.]+Z\.\n$/,
    );
    const { status, summary } = await run(...streams);

    expect(status).toBe(0);
    expect(of(summary, 'mobaro/timesheets')).toMatchObject({ unchanged: 15, deleted: 45 });
    expect(ringing(summary)).toEqual([]);
    expect(tombstones(await stored('mobaro/timesheets'))).toEqual(timesheets.slice(0, 45));

    expect(of(summary, 'mobaro/users')).toMatchObject({ written: 0, unchanged: 117, deleted: 0 });
    expect(requestsTo('users')).toBeLessThanOrEqual(Math.ceil(117 / 20) + 1);
    // All of these are on one page: it is asked for once.
    expect(of(summary, 'mobaro/locations')).toMatchObject({ outcome: 'complete', written: 0, deleted: 0 });
    expect(of(summary, 'mobaro/locations').unchanged).toBe(rows.get('locations')?.length);
    expect(requestsTo('locations')).toBe(1);
  });
});
