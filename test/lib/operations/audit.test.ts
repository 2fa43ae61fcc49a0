import { describe, expect, it } from 'vitest';

import {
  concerns,
  outcomeOf,
  recordAct,
  standingOf,
  type AuditPorts,
} from '../../../lib/operations/audit.ts';
import type { Done } from '../../../lib/operations/done.ts';
import type { Act, ActEnd, AuditEntry } from '../../../lib/sync/audit.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';

const users = 'mobaro/users';
const now = Date.parse('2026-03-01T12:00:00Z');
const halted: Checkpoint = {
  ...newCheckpoint(users),
  ...{ state: 'halted', outcome: 'missing', run: 'run-1', sequence: 3, reason: 'HTTP 404' },
  position: { kind: 'cursor', cursor: 'of-a-record' },
  halt: { outcome: 'missing', at: 1, definition: 'd' },
};
const paused: Done = { target: users, changed: true, sentence: 'It is paused.' };

/** What happens, in its order. */
function world(broken: Partial<AuditPorts['audit']> & Pick<Partial<AuditPorts>, 'whoActs'> = {}) {
  const story: string[] = [];
  const acts: Act[] = [];
  const ends: ActEnd[] = [];
  let checkpoint = halted;
  const ports: AuditPorts = {
    audit: {
      begin: async (act) => {
        story.push('begin');
        acts.push(act);
        return { key: 'k', id: act.id };
      },
      end: async (_, end) => {
        story.push('end');
        ends.push(end);
      },
      ...broken,
    },
    checkpoints: { readAll: async () => new Map([[users, checkpoint]]) },
    breakers: { read: async (connection) => newBreaker(connection) },
    clock: { now: () => now },
    newId: () => 'id-1',
    whoActs: broken.whoActs ?? (async () => 'ada'),
  };
  const work = async (): Promise<readonly Done[]> => {
    story.push('act');
    checkpoint = { ...checkpoint, state: 'paused' };
    return [paused];
  };
  return { ports, work, story, acts, ends };
}

const asked = { command: 'pause', target: users, why: 'the vendor moves' } as const;

describe('an act', () => {
  it('is written down before it takes effect, and again with what it came to', async () => {
    const { ports, work, story, acts, ends } = world();
    expect(await recordAct(asked, [users, 'mobaro'], ports, work)).toEqual({
      results: [paused],
      unwritten: null,
    });
    expect(story).toEqual(['begin', 'act', 'end']);
    const key = { kind: 'connection', target: 'mobaro', key: 'closed' };
    const standing = {
      ...{ kind: 'stream', target: users, run: 'run-1', sequence: 3 },
      ...{ heldDeletions: null, allowedDeletions: null, fieldsAwaited: [] },
    };
    expect(acts).toEqual([
      {
        ...{ id: 'id-1', at: '2026-03-01T12:00:00.000Z', who: 'ada', command: 'pause', target: users },
        ...{ typed: 'pause mobaro/users', why: 'the vendor moves' },
        before: [{ ...standing, state: 'halted', haltedFor: 'missing' }, key],
      },
    ]);
    expect(ends).toEqual([
      {
        ...{ at: '2026-03-01T12:00:00.000Z', outcome: 'changed', fault: null },
        results: [{ ...paused, refused: false }],
        // Of several, what has changed.
        after: [{ ...standing, state: 'paused', haltedFor: null }],
      },
    ]);
    expect(JSON.stringify([acts, ends])).not.toContain('of-a-record');
  });

  it('is not done where nobody knows whose it would be', async () => {
    const { ports, work, story } = world({ whoActs: () => Promise.reject(new Error('who?')) });
    await expect(recordAct(asked, [users], ports, work)).rejects.toThrow('who?');
    expect(story).toEqual([]);
  });

  it('is not done where it cannot be written down', async () => {
    const { ports, work, story } = world({ begin: () => Promise.reject(new Error('no table')) });
    await expect(recordAct(asked, [users], ports, work)).rejects.toThrow('no table');
    expect(story).toEqual([]);
  });

  it('stays done where its end cannot be written down, and that is said', async () => {
    const error = new Error('no table');
    const { ports, work } = world({ end: () => Promise.reject(error) });
    expect(await recordAct(asked, [users], ports, work)).toEqual({
      results: [paused],
      unwritten: { error },
    });
  });

  it('that fails is told by its own error, whose message is not written down', async () => {
    const { ports, ends } = world();
    const fails = () => Promise.reject(new TypeError('of Ada Example'));
    await expect(recordAct(asked, [users], ports, fails)).rejects.toThrow('of Ada Example');
    expect(ends).toMatchObject([{ outcome: 'failed', fault: 'TypeError', results: [] }]);
    expect(ends[0]?.after).toHaveLength(1);
    expect(JSON.stringify(ends)).not.toContain('Ada');

    const { ports: broken } = world({ end: () => Promise.reject(new Error('no table')) });
    await expect(recordAct(asked, [users], broken, fails)).rejects.toThrow('of Ada Example');
  });

  it('names all that it is about, and no more of what was typed than it is told', async () => {
    const { ports, work, acts } = world();
    await recordAct(
      { command: 'reset', target: users, options: '--position 4', why: undefined },
      [],
      ports,
      work,
    );
    await recordAct({ command: 'resume', target: undefined, why: undefined }, [], ports, work);
    expect(acts.map(({ typed, target, why }) => [typed, target, why])).toEqual([
      ['reset mobaro/users --position 4', users, null],
      ['resume --all', null, null],
    ]);
  });

  it('keeps of a long sentence what fits into an item', async () => {
    const { ports, ends } = world();
    await recordAct(asked, [], ports, async () => [{ ...paused, sentence: 'x'.repeat(9000) }]);
    expect(ends[0]?.results[0]?.sentence).toHaveLength(500);
  });
});

