import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { laptop, of, ringing, type Laptop } from '../support/laptop.ts';
import { pageOf } from '../support/sync-world.ts';

/** `npm start` as a user runs it; the second start goes on where the first has ended. */
describe('npm start, where a vendor says later, and where it says no', () => {
  const streams = ['mobaro/users', 'mobaro/timesheets', 'mobaro/locations'];
  let here: Laptop;
  beforeAll(async () => {
    here = await laptop();
  });
  afterAll(() => here.remove());

  it('keeps a whole limit scope waiting for as long as a 429 says, and halts one stream for a 403', async () => {
    const waitMs = 12_000;
    let limited = 0;
    here.answer = ({ url }, offset) => {
      if (url.includes('/timesheets') && offset === 38) return { status: 403 };
      if (limited === 0 && url.includes('/users') && offset === 38) {
        limited = Date.now();
        return { status: 429, headers: { 'retry-after': String(waitMs / 1000) } };
      }
      // What is under way meanwhile takes so long that the 429 has been heard when it ends.
      const afterMs = Date.now() < limited + waitMs ? 4000 : 0;
      return { ...pageOf(here.rows, offset, 20), status: 200, afterMs };
    };
    const { status, summary } = await here.run(streams);
    expect(status).toBe(1);
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
    const during = here.asked.filter(({ at }) => at > limited && at < limited + waitMs);
    const paths = during.map(({ path }) => path);
    // At most the one request of each other stream that had been allowed before.
    expect(paths).not.toContain('/users');
    expect(new Set(paths).size).toBe(paths.length);
    expect(here.asked.some(({ at }) => at >= limited + waitMs)).toBe(true);

    expect(of(summary, 'mobaro/timesheets')).toMatchObject({
      outcome: 'forbidden',
      pages: 2,
      requests: 3,
      position: 39,
      lastStatus: 403,
    });
    expect(ringing(summary)).toHaveLength(1);
  });

  it('goes on where the 403 came, once that is resumed, and says so without a colour', async () => {
    expect(await here.pagekeeper('resume', 'mobaro/timesheets')).toBe(
      'mobaro/timesheets goes on at offset 39 with the next npm start.\n',
    );
    here.answer = () => undefined;
    here.asked = [];
    const { status, stdout, stderr } = await here.launch(streams).finished;

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('✓ 3 of 3 streams complete in ');
    expect(stdout).not.toContain('\u001b');
    // A row before it: pages overlap.
    expect(here.asked.find(({ path }) => path === '/timesheets')?.offset).toBe(38);
  });

  it('calls nobody with a key that has been refused', async () => {
    here.answer = () => ({ status: 401 });
    expect((await here.run(streams, 'wrong')).status).toBe(1);
    here.asked = [];
    expect((await here.run(streams, 'wrong')).status).toBe(1);
    expect(here.asked).toEqual([]);
  });
});
