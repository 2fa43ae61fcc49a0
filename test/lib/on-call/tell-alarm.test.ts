import { beforeEach, describe, expect, it } from 'vitest';

import type { Message } from '../../../lib/on-call/message.ts';
import type { AlarmChange } from '../../../lib/on-call/alarm-change.ts';
import { tellAlarm, type AlarmDependencies } from '../../../lib/on-call/tell-alarm.ts';
import { tellIncidents } from '../../../lib/on-call/tell-incidents.ts';
import { OnCallWorld } from '../../support/on-call-world.ts';

const minute = 60_000;

let world: OnCallWorld;

beforeEach(() => {
  world = new OnCallWorld();
});

/** An invocation by CloudWatch that is waited for. */
async function alarmed(
  change: AlarmChange,
  more: Partial<AlarmDependencies> = {},
  seconds = 90,
): Promise<readonly Message[]> {
  const telling = tellAlarm(change, { ...world.deps, ...more }, world.signal);
  // Waited for below, when the time has passed.
  telling.catch(() => undefined);
  await world.pass(seconds);
  return telling;
}

const refuses = (): Promise<never> => Promise.reject(new Error('refused'));

describe('an alarm on what is stored', () => {
  it('alone is enough, for the beginning and for the end', async () => {
    await world.stop('mobaro/users');
    await alarmed(world.alarm('mobaro missing'));
    await world.recover('mobaro/users');
    await alarmed(world.alarm('mobaro missing', 'OK'));
    expect(world.subjects).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): users',
      'OVER Pagekeeper: mobaro not found (404): users',
    ]);
  });

  it('is repeated to pagers in the words that people were told, under its own name', async () => {
    await world.stop('mobaro/users');
    const change = world.alarm('mobaro missing');
    await alarmed(change);
    expect(world.repeated).toEqual([{ change, severity: 'page', words: world.sent[0]?.text }]);
    await world.recover('mobaro/users');
    const end = world.alarm('mobaro missing', 'OK');
    await alarmed(end);
    expect(world.repeated[1]).toMatchObject({ change: end, severity: 'page' });
    expect(world.repeated[1]?.words).toBe(world.sent[1]?.text);
    await alarmed(world.alarm('mobaro missing', 'OK'));
    expect(world.repeated[2]?.words).toBe('Nothing of it stands any more.');
  });

  it('is repeated where others have told people, who are not told again', async () => {
    await world.stop('mobaro/users');
    const telling = tellIncidents(world.connection, world.deps, world.signal);
    await world.pass(60);
    await telling;
    await alarmed(world.alarm('mobaro missing'));
    expect(world.sent).toHaveLength(1);
    expect(world.repeated.map(({ words }) => words)).toEqual([
      expect.stringContaining('HTTP 404: no such list'),
    ]);
  });

  it('names in a nested stack and of pages that fail for long are known', async () => {
    await world.stop('mobaro/users', 'exhausted');
    await world.pass(16 * 60);
    await alarmed(world.alarm('mobaro, stale'));
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro pages fail: users']);
    expect(world.repeated).toMatchObject([{ severity: 'page' }]);
  });

  it('is not repeated where nothing stands any more, nor its end where something stands again', async () => {
    await alarmed(world.alarm('mobaro missing'));
    await world.stop('mobaro/users');
    await alarmed(world.alarm('mobaro missing', 'OK'));
    expect(world.repeated).toEqual([]);
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro not found (404): users']);
  });

  it('is not repeated while its pages are muted, and its end is', async () => {
    await world.stop('mobaro/users');
    await alarmed(world.alarm('mobaro missing'));
    const now = world.clock.now();
    const mute = { connection: 'mobaro', revision: 0, since: now, until: now + 60 * minute };
    await world.mutes.replace({ ...mute, why: 'known', by: 'ada' });
    await alarmed(world.alarm('mobaro missing'));
    expect(world.repeated).toHaveLength(1);
    await world.recover('mobaro/users');
    await alarmed(world.alarm('mobaro missing', 'OK'));
    expect(world.repeated).toHaveLength(2);
    expect(world.sent).toHaveLength(2);
  });

  it('is resolved at pagers by who tells people, while CloudWatch is muted', async () => {
    await world.stop('mobaro/users');
    await alarmed(world.alarm('mobaro missing'));
    const now = world.clock.now();
    const mute = { connection: 'mobaro', revision: 0, since: now, until: now + 60 * minute };
    await world.mutes.replace({ ...mute, why: 'known', by: 'ada' });
    await world.recover('mobaro/users');
    await tellIncidents(world.connection, world.deps, world.signal);
    expect(world.subjects.at(-1)).toMatch(/^OVER /);
    // Whether it is in a nested stack is not known here.
    expect(world.ended).toEqual(['Pagekeeper mobaro missing', 'Pagekeeper mobaro, missing']);
  });

  it.each([
    ['the checkpoints', { checkpoints: { readAll: refuses } }],
    ['the breaker', { breakers: { read: refuses } }],
    ['what was told', { incidents: { read: refuses, replace: refuses } }],
    [
      'the checkpoints, for it takes too long,',
      { checkpoints: { readAll: () => new Promise(() => undefined) } },
    ],
  ] as const)('says what it says itself where %s cannot be read', async (_, more) => {
    await world.stop('mobaro/users');
    await alarmed(world.alarm('mobaro missing'), more as Partial<AlarmDependencies>, 3);
    expect(world.subjects).toEqual(['PAGE Pagekeeper mobaro missing']);
    expect(world.sent[0]?.text).toContain('A stream of mobaro does not exist (404).');
    expect(world.sent[0]?.text).toContain('Details could not be read.');
    expect(world.faults).toHaveLength(1);
    // And so is its end, which no incident tells.
    await world.recover('mobaro/users');
    await world.clock.advance(minute);
    for (let times = 0; times < 2; times += 1) await alarmed(world.alarm('mobaro missing', 'OK'));
    expect(world.subjects.slice(1)).toEqual(['OVER Pagekeeper mobaro missing']);
  });

  it('says so, too, where it cannot be written down who tells it', async () => {
    await world.stop('mobaro/users');
    const { incidents } = world;
    const more = { incidents: { read: (name: string) => incidents.read(name), replace: refuses } };
    await alarmed(world.alarm('mobaro missing'), more);
    expect(world.subjects).toEqual(['PAGE Pagekeeper mobaro missing']);
  });

  it('is tried again by Lambda where its end cannot be read', async () => {
    const change = world.alarm('mobaro missing', 'OK');
    await expect(alarmed(change, { checkpoints: { readAll: refuses } })).rejects.toThrow('refused');
    expect(world.sent).toEqual([]);
  });

  it('is tried again by Lambda where the topic refuses, of people or of pagers', async () => {
    await world.stop('mobaro/users');
    const change = world.alarm('mobaro missing');
    await expect(alarmed(change, { people: { send: refuses } })).rejects.toThrow('refused');
    await expect(alarmed(change, { machines: { repeat: refuses, end: refuses } })).rejects.toThrow('refused');
    expect(world.sent).toHaveLength(1);
    await alarmed(change);
    expect(world.sent).toHaveLength(1);
    expect(world.repeated).toHaveLength(1);
  });

  it('of a connection that is not in the settings any more speaks for itself', async () => {
    await alarmed(world.alarm('bob missing'));
    expect(world.subjects).toEqual(['PAGE Pagekeeper bob missing']);
  });
});

