import { beforeAll, describe, expect, it } from 'vitest';

import { pauseStream } from '../../lib/operations/pause.ts';
import type { Deployment } from './deployment.ts';
import {
  answers,
  deploymentWith,
  fourStreams,
  isWell,
  lettersSince,
  minuteMs,
  quietWorld,
  resume,
  told,
  wordsOf,
} from './incident-world.ts';

const [users, locations] = fourStreams;

let deployment: Deployment;

beforeAll(() => {
  deployment = deploymentWith(fourStreams);
});

describe('a vendor that is down', () => {
  it('for two minutes pages nobody', async () => {
    const world = await quietWorld(deployment);
    const since = world.now;
    answers(world, 503);
    await world.pass(2);
    isWell(world);
    await world.pass(120);
    expect(told(world, since)).toEqual([
      'ticket TICKET Pagekeeper: mobaro pages fail: all streams',
      'ticket OVER Pagekeeper: mobaro pages fail: all streams',
    ]);
  });

  it('for an hour is one ticket, one page and one end', async () => {
    const world = await quietWorld(deployment);
    const since = world.now;
    answers(world, 503);
    await world.pass(60);
    isWell(world);
    await world.pass(120);
    expect(told(world, since)).toEqual([
      'ticket TICKET Pagekeeper: mobaro pages fail: all streams',
      'page PAGE Pagekeeper: mobaro pages fail: all streams',
      'page OVER Pagekeeper: mobaro pages fail: all streams',
    ]);
    const [ticket, page, end] = lettersSince(world, since);
    expect(page!.at - ticket!.at).toBeLessThan(16 * minuteMs);
    expect(end!.at - since).toBeLessThan(66 * minuteMs);
    expect(wordsOf(ticket)).toContain('npx pagekeeper fix mobaro --stack Pagekeeper');
    expect(wordsOf(end)).toContain('all 4 streams go on by');
  });
});

describe('a wrong address', () => {
  it('that all streams ask within a minute is one page, which says so', async () => {
    const world = await quietWorld(deployment);
    const since = world.now;
    answers(world, 404);
    await world.pass(60);
    expect(told(world, since)).toEqual(['page PAGE Pagekeeper: mobaro not found (404): all streams']);
    expect(wordsOf(lettersSince(world, since)[0])).toMatch(/check the address \(baseUrl\)/i);
  });

  it('that the others ask later is one page, and one update, which says so', async () => {
    const world = await quietWorld(deployment, (index) => (index === 0 ? 0 : 4));
    const since = world.now;
    answers(world, 404);
    await world.pass(60);
    const letters = lettersSince(world, since);
    expect(told(world, since)).toEqual([
      'page PAGE Pagekeeper: mobaro not found (404): users',
      'page MORE Pagekeeper: mobaro not found (404): all streams',
    ]);
    expect(wordsOf(letters[0])).not.toContain('baseUrl');
    expect(wordsOf(letters[1])).toMatch(/check the address \(baseUrl\)/i);
  });
});

describe('a second stream', () => {
  it('joins the incident, and the end is told once, when both go on', async () => {
    const world = await quietWorld(deployment);
    const since = world.now;
    answers(world, 404, [users]);
    await world.pass(60);
    answers(world, 404, [users, locations]);
    await world.pass(60);
    answers(world, 404, [locations]);
    await resume(world, [users]);
    await world.pass(60);
    isWell(world);
    await resume(world, [locations]);
    await world.pass(60);
    expect(told(world, since)).toEqual([
      'page PAGE Pagekeeper: mobaro not found (404): users',
      'page MORE Pagekeeper: mobaro not found (404): users, locations',
      'page OVER Pagekeeper: mobaro not found (404): users, locations',
    ]);
    const threads = lettersSince(world, since).map(
      ({ json }) => (JSON.parse(json) as { metadata: { threadId: string } }).metadata.threadId,
    );
    expect(new Set(threads).size).toBe(1);
    // The alarm is on all the while: one ALARM, one OK.
    const states = world.transitions.filter(({ alarm, at }) => alarm === 'mobaro missing' && at > since);
    expect(states.map(({ state }) => state)).toEqual(['ALARM', 'OK']);
  });

  it('that a person pauses is named at the end', async () => {
    const world = await quietWorld(deployment);
    const since = world.now;
    answers(world, 503, [users, locations]);
    await world.pass(60);
    await pauseStream(locations, world.sync);
    await world.pass(10);
    isWell(world);
    await world.pass(60);
    expect(told(world, since)).toEqual([
      'ticket TICKET Pagekeeper: mobaro pages fail: users, locations',
      'page PAGE Pagekeeper: mobaro pages fail: users, locations',
      'page OVER Pagekeeper: mobaro pages fail: users, locations',
    ]);
    const end = wordsOf(lettersSince(world, since).at(-1));
    expect(end).toContain('users goes on by');
    expect(end).toContain('Paused by a person: locations');
  });
});

describe('a key that is refused', () => {
  it('is one page for four streams, and over once all of them have synced', async () => {
    const world = await quietWorld(deployment, (index) => index);
    const since = world.now;
    answers(world, 401);
    await world.pass(60);
    const fixed = world.now;
    isWell(world);
    world.sync.secrets.change({ apiKey: 'new and made-up' });
    await world.pass(60);
    expect(told(world, since)).toEqual([
      'page PAGE Pagekeeper: mobaro key refused (401): all streams',
      'page OVER Pagekeeper: mobaro key refused (401): all streams',
    ]);
    const end = lettersSince(world, since).at(-1);
    expect(wordsOf(end)).toMatch(/the key works again; all 4 streams go on by /);
    for (const stream of fourStreams) {
      const { freshFrom } = await world.sync.checkpoint(stream);
      expect(freshFrom).toBeGreaterThan(fixed);
    }
    expect(end!.at - fixed).toBeLessThan(7 * minuteMs);
  });

  it('while it is muted pages nobody, and what stands at the end of the mute is sent once', async () => {
    const world = await quietWorld(deployment);
    const since = world.now;
    await world.mute('mobaro', 120 * minuteMs);
    answers(world, 401);
    await world.pass(119);
    expect(world.notices.filter(({ at }) => at > since)).toEqual([]);
    await world.pass(120);
    expect(told(world, since)).toEqual(['page PAGE Pagekeeper: mobaro key refused (401): all streams']);
    expect(lettersSince(world, since)[0]!.at - since).toBeLessThan(126 * minuteMs);
    const pagers = world.notices.filter(
      ({ at, to, by }) => at > since && to === 'machines' && by === 'alarm',
    );
    expect(pagers.map(({ alarm, state }) => `${alarm!} ${state!}`)).toEqual([
      'Pagekeeper mobaro unauthorized ALARM',
    ]);
  });

  it('that is over within a mute resolves what was open before it', async () => {
    const world = await quietWorld(deployment);
    const since = world.now;
    answers(world, 401);
    await world.pass(30);
    await world.mute('mobaro', 120 * minuteMs);
    isWell(world);
    world.sync.secrets.change({ apiKey: 'new and made-up' });
    await world.pass(60);
    expect(told(world, since)).toEqual([
      'page PAGE Pagekeeper: mobaro key refused (401): all streams',
      'page OVER Pagekeeper: mobaro key refused (401): all streams',
    ]);
    await world.pass(120);
    expect(told(world, since)).toHaveLength(2);
  });
});
