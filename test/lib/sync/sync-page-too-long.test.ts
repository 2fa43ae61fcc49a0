import { describe, expect, it } from 'vitest';

import type { VendorAnswer } from '../../../lib/sync/ports.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const cap = 32 * 1024 * 1024;
const tooLong: VendorAnswer = {
  ...{ kind: 'answered', status: 200, headers: {}, body: '', receivedAt: 0 },
  unreadable: { kind: 'too long', bytes: cap + 1, cap },
};
const told = 'longer than maxPageMb (32 MB): 33,554,433 bytes or more';

const limitOf = (url: string): number => Number(new URL(url).searchParams.get('Limit'));
const limits = (world: SyncWorld): number[] =>
  world.vendor.requests.map(({ request }) => limitOf(request.url));

/** Pages of more rows than `most` are too long from row `from` on. */
function heavy(most: number, from = 0): FakeHandler {
  return (request) => {
    const offset = Number(new URL(request.url).searchParams.get('Offset'));
    return offset >= from && limitOf(request.url) > most ? tooLong : mobaroWith(45, 100)(request);
  };
}

describe('a page that is longer than a function can take', () => {
  it('is asked for again with half of its rows, and the run goes on with as many', async () => {
    const world = new SyncWorld({ vendor: heavy(10), settings: { pageSize: 20 } });
    const reason = `${told}; pageSize was 20; it is requested once more with 10`;
    expect(await world.tick()).toMatchObject({ outcome: 'deferred', status: 200, next: 'redrive', reason });
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({
      ...{ outcome: 'complete', stopped: null },
      progress: { records: 45, smaller: { rows: 10, at: 0 } },
    });
    expect(limits(world)).toEqual([20, 10, 10, 10, 10, 10]);
    expect(await world.storedIds()).toHaveLength(45);
  });

  it('begins the next run with the rows of the settings again', async () => {
    const world = new SyncWorld({ vendor: heavy(10), settings: { pageSize: 20 } });
    await world.tick();
    await world.drain();
    world.vendor.handle(mobaroWith(45, 100));
    const before = world.vendor.requests.length;
    await world.clock.advance(900_000);
    await world.tick();
    expect(limits(world)[before]).toBe(20);
  });

  it('is not asked for more than twice before it is probed, however many attempts there are', async () => {
    const world = new SyncWorld({ vendor: heavy(4), settings: { pageSize: 20 } });
    await world.tick();
    await world.drain(20_000);
    expect(limits(world)).toEqual([20, 10]);
    expect(await world.checkpoint()).toMatchObject({
      ...{ state: 'exhausted', outcome: 'malformed', stopped: { by: 'malformed' } },
      reason: `${told}; pageSize was 10; the next probe requests 5`,
    });
    await world.drain(40_000);
    expect(limits(world)).toEqual([20, 10, 5]);
    await world.drain(60_000);
    expect(limits(world).slice(0, 5)).toEqual([20, 10, 5, 2, 2]);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 45 } });
  });

  it('is asked for with two rows at least where one overlaps, in the midst of a list', async () => {
    const world = new SyncWorld({ vendor: heavy(2, 1), settings: { pageSize: 4 } });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 45 } });
    expect(limits(world).slice(0, 4)).toEqual([4, 4, 2, 2]);
  });

  it('is asked for once a pause where the vendor takes no number of rows', async () => {
    const world = new SyncWorld({ streams: ['bob/people'], vendor: () => tooLong });
    const report = await world.tick('bob/people');
    const remedy =
      'the vendor takes no pageSize here; a larger maxPageMb, with the memoryMb for it, lets it through';
    expect(report).toMatchObject({ outcome: 'deferred', next: 'redrive', reason: `${told}; ${remedy}` });
    await world.drain(20_000);
    expect(world.vendor.requests).toHaveLength(1);
    expect(await world.checkpoint('bob/people')).toMatchObject({ state: 'exhausted', outcome: 'malformed' });
    world.vendor.handle(() => ({ body: { employees: [{ id: '1' }] } }));
    await world.drain();
    expect(await world.checkpoint('bob/people')).toMatchObject({ outcome: 'complete', stopped: null });
  });
});
