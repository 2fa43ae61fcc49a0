import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import {
  connectionFlags,
  maxDoubtMs,
  streamFlags,
  sumOf,
  troublesOfConnection,
  troublesOfStream,
  type StreamTrouble,
} from '../../../lib/sync/troubles.ts';
import type { HaltOutcome, StreamOutcome } from '../../../lib/sync/outcome.ts';

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

describe('the flags', () => {
  it.each([streamFlags, connectionFlags])('are different bits, so that a sum tells each of them', (flags) => {
    const values = Object.values(flags);
    expect(values).toEqual(values.map((_, index) => 2 ** index));
  });

  it('sum up to a number that holds each raised one once', () => {
    const all = Object.keys(streamFlags) as StreamTrouble[];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...all)), (raised) => {
        const sum = sumOf(streamFlags, raised);
        for (const flag of all) expect((sum & streamFlags[flag]) !== 0).toBe(raised.includes(flag));
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
  const at = (outcome: StreamOutcome | null, outcomeAt: number | null) => ({ outcome, outcomeAt });

  it.each([
    ['closed', []],
    ['open', ['unauthorized']],
    ['half-open', ['unauthorized']],
  ] as const)('with a breaker that is %s are %j', (state, expected) => {
    expect(troublesOfConnection({ state }, [])).toEqual(expected);
  });

  it.each([
    ['nobody has run', [at(null, null)], []],
    ['one has found nothing in the secret', [at('unconfigured', 5), at(null, null)], ['unconfigured']],
    ['it was so after another had run', [at('unconfigured', 5), at('complete', 4)], ['unconfigured']],
    ['another has run since', [at('unconfigured', 5), at('complete', 6)], []],
  ])('are told by its streams: %s', (_, streams, expected) => {
    expect(troublesOfConnection({ state: 'closed' }, streams)).toEqual(expected);
  });
});
