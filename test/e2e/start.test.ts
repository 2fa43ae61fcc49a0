import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { laptop, of, ringing, toldPeople, type Laptop } from '../support/laptop.ts';
import { pageOf } from '../support/sync-world.ts';

/** `npm start` as a user runs it, against a Mobaro that the test makes up: the synthesized stack, whole. */

// While the first waits for the lease of what was killed, the others go on.
describe.concurrent('npm start that was killed', () => {
  let here: Laptop;
  beforeAll(async () => {
    here = await laptop();
  });
  afterAll(() => here.remove());

  it('is taken up at its stored page, and asks for nothing before it', async () => {
    here.rows = 200;
    here.answer = (_, offset) => ({ ...pageOf(here.rows, offset, 20), status: 200, afterMs: 100 });
    const { child, finished } = here.launch(['mobaro/users']);
    while (here.asked.length < 5) await sleep(20);
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
  });
});

// A start takes its time, so each goes on where the one before has ended.
const inOrder = { concurrent: false };
describe.concurrent('npm start, and a vendor that does not answer as it should', () => {
  const streams = ['mobaro/users', 'mobaro/timesheets', 'mobaro/locations'];
  let here: Laptop;
  beforeAll(async () => {
    here = await laptop();
  });
  afterAll(() => here.remove());

  it('gives up after five 503s, halts for a 404, and lets other streams end', inOrder, async () => {
    here.answer = ({ url }, offset) => {
      if (url.includes('/timesheets')) return { status: 404 };
      return url.includes('/users') && offset === 38 ? { status: 503 } : undefined;
    };
    const { status, summary } = await here.run(streams);
    expect(status).toBe(1);
    expect(of(summary, 'mobaro/users')).toMatchObject({
      outcome: 'exhausted',
      position: 39,
      attempt: 5,
      lastStatus: 503,
      pages: 2,
      requests: 7,
      redrives: 4,
    });
    expect(of(summary, 'mobaro/timesheets')).toMatchObject({
      outcome: 'missing',
      requests: 1,
      lastStatus: 404,
    });
    expect(of(summary, 'mobaro/locations')).toMatchObject({ outcome: 'complete', records: 100 });
    expect(ringing(summary).sort()).toEqual(['Pagekeeper mobaro failing', 'Pagekeeper mobaro missing']);
    expect(toldPeople(summary).sort()).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): timesheets',
      'TICKET Pagekeeper: mobaro pages fail: users',
    ]);
  });

  it(
    'goes on at the page that failed, takes up what is resumed, and deletes what has gone',
    inOrder,
    async () => {
      await here.pagekeeper('resume', 'mobaro/timesheets');
      here.asked = [];
      const withoutLastThree = (offset: number) => ({ ...pageOf(here.rows - 3, offset, 20), status: 200 });
      here.answer = ({ url }, offset) => (url.includes('/locations') ? withoutLastThree(offset) : undefined);
      const { status, summary } = await here.run(streams);
      expect(status).toBe(0);
      const offsetsOf = (path: string) =>
        here.asked.filter((one) => one.path === path).map(({ offset }) => offset);
      expect(offsetsOf('/users')).toEqual([38, 57, 76, 95]);
      expect(offsetsOf('/timesheets')[0]).toBe(0);
      expect(of(summary, 'mobaro/locations')).toMatchObject({ written: 0, unchanged: 97, deleted: 3 });
      expect(ringing(summary)).toEqual([]);
      expect(toldPeople(summary).sort()).toEqual([
        'OVER Pagekeeper: mobaro not found (404): timesheets',
        'OVER Pagekeeper: mobaro pages fail: users',
      ]);
      expect((await here.storedIds('mobaro/users')).sort()).toEqual(here.allRows());
    },
  );

  it('calls no more after a 401, and goes on with a new key', inOrder, async () => {
    here.asked = [];
    here.answer = ({ headers }) => (headers['x-api-key'] === 'right' ? undefined : { status: 401 });
    const first = await here.run(streams, 'wrong');
    expect(first.status).toBe(1);
    // The ticks come together, so others may be under way when the first answer comes; no stream asks once more.
    expect(here.asked.length).toBeGreaterThan(0);
    expect(new Set(here.asked.map(({ path }) => path)).size).toBe(here.asked.length);
    expect(first.summary.streams.map(({ outcome }) => outcome)).toEqual(Array(3).fill('unauthorized'));
    expect(ringing(first.summary)).toEqual(['Pagekeeper mobaro unauthorized']);
    expect(toldPeople(first.summary)).toEqual(['PAGE Pagekeeper: mobaro key refused (401): all streams']);

    const fixed = await here.run(streams, 'right');
    expect(fixed.status).toBe(0);
    expect(fixed.summary.streams.map(({ outcome }) => outcome)).toEqual(Array(3).fill('complete'));
    expect(ringing(fixed.summary)).toEqual([]);
    expect(toldPeople(fixed.summary)).toEqual(['OVER Pagekeeper: mobaro key refused (401): all streams']);
    expect(JSON.stringify([first.summary, fixed.summary])).not.toMatch(/wrong|"right"/);
  });
});
