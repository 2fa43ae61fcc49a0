import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import {
  maxDoubtMs,
  numberOf,
  troubleFlags,
  troublesOf,
  troublesOfConnection,
  troublesOfStream,
  type StreamTrouble,
  type Trouble,
} from '../../../lib/sync/troubles.ts';
import type { HaltOutcome, StreamOutcome } from '../../../lib/sync/outcome.ts';
import { streamNamed } from '../../support/streams.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const freshnessMs = 45 * 60_000;
const pageAfterMs = 15 * 60_000;
const gapSeconds = 600;
const stream = { freshnessMs, pageAfterMs, gapSeconds };

function troubles(change: Partial<Checkpoint>, connectionHalted = false): StreamTrouble[] {
  return troublesOfStream({ ...newCheckpoint('s'), ...change }, { now, stream, connectionHalted });
}

function halted(outcome: HaltOutcome): Partial<Checkpoint> {
  const stopped = { by: outcome, since: now };
  return { state: 'halted', halt: { outcome, at: now, definition: 'd' }, stopped };
}

const old = { freshFrom: now - freshnessMs - 1 };

describe('the number', () => {
  const all = Object.keys(troubleFlags) as Trouble[];
  const raised = fc.uniqueArray(fc.constantFrom(...all)).map((some) => new Set(some));
  const time = fc.integer({ min: now, max: Date.parse('2500-01-01') });

  it('has a bit for each flag', () => {
    const values = Object.values(troubleFlags);
    expect(values).toEqual(values.map((_, index) => 2 ** index));
  });

  it('tells each flag that is raised, whenever it was read', () => {
    fc.assert(
      fc.property(raised, time, (troubles, at) => {
        const flags = BigInt(numberOf(troubles, at)) % 256n;
        for (const flag of all) expect((Number(flags) & troubleFlags[flag]) !== 0).toBe(troubles.has(flag));
      }),
    );
  });

  it('is the higher, the later it was read', () => {
    fc.assert(
      fc.property(raised, raised, time, (before, after, at) => {
        expect(numberOf(after, at + 1)).toBeGreaterThan(numberOf(before, at));
      }),
    );
  });
});

describe('the troubles of a stream', () => {
  it.each<[HaltOutcome, StreamTrouble[]]>([
    ['missing', ['missing']],
    ['forbidden', ['halted']],
    ['rejected', ['halted']],
    ['looping', ['held']],
    ['runaway', ['held']],
    ['unauthorized', []],
  ])('of one that halted as %s are %j', (outcome, expected) => {
    expect(troubles(halted(outcome))).toEqual(expected);
  });

  it('are none while it waits, with attempts left', () => {
    expect(troubles({ state: 'running', outcome: 'waiting', attempt: 4, freshFrom: now })).toEqual([]);
  });

  it('are exhausted until something succeeds, and held as long as deletions wait', () => {
    expect(troubles({ state: 'running', stopped: { by: 'malformed', since: now } })).toEqual(['exhausted']);
    expect(troubles({ heldDeletions: { rows: 50, of: 100, since: now } })).toEqual(['held']);
  });

  it('are held once its runs have not vouched for all rows for two days', () => {
    expect(troubles({ doubtedSince: now - maxDoubtMs + 1 })).toEqual([]);
    expect(troubles({ doubtedSince: now - maxDoubtMs })).toEqual(['held']);
  });

  it('are stale beyond the freshness target, and not a moment before', () => {
    expect(troubles({ freshFrom: now - freshnessMs })).toEqual([]);
    expect(troubles(old)).toEqual(['stale']);
    expect(troubles({ freshFrom: null })).toEqual([]);
  });

  it.each<[string, Partial<Checkpoint>, StreamTrouble[]]>([
    ['it halted', { ...old, ...halted('missing') }, ['missing']],
    ['its key was refused', { ...old, ...halted('unauthorized') }, []],
    ['a person has paused it', { ...old, state: 'paused' }, []],
    ['nobody has filled in its secret', { ...old, outcome: 'unconfigured' }, []],
  ])('are not stale as well where %s', (_, change, expected) => {
    expect(troubles(change)).toEqual(expected);
  });

  it.each<[string, Partial<Checkpoint>]>([
    ['for so long that it is worth a page', { stopped: { by: 'exhausted', since: now - pageAfterMs } }],
    ['and its records are old', { ...old, stopped: { by: 'malformed', since: now } }],
    [
      'and a tick has found it so',
      { stopped: { by: 'exhausted', since: now - 6 * 60_000 }, lastTick: now - gapSeconds * 1000 },
    ],
  ])('are stale beside exhausted where its pages fail %s', (_, change) => {
    expect(troubles({ freshFrom: now, ...change })).toEqual(['stale', 'exhausted']);
  });

  it('are exhausted alone until then', () => {
    const stopped = { by: 'exhausted', since: now - pageAfterMs + 1 } as const;
    // One tick has come within the first five minutes, and the next one has not come yet.
    const lastTick = stopped.since + 5 * 60_000 - gapSeconds * 1000;
    expect(troubles({ freshFrom: now - freshnessMs, stopped, lastTick })).toEqual(['exhausted']);
  });

  it.each<[HaltOutcome | 'exhausted', StreamTrouble[]]>([
    ['missing', ['missing']],
    ['forbidden', ['halted']],
    ['looping', ['held']],
    ['exhausted', ['exhausted']],
    ['unauthorized', []],
  ])('last beyond a resume, until a page succeeds: %s', (by, expected) => {
    const stopped = { by, since: now };
    expect(troubles({ state: 'parked', retryAt: now, halt: null, stopped, freshFrom: now })).toEqual(
      expected,
    );
    expect(troubles({ state: 'paused', stopped })).toEqual([]);
  });

  it('are not stale while the connection stands still', () => {
    expect(troubles(old, true)).toEqual([]);
  });

  it('are stale beside what is only a ticket', () => {
    expect(troubles({ ...old, ...halted('looping') })).toEqual(['stale', 'held']);
    expect(troubles({ ...old, heldDeletions: { rows: 1, of: 1, since: 0 } })).toEqual(['stale', 'held']);
  });
});

