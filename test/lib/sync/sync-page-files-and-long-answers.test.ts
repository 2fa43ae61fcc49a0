import { describe, expect, it } from 'vitest';

import { resumeStream } from '../../../lib/operations/resume.ts';
import { tombstonesOf } from '../../support/changing-list.ts';
import { madeUpWorld, nextRun, numbers, people } from '../../support/made-up-vendor.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

describe('a file that the vendor has to write first', () => {
  const stream = 'made-up/report';
  const started = {
    status: 202,
    headers: { location: 'https://files.elsewhere.example/v1/download/report%201' },
  };
  const written = { status: 200, body: { rows: [{ id: 'a' }, { id: 'b' }] } };

  it('is asked for until it is there, at the vendor alone, and stored', async () => {
    let polls = 0;
    const world = madeUpWorld(['report'], ({ url }) => {
      if (url.endsWith('/report')) return started;
      return (polls += 1) < 3 ? { status: 204 } : written;
    });
    const requests = await nextRun(world, 'report');
    expect(requests.map(({ asked }) => asked)).toEqual([
      'GET /report',
      'GET /files/report 1',
      'GET /files/report 1',
      'GET /files/report 1',
    ]);
    expect(world.vendor.requests[1]?.request.url).toBe('https://vendor.example/files/report%201');
    const waits = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(20_000);
    expect(await world.storedIds(stream)).toEqual(['a', 'b']);
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', attempt: 0 });
  });

  it('may come at once', async () => {
    const world = madeUpWorld(['report'], () => written);
    expect(await nextRun(world, 'report')).toHaveLength(1);
    expect(await world.storedIds(stream)).toEqual(['a', 'b']);
  });

  it('is asked for anew where it has gone, or has not been written within an hour; then the run is given up', async () => {
    const world = madeUpWorld(['report'], ({ url }) => (url.endsWith('/report') ? started : { status: 404 }));
    await nextRun(world, 'report');
    expect(await world.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'drifted' });
    world.vendor.handle(({ url }) => (url.endsWith('/report') ? started : { status: 204 }));
    const requests = await nextRun(world, 'report');
    expect(requests.filter(({ asked }) => asked === 'GET /report').length).toBe(2);
    expect(await world.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'drifted' });
  });
});

describe('a file that is refused', () => {
  const stream = 'made-up/report';
  const rows = numbers(4).map((id) => ({ id }));
  const worldWith = (status: number): SyncWorld => {
    let files = 0;
    return madeUpWorld(['report'], ({ url }) => {
      if (url.endsWith('/report')) {
        return { status: 202, headers: { location: `https://files.example/f${(files += 1)}` } };
      }
      return url.endsWith('/f1') ? { status } : { status: 200, body: { rows } };
    });
  };

  it.each([404, 410, 400])('with %i is asked for anew', async (status) => {
    const world = worldWith(status);
    await nextRun(world, 'report');
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', progress: { setbacks: 1 } });
    expect(await world.storedIds(stream)).toEqual(numbers(4));
  });

  it('with 403 halts the stream, and another one is asked for once that is fixed', async () => {
    const world = worldWith(403);
    await nextRun(world, 'report');
    expect(await world.checkpoint(stream)).toMatchObject({ state: 'halted', outcome: 'forbidden' });
    await resumeStream(stream, world.deps);
    await nextRun(world, 'report');
    expect(await world.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'complete' });
  });

  it('is no list of the key that fetches it where another one had begun it', async () => {
    let seen = numbers(20);
    let ready = true;
    const files = new Map<string, readonly string[]>();
    const world = madeUpWorld(['report'], ({ url }) => {
      if (url.endsWith('/report')) {
        const name = `f${files.size}`;
        files.set(name, seen);
        return { status: 202, headers: { location: `https://files.example/${name}` } };
      }
      if (!ready) return { status: 204 };
      const ids = files.get(url.split('/').at(-1) ?? '') ?? [];
      return { status: 200, body: { rows: ids.map((id) => ({ id })) } };
    });
    await nextRun(world, 'report');
    await nextRun(world, 'report');
    ready = false;
    await world.clock.advance(15 * 60_000);
    await world.tick(stream);
    world.secrets.change({ apiKey: 'new', maskKey: 'key' });
    seen = numbers(18);
    await world.clock.advance(6 * 60_000);
    ready = true;
    await world.drain();
    expect((await world.checkpoint(stream)).trustedFingerprint).toBeNull();
    // The first list that the new key was asked for: it may just not see the other two.
    await nextRun(world, 'report');
    expect(await tombstonesOf(world, stream)).toEqual([]);
    await nextRun(world, 'report');
    expect(await tombstonesOf(world, stream)).toEqual(['p018', 'p019']);
  });
});

describe('an answer that takes longer to store than a function has', () => {
  const stream = 'made-up/people';
  const slow = (ids: () => readonly string[]): SyncWorld => {
    const world = madeUpWorld(['people'], people(ids), { batchOver: 1_000_000 });
    const upsert = world.records.upsert.bind(world.records);
    world.records.upsert = async (...rows) => {
      // Half of what the function has.
      await world.clock.advance(8000);
      return upsert(...rows);
    };
    return world;
  };

  it('is stored in the order of its ids, and goes on after the last', async () => {
    const ids = numbers(2600);
    const world = slow(() => ids.toReversed());
    const requests = await nextRun(world, 'people');
    expect(requests.length).toBeGreaterThan(1);
    expect(await world.storedIds(stream)).toEqual(ids.toSorted());
    expect((await world.checkpoint(stream)).progress).toMatchObject({ written: 2600, unchanged: 0 });
    await nextRun(world, 'people');
    expect((await world.checkpoint(stream)).progress).toMatchObject({
      written: 0,
      unchanged: 2600,
      deleted: 0,
    });
  });

  it('deletes what has gone, and not what came in front of it meanwhile', async () => {
    let ids = numbers(2600);
    const world = slow(() => ids);
    await nextRun(world, 'people');
    await world.clock.advance(15 * 60_000);
    await world.tick(stream);
    expect(await world.checkpoint(stream)).toMatchObject({ position: { kind: 'answer' } });
    ids = ['a-new-one', ...ids.slice(0, -1)];
    await world.drain();
    expect(await tombstonesOf(world, stream)).toEqual(['p2599']);
    await nextRun(world, 'people');
    expect(await world.storedIds(stream)).toContain('a-new-one');
  });
});