describe('the outcome of an act', () => {
  const refused: Done = { ...paused, changed: false, refused: true };
  const same: Done = { ...paused, changed: false };

  it.each([
    ['changed', [same, refused, paused]],
    ['refused', [same, refused]],
    ['unchanged', [same]],
    ['unchanged', []],
  ])('is %s', (outcome, results) => {
    expect(outcomeOf(results)).toBe(outcome);
  });
});

describe('how a stream stands', () => {
  it('is new where it has never run, also where the watchdog has seen it', () => {
    const standing = { state: 'new', run: null, haltedFor: null };
    expect(standingOf(users, undefined, now)).toMatchObject(standing);
    expect(standingOf(users, { ...newCheckpoint(users), freshFrom: 1 }, now)).toMatchObject(standing);
    expect(standingOf(users, { ...newCheckpoint(users), state: 'paused' }, now)).toMatchObject({
      state: 'paused',
    });
  });

  it('says what waits for a person', () => {
    const coverage = { absent: [], first: null, definition: 'd', withheld: ['work.title', 'work.site'] };
    const heldDeletions = { rows: 20, of: 60, since: 1 };
    const checkpoint = { ...halted, coverage, heldDeletions, allowed: 20, allowedUntil: now };
    expect(standingOf(users, checkpoint, now)).toMatchObject({
      ...{ heldDeletions: 20, allowedDeletions: 20, fieldsAwaited: ['work'] },
    });
    expect(standingOf(users, checkpoint, now + 1)).toMatchObject({ allowedDeletions: null });
  });
});

describe('what an entry is about', () => {
  const entry = (target: string | null, before: readonly string[] = []): AuditEntry => ({
    ...{ id: '1', at: '', who: '', command: '', target, typed: '', why: null, end: null },
    before: before.map((one) => ({ kind: 'connection', target: one, key: 'open' })),
  });

  it.each([
    [entry(users), users, true],
    [entry(users), 'mobaro', true],
    [entry('mobaro'), users, true],
    [entry(null, [users]), users, true],
    [entry(null, [users]), 'bob', false],
    [entry(users), 'mobaro/user', false],
    [entry('mobaro/user'), users, false],
    [entry('mob'), 'mobaro', false],
    [entry('mobaro'), 'mob', false],
  ])('%#: tells a name from one that begins alike', (of, wanted, is) => {
    expect(concerns(of, wanted)).toBe(is);
  });
});
