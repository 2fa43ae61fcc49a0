import { beforeEach, describe, expect, it } from 'vitest';

import { tellAlarm } from '../../../lib/on-call/tell-alarm.ts';
import { tellIncidents } from '../../../lib/on-call/tell-incidents.ts';
import { tellUntold, type UntoldDependencies } from '../../../lib/on-call/tell-untold.ts';
import { OnCallWorld } from '../../support/on-call-world.ts';

const minute = 60_000;

let world: OnCallWorld;

beforeEach(() => {
  world = new OnCallWorld();
});

const refuses = (): Promise<never> => Promise.reject(new Error('refused'));

/** The rounds of the watchdog in so many minutes, the first of them at once. */
async function watched(minutes: number, more: Partial<UntoldDependencies> = {}): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 5) {
    await tellUntold(world.connection, { ...world.deps, ...more }, world.signal);
    await world.clock.advance(5 * minute);
  }
}

async function told(): Promise<void> {
  const telling = tellIncidents(world.connection, world.deps, world.signal);
  await world.pass(90);
  await telling;
}

describe('what nobody has told', () => {
  it('is told by the watchdog after ten minutes, once, and its end', async () => {
    await world.stop('mobaro/users');
    await watched(10);
    expect(world.sent).toEqual([]);
    await watched(30);
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro not found (404): users']);
    expect(world.sent[0]?.text).toMatchInlineSnapshot(`
      "Mobaro (mobaro): not found (404).

      Streams: users
      Since: 2026-03-01 12:00 UTC
      The function that tells of it has not done so for 10 minutes: its log says why.
      To fix it:
        npx pagekeeper fix mobaro --stack Pagekeeper"
    `);
    await world.recover('mobaro/users');
    await watched(30);
    expect(world.subjects.slice(1)).toEqual(['OVER Pagekeeper: mobaro not found (404): users']);
    expect(new Set(world.sent.map(({ thread }) => thread)).size).toBe(1);
  });

  it('is told in the second round behind the one that saw it, where nothing says since when and the rounds drift', async () => {
    await world.store('mobaro/users', { cutShortRuns: 2 });
    for (const drift of [0, -7, -4]) {
      await world.clock.advance(5 * minute + drift);
      await tellUntold(world.connection, world.deps, world.signal);
    }
    expect(world.subjects).toEqual(['TICKET Pagekeeper: mobaro waits for a person: users']);
  });

  it('is left to the other function once it has been noticed: the table hands it what was', async () => {
    await world.store('mobaro/users', { freshFrom: world.clock.now() - 7 * 24 * 60 * minute });
    await watched(5);
    expect((await world.incidents.read('mobaro')).noticed).toBe(true);
    await told();
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro late: users']);
    expect((await world.incidents.read('mobaro')).noticed).toBe(false);
    await watched(30);
    expect(world.sent).toHaveLength(1);
  });

  it('is not told by it where the other function has', async () => {
    await world.stop('mobaro/users');
    await told();
    await watched(30);
    await world.recover('mobaro/users');
    await told();
    await watched(30);
    expect(world.sent).toHaveLength(2);
  });

  it('is not told a second time by a function that comes later', async () => {
    await world.stop('mobaro/users');
    await watched(15);
    const change = world.alarm('mobaro missing');
    await tellAlarm(change, world.deps, world.signal);
    await told();
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro not found (404): users']);
    // The pager learns what it is about all the same.
    expect(world.repeated).toMatchObject([{ change }]);
  });

  it('is told while another function throws each time it is invoked', async () => {
    await world.stop('mobaro/users');
    const throwing = { ...world.deps, people: { send: refuses } };
    for (let tries = 0; tries < 3; tries += 1) {
      const telling = tellIncidents(world.connection, throwing, world.signal);
      telling.catch(() => undefined);
      await world.pass(90);
      await expect(telling).rejects.toThrow('refused');
    }
    await watched(15);
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro not found (404): users']);
  });

  it('is told of a stream that has joined, and of what has become a page', async () => {
    await world.stop('mobaro/users', 'exhausted');
    await told();
    await watched(40);
    await world.stop('mobaro/locations', 'exhausted');
    await watched(15);
    expect(world.sent.map(({ severity, subject }) => `${severity}: ${subject}`)).toEqual([
      'ticket: TICKET Pagekeeper: mobaro pages fail: users',
      'page: PAGE Pagekeeper: mobaro pages fail: users',
      'page: MORE Pagekeeper: mobaro pages fail: all streams',
    ]);
  });

  it('is told though it cannot be written down', async () => {
    await world.stop('mobaro/users');
    const { incidents } = world;
    const more = { incidents: { read: (name: string) => incidents.read(name), replace: refuses } };
    await watched(15, more);
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro not found (404): users']);
  });

  it('is told in a round or two where it cannot be read what was told, and not for hours', async () => {
    await world.stop('mobaro/users');
    await watched(60, { incidents: { read: refuses, replace: refuses } });
    expect(new Set(world.subjects)).toEqual(new Set(['PAGE Pagekeeper: mobaro not found (404): users']));
    expect(world.sent.length).toBeLessThanOrEqual(2);
  });

  it('is told in the next round where the topic refuses, and what it has taken is not told again', async () => {
    await world.stop('mobaro/users');
    await world.stop('mobaro/locations', 'exhausted');
    await watched(10);
    const { people } = world.deps;
    const refusing: UntoldDependencies['people'] = {
      send: (message) => (message.severity === 'page' ? refuses() : people.send(message)),
    };
    await expect(watched(5, { people: refusing })).rejects.toThrow('Not everything of mobaro could be told');
    await watched(10);
    expect(world.subjects).toEqual([
      'TICKET Pagekeeper: mobaro pages fail: locations',
      'PAGE Pagekeeper: mobaro not found (404): users',
    ]);
  });

  it('is left to others for a round where it is noticed late, as by a new version', async () => {
    await world.stop('mobaro/users');
    await world.clock.advance(60 * minute);
    await watched(5);
    expect(world.sent).toEqual([]);
    await watched(5);
    expect(world.sent).toHaveLength(1);
  });

  it('is left to one who is sending', async () => {
    await world.stop('mobaro/users');
    await watched(10);
    const incidents = await world.incidents.read('mobaro');
    await world.incidents.replace({ ...incidents, sendingUntil: world.clock.now() + 30_000 });
    await tellUntold(world.connection, world.deps, world.signal);
    expect(world.sent).toEqual([]);
    await watched(10);
    expect(world.sent).toHaveLength(1);
  });

  it('is left to one who was faster', async () => {
    await world.stop('mobaro/users');
    await watched(10);
    const replace = (): Promise<undefined> => Promise.resolve(undefined);
    const { incidents } = world;
    await watched(5, { incidents: { read: (name) => incidents.read(name), replace } });
    expect(world.sent).toEqual([]);
  });

  it('waits for the end of a mute if it is a page, and is told then', async () => {
    const now = world.clock.now();
    const mute = { connection: 'mobaro', revision: 0, since: now, until: now + 28 * minute };
    await world.mutes.replace({ ...mute, why: 'known', by: 'ada' });
    await world.stop('mobaro/users');
    await world.stop('mobaro/locations', 'looping');
    await watched(30);
    expect(world.subjects).toEqual(['TICKET Pagekeeper: mobaro waits for a person: locations']);
    await watched(10);
    expect(world.subjects.slice(1)).toEqual(['PAGE Pagekeeper: mobaro not found (404): users']);
  });

  it('is written down once, and not with each round', async () => {
    await world.stop('mobaro/users');
    await watched(5);
    const { revision } = await world.incidents.read('mobaro');
    await watched(5);
    expect(await world.incidents.read('mobaro')).toMatchObject({ revision });
  });
});