describe('the troubles of a connection', () => {
  const at = (outcome: StreamOutcome | null, outcomeAt: number | null): Checkpoint => ({
    ...newCheckpoint('s'),
    ...{ outcome, outcomeAt },
  });

  it.each([
    ['closed', []],
    ['open', ['unauthorized']],
    ['half-open', ['unauthorized']],
  ] as const)('with a breaker that is %s are %j', (state, expected) => {
    expect(troublesOfConnection({ state }, [], now)).toEqual(expected);
  });

  it.each<[string, Checkpoint[], Trouble[]]>([
    ['nobody has run', [at(null, null)], []],
    ['one has found nothing in the secret', [at('unconfigured', 5), at(null, null)], ['unconfigured']],
    ['it was so after another had run', [at('unconfigured', 5), at('complete', 4)], ['unconfigured']],
    ['another has run since', [at('unconfigured', 5), at('complete', 6)], []],
  ])('are told by its streams: %s', (_, streams, expected) => {
    expect(troublesOfConnection({ state: 'closed' }, streams, now)).toEqual(expected);
  });

  it('are unauthorized until the last stream that it stopped has had a good answer, or was paused', () => {
    const stopped = { ...newCheckpoint('s'), stopped: { by: 'unauthorized', since: now } } as const;
    const of = (checkpoint: Checkpoint): Trouble[] =>
      troublesOfConnection({ state: 'closed' }, [checkpoint], now);
    expect(of({ ...stopped, state: 'parked', retryAt: now })).toEqual(['unauthorized']);
    expect(of({ ...stopped, state: 'paused' })).toEqual([]);
    expect(of({ ...stopped, stopped: null })).toEqual([]);
  });

  it('are those of all its streams, once each, and a checkpoint that cannot be understood is a halt', () => {
    const streams = ['mobaro/users', 'mobaro/locations', 'mobaro/webhooks'].map((name) => streamNamed(name));
    const missing = { stopped: { by: 'missing', since: now } } as const;
    const checkpoints = new Map([
      ['mobaro/users', { ...newCheckpoint('mobaro/users'), ...missing }],
      ['mobaro/locations', { ...newCheckpoint('mobaro/locations'), ...missing }],
    ]);
    const stored = {
      streams,
      checkpoints,
      damaged: new Set<string>(),
      breaker: { state: 'closed' },
    } as const;
    expect(troublesOf(stored, now)).toEqual(new Set(['missing']));
    expect(troublesOf({ ...stored, damaged: new Set(['mobaro/webhooks']) }, now)).toEqual(
      new Set(['missing', 'halted']),
    );
    // Taken out of the settings.
    expect(troublesOf({ ...stored, streams: streams.slice(2) }, now)).toEqual(new Set());
  });
});
