import { describe, expect, it } from 'vitest';

import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('what a person must fix', () => {
  it.each([
    [403, 'forbidden', 'halted'],
    [404, 'missing', 'missing'],
    [400, 'rejected', 'halted'],
    [405, 'rejected', 'halted'],
    [409, 'rejected', 'halted'],
    [410, 'rejected', 'halted'],
    [422, 'rejected', 'halted'],
    [302, 'rejected', 'halted'],
  ])('%i halts the stream as %s, and no tick calls again', async (status, outcome, trouble) => {
    const world = new SyncWorld({ streams: ['mobaro/users', 'mobaro/locations'] });
    world.vendor.handle(() => ({ status, body: { key: 'k', error: 'not here' } }));
    expect(await world.tick()).toMatchObject({ outcome, streamOutcome: outcome, next: 'none', status });
    expect(await world.checkpoint()).toMatchObject({
      state: 'halted',
      lastStatus: status,
      reason: `HTTP ${status}: not here`,
    });
    expect(world.troubles()).toEqual([trouble]);
    await world.clock.advance(hour);
    expect(await world.tick()).toMatchObject({ outcome, requests: 0, next: 'none' });
    expect(await world.watch()).toEqual([]);
    expect(world.vendor.requests).toHaveLength(1);
    world.vendor.handle(mobaroWith(5));
    expect(await world.tick('mobaro/locations')).toMatchObject({ outcome: 'fetched' });
  });

  it('is taken up at its position when the definition has changed', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    world.vendor.handle(() => ({ status: 409 }));
    await world.drain();
    const halted = await world.checkpoint();
    await world.checkpoints.replace({ ...halted, halt: { ...halted.halt!, definition: 'an older one' } });
    world.vendor.handle(mobaroWith(45));
    await world.clock.advance(15 * minute);
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', sequence: 1 });
    expect(world.vendor.requests.at(-1)?.request.url).toContain('Offset=19');
  });

  it('may be a row without an id: named by path and index, stored not at all, the position kept', async () => {
    const world = new SyncWorld({
      vendor: () => ({ body: { items: [{ id: 'a' }, { name: 'Ann' }], total: 2 } }),
    });
    expect(await world.tick()).toMatchObject({
      outcome: 'rejected',
      status: 200,
      reason: 'items[1] has no id (looked for id)',
    });
    expect(await world.storedIds()).toEqual([]);
    expect(await world.checkpoint()).toMatchObject({ state: 'halted', position: null, sequence: 0 });
  });

  it('may be a row that is too large to be kept', async () => {
    const noise = Array.from({ length: 900_000 }, (_, index) =>
      String.fromCharCode(33 + ((index * index * 7919) % 90)),
    );
    const large = { id: 'b', text: shuffled(noise).join('') };
    const world = new SyncWorld({ vendor: () => ({ body: { items: [{ id: 'a' }, large], total: 2 } }) });
    const report = await world.tick();
    expect(report.outcome).toBe('rejected');
    expect(report.reason).toMatch(/^items: row 1 /);
    expect(await world.storedIds()).toEqual([]);
  });
});

/** In a fixed disorder, so that it cannot be compressed much. */
function shuffled(items: string[]): string[] {
  let state = 1;
  for (let index = items.length - 1; index > 0; index -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (index + 1);
    [items[index], items[other]] = [items[other]!, items[index]!];
  }
  return items;
}
