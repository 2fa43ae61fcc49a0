import { describe, expect, it } from 'vitest';

import { allowDeletions } from '../../../lib/operations/allow-deletions.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { allowanceLastsMs } from '../../../lib/sync/deletions.ts';
import { allowedCheckpoint } from '../../../lib/sync/transitions/person.ts';
import { FakeCheckpoints } from '../../support/fakes/fake-checkpoints.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const users = 'mobaro/users';
const now = Date.parse('2026-03-01T12:00:00Z');
const clock = { now: () => now };
const held = { rows: 1500, of: 1970, since: 1 };

async function stored(more: Partial<Checkpoint>): Promise<FakeCheckpoints> {
  const checkpoints = new FakeCheckpoints();
  await checkpoints.replace({ ...newCheckpoint(users), ...more });
  return checkpoints;
}

describe('allowDeletions', () => {
  it('allows as many as are held back, changes nothing else, and says so only once', async () => {
    const checkpoints = await stored({ heldDeletions: held, outcome: 'suspicious', lastTick: 7 });
    const before = await checkpoints.read(users);

    expect(await allowDeletions(users, { checkpoints, clock })).toEqual({
      stream: users,
      changed: true,
      sentence:
        'Up to 1,500 of 1,970 records of mobaro/users may be deleted by its next run, until 2026-03-08T12:00:00.000Z.',
    });
    expect(await checkpoints.read(users)).toEqual({
      ...before,
      allowed: 1500,
      allowedUntil: now + allowanceLastsMs,
      revision: 2,
    });
    expect(await allowDeletions(users, { checkpoints, clock })).toEqual({
      stream: users,
      changed: false,
      sentence:
        'It has been allowed already: up to 1,500 of 1,970 records of mobaro/users may be deleted by its next run, until 2026-03-08T12:00:00.000Z.',
    });
    expect(await checkpoints.read(users)).toMatchObject({ revision: 2 });
  });

  it('says that the run under way may take notice of it', async () => {
    const checkpoints = await stored({ heldDeletions: held, state: 'running', run: 'run-2' });

    expect((await allowDeletions(users, { checkpoints, clock })).sentence).toBe(
      'Up to 1,500 of 1,970 records of mobaro/users may be deleted by the run that is under way, or by its next one, until 2026-03-08T12:00:00.000Z.',
    );
  });

  it.each([
    ['is held back', {}],
    ['has ever run', null],
  ])('changes nothing where nothing %s', async (_, more) => {
    const checkpoints = more === null ? new FakeCheckpoints() : await stored(more);
    const before = await checkpoints.read(users);

    expect(await allowDeletions(users, { checkpoints, clock })).toEqual({
      stream: users,
      changed: false,
      sentence: 'No deletions of mobaro/users are held back; there is nothing to allow.',
    });
    expect(await checkpoints.read(users)).toEqual(before);
  });

  it('tries again when somebody else writes in between', async () => {
    const checkpoints = await stored({ heldDeletions: held, sequence: 2 });
    let meddle = true;
    const meddled = Object.assign(Object.create(checkpoints) as FakeCheckpoints, {
      read: (stream: string) => checkpoints.read(stream),
      replace: async (next: Checkpoint) => {
        if (meddle) {
          meddle = false;
          await checkpoints.replace({ ...next, allowed: null, sequence: 3 });
        }
        return checkpoints.replace(next);
      },
    });

    expect(await allowDeletions(users, { checkpoints: meddled, clock })).toMatchObject({ changed: true });
    expect(await checkpoints.read(users)).toMatchObject({ sequence: 3, allowed: 1500 });
  });
});

describe('allowedCheckpoint', () => {
  it('raises what was allowed for fewer, and leaves alone what was allowed for more', () => {
    const checkpoint = { ...newCheckpoint(users), heldDeletions: held };

    expect(allowedCheckpoint({ ...checkpoint, allowed: 150 }, now)).toMatchObject({ allowed: 1500 });
    expect(allowedCheckpoint({ ...checkpoint, allowed: 1501 }, now)).toBeNull();
  });

  it('allows anew what was allowed longer than a week ago', () => {
    const checkpoint = { ...newCheckpoint(users), heldDeletions: held, allowed: 1500 };

    expect(allowedCheckpoint({ ...checkpoint, allowedUntil: now }, now)).toBeNull();
    expect(allowedCheckpoint({ ...checkpoint, allowedUntil: now - 1 }, now)).toMatchObject({
      allowed: 1500,
      allowedUntil: now + allowanceLastsMs,
    });
  });
});

describe('a mass deletion that was held back', () => {
  async function heldBack(): Promise<SyncWorld> {
    const world = new SyncWorld({ vendor: mobaroWith(100) });
    await run(world);
    world.vendor.handle(mobaroWith(60));
    await run(world);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'suspicious',
      heldDeletions: { rows: 40, of: 100 },
    });
    return world;
  }

  async function run(world: SyncWorld): Promise<void> {
    await world.clock.advance(3_600_000);
    await world.tick();
    await world.drain();
  }

  it('happens in the next run once it is allowed, and only then', async () => {
    const world = await heldBack();
    await run(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'suspicious' });

    await allowDeletions(users, world);
    await run(world);

    expect(await world.checkpoint()).toMatchObject({
      ...{ outcome: 'complete', heldDeletions: null, allowed: null },
      progress: { deleted: 40 },
    });
  });

  it('is held back again where it has grown meanwhile', async () => {
    const world = await heldBack();
    await allowDeletions(users, world);
    world.vendor.handle(mobaroWith(59));
    await run(world);

    expect(await world.checkpoint()).toMatchObject({
      ...{ outcome: 'suspicious', heldDeletions: { rows: 41, of: 100 }, allowed: null },
      progress: { deleted: 0 },
    });
  });

  it('is held back again where no run has looked for more than a week', async () => {
    const world = await heldBack();
    await allowDeletions(users, world);
    await world.clock.advance(allowanceLastsMs);
    await run(world);

    expect(await world.checkpoint()).toMatchObject({
      ...{ outcome: 'suspicious', heldDeletions: { rows: 40, of: 100 }, allowed: null, allowedUntil: null },
      progress: { deleted: 0 },
    });
  });

  it('happens where a run looks within the week', async () => {
    const world = await heldBack();
    await allowDeletions(users, world);
    await world.clock.advance(allowanceLastsMs - 2 * 3_600_000);
    await run(world);

    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { deleted: 40 } });
  });
});
