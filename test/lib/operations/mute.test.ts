import { describe, expect, it } from 'vitest';

import { muteConnection, unmuteConnection, type MuteRules } from '../../../lib/operations/mute.ts';
import type { Mute } from '../../../lib/on-call/mute.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FakeMutes } from '../../support/fakes/fake-mutes.ts';

const at = Date.parse('2026-11-30T14:53:20Z');
const wish = { forMs: 2 * 3_600_000, why: 'Mobaro moves', by: 'ada' };
/** Whole minutes. */
const until = Date.parse('2026-11-30T16:54:00Z');

/** @param fault what CloudWatch says to each change of a rule */
function world(fault: string | null = null) {
  const mutes = new FakeMutes();
  const clock = new FakeClock(at);
  const acts: (string | Omit<Mute, 'revision'>)[] = [];
  const rules: MuteRules = {
    put: async (mute) => {
      // What is stored holds already.
      expect(await mutes.read('mobaro')).toMatchObject({ until: mute.until });
      acts.push(mute);
      return fault;
    },
    remove: async (connection) => {
      expect((await mutes.read('mobaro'))?.until ?? 0).toBeLessThanOrEqual(clock.now());
      acts.push(connection);
      return fault;
    },
  };
  return { mutes, clock, acts, rules };
}

describe('muteConnection', () => {
  it('stores the mute, and then makes the rule that ends in the same minute', async () => {
    const { acts, ...ports } = world();
    expect(await muteConnection('mobaro', wish, ports)).toEqual({
      ...{ target: 'mobaro', changed: true },
      sentence:
        'Pages about mobaro are muted until 16:54 UTC. What still stands then is sent once; tickets are sent as ever.',
    });
    const mute = { connection: 'mobaro', since: at, until, why: 'Mobaro moves', by: 'ada' };
    expect(await ports.mutes.read('mobaro')).toEqual({ ...mute, revision: 1 });
    expect(acts).toEqual([mute]);
  });

  it('replaces one that lasts, also by a shorter one', async () => {
    const { acts, ...ports } = world();
    await muteConnection('mobaro', wish, ports);
    await muteConnection('mobaro', { ...wish, forMs: 60_000, why: 'was faster' }, ports);
    expect(await ports.mutes.read('mobaro')).toMatchObject({
      ...{ revision: 2, until: Date.parse('2026-11-30T14:55:00Z'), why: 'was faster' },
    });
    expect(acts).toHaveLength(2);
  });

  it('is stored, though another person was faster', async () => {
    const { mutes, clock } = world();
    const [one, two] = await Promise.all([
      muteConnection('mobaro', wish, { mutes, clock, rules: null }),
      muteConnection('mobaro', { ...wish, by: 'bea' }, { mutes, clock, rules: null }),
    ]);
    expect([one.changed, two.changed]).toEqual([true, true]);
    expect(await mutes.read('mobaro')).toMatchObject({ revision: 2 });
  });

  it('makes no rule where it could not be stored', async () => {
    const { acts, ...ports } = world();
    ports.mutes.replace = () => Promise.reject(new Error('no table'));
    await expect(muteConnection('mobaro', wish, ports)).rejects.toThrow('no table');
    expect(acts).toEqual([]);
  });

  it('says what is in force where there is no rule', async () => {
    const { acts, ...ports } = world('AWS answered with LimitExceeded: too many.');
    expect(await muteConnection('mobaro', wish, ports)).toEqual({
      ...{ target: 'mobaro', changed: true, refused: true },
      sentence:
        'Messages that page about mobaro are held back until 16:54 UTC, but its alarms in CloudWatch act as before, so that a pager may ring. AWS answered with LimitExceeded: too many.',
    });
    expect(await ports.mutes.read('mobaro')).toMatchObject({ until });
    expect(acts).toHaveLength(1);
  });

  it('says what it does on a laptop', async () => {
    const { mutes, clock } = world();
    const { sentence } = await muteConnection('mobaro', wish, { mutes, clock, rules: null });
    expect(sentence).toBe(
      'Pages about mobaro are muted until 16:54 UTC. On this machine npm start holds back its messages that page until then.',
    );
  });
});

describe('unmuteConnection', () => {
  it('ends what is stored, and then takes the rule away', async () => {
    const { acts, ...ports } = world();
    await muteConnection('mobaro', wish, ports);
    await ports.clock.advance(60_000);
    expect(await unmuteConnection('mobaro', ports)).toEqual({
      ...{ target: 'mobaro', changed: true },
      sentence: 'Pages about mobaro are not muted any more. What stands is sent now.',
    });
    expect(await ports.mutes.read('mobaro')).toMatchObject({ revision: 2, since: at, until: at + 60_000 });
    expect(acts[1]).toBe('mobaro');
  });

  it('takes a rule away that was left behind, where no mute lasts', async () => {
    const { acts, ...ports } = world();
    const nothing = { target: 'mobaro', changed: false, sentence: 'Pages about mobaro are not muted.' };
    expect(await unmuteConnection('mobaro', ports)).toEqual(nothing);
    expect(await unmuteConnection('mobaro', { ...ports, rules: null })).toEqual(nothing);
    expect(acts).toEqual(['mobaro']);
    expect(await ports.mutes.read('mobaro')).toBeNull();
  });

  it('says what is in force where the rule stays', async () => {
    const { acts, ...ports } = world('These AWS credentials may not do this.');
    await muteConnection('mobaro', wish, { ...ports, rules: null });
    expect(await unmuteConnection('mobaro', ports)).toEqual({
      ...{ target: 'mobaro', changed: true, refused: true },
      sentence:
        'Messages that page about mobaro are sent, but its alarms in CloudWatch may be muted until the rule ends by itself, so that a pager may stay silent. These AWS credentials may not do this.',
    });
    expect(acts).toEqual(['mobaro']);
  });
});