describe('an alarm on what AWS measures', () => {
  it('is told once, in its own words, and its end, in one thread', async () => {
    const on = world.alarm('mobaro undelivered');
    await alarmed(on);
    await alarmed(on);
    await alarmed(world.alarm('mobaro undelivered', 'OK'));
    await alarmed(world.alarm('mobaro undelivered', 'OK'));
    expect(world.sent.map(({ severity, subject }) => `${severity}: ${subject}`)).toEqual([
      'ticket: TICKET Pagekeeper mobaro undelivered',
      'ticket: OVER Pagekeeper mobaro undelivered',
    ]);
    expect(world.sent[0]?.text).toContain('Runbook: docs/runbook.md#undelivered');
    expect(new Set(world.sent.map(({ thread }) => thread)).size).toBe(1);
    // CloudWatch has told them all that it says.
    expect(world.repeated).toEqual([]);
  });

  it('is told anew where its end was lost, and not where an event comes late', async () => {
    await alarmed(world.alarm('mobaro undelivered'));
    await world.clock.advance(60 * minute);
    const second = world.alarm('mobaro undelivered');
    await world.clock.advance(minute);
    const end = world.alarm('mobaro undelivered', 'OK');
    await alarmed(second);
    await alarmed(end);
    await alarmed(second);
    expect(world.subjects.map((subject) => subject.split(' ')[0])).toEqual(['TICKET', 'TICKET', 'OVER']);
  });

  it('leads to the runbook once, also where its own words do', async () => {
    const description = 'A message could not be handled.\nRunbook: docs/runbook.md#undelivered';
    await alarmed(world.alarm('mobaro undelivered', 'ALARM', { description }));
    expect(world.sent[0]?.text.match(/Runbook:/g)).toHaveLength(1);
  });

  it('says nothing of an end of which nobody knows the beginning, as of a new alarm', async () => {
    await alarmed(world.alarm('event errors', 'OK'));
    await alarmed(world.alarm('event errors', 'INSUFFICIENT_DATA'));
    expect(world.sent).toEqual([]);
  });

  it('is told where it cannot be read whether it was', async () => {
    const alarms = { read: refuses, replace: refuses };
    await alarmed(world.alarm('change log errors'), { alarms });
    expect(world.subjects).toEqual(['TICKET Pagekeeper change log errors']);
    await expect(alarmed(world.alarm('change log errors', 'OK'), { alarms })).rejects.toThrow('refused');
  });
});

it('an alarm that a person sets off as a test is told, and nothing is remembered of it', async () => {
  const test = { reason: 'TEST, nothing is wrong: sent by npx pagekeeper test-alarm.' };
  await alarmed(world.alarm('mobaro missing', 'ALARM', test));
  await alarmed(world.alarm('mobaro missing', 'OK', test));
  expect(world.subjects).toEqual(['PAGE Pagekeeper mobaro missing']);
  expect(world.sent[0]?.text).toContain('TEST, nothing is wrong');
});

it('an alarm of another deployment, or of none, is not told', async () => {
  await alarmed({ ...world.alarm(''), name: 'Pagekeeper-test mobaro missing' });
  await alarmed({ ...world.alarm(''), name: 'Pagekeeper mobaro purple' });
  expect(world.sent).toEqual([]);
});
