import { describe, expect, it } from 'vitest';

import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { historyWith, maxEvents } from '../../../lib/sync/history.ts';
import { progressOf } from '../../support/progress.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

function after(history: Checkpoint['history'], more: Partial<Checkpoint>): Checkpoint['history'] {
  return historyWith({ ...newCheckpoint('mobaro/users'), run: 'run', history, ...more });
}

describe('historyWith', () => {
  it('makes one event of the same thing in one run, however often, with its first and last time', () => {
    let history: Checkpoint['history'] = [];
    for (const outcomeAt of [1000, 2000, 9000]) {
      const progress = progressOf({ startedAt: 500, pages: outcomeAt / 1000 });
      history = after(history, {
        outcome: 'waiting',
        outcomeAt,
        lastStatus: 429,
        reason: 'HTTP 429',
        progress,
      });
    }
    expect(history).toEqual([
      {
        began: 500,
        what: 'waiting',
        status: 429,
        reason: 'HTTP 429',
        times: 3,
        at: 1000,
        until: 9000,
        pages: 9,
        written: 0,
        deleted: 0,
      },
    ]);
  });

  it('does not tell the same write twice, nor a try that has only begun', () => {
    const history = after([], { outcome: 'complete', outcomeAt: 5, run: null });
    expect(after(history, { outcome: 'complete', outcomeAt: 5, run: null, allowed: 3 })).toBe(history);
    const lease = { holder: 'me', until: 9 };
    expect(after(history, { outcome: 'running', outcomeAt: 7, lease })).toBe(history);
  });

  it('keeps the last ones, and few of long words: a write is billed by the kilobyte', () => {
    let history: Checkpoint['history'] = [];
    for (let index = 0; index < 50; index += 1) {
      const progress = progressOf({ startedAt: index * 10 });
      const reason = `HTTP 503: ${'x'.repeat(300)}`;
      history = after(history, { outcome: 'exhausted', outcomeAt: index * 10 + 1, reason, progress });
    }
    expect(history.length).toBeLessThanOrEqual(maxEvents);
    expect(history.at(-1)?.began).toBe(490);
    expect(JSON.stringify(history).length).toBeLessThan(2500);
  });
});

describe('a reason in the history', () => {
  const told = (reason: string) => after([], { outcome: 'waiting', outcomeAt: 1, reason })[0]?.reason;
  const words = (length: number) => 'word '.repeat(20).slice(0, length);

  it.each([
    ['HTTP 503', 'HTTP 503'],
    ['x'.repeat(80), 'x'.repeat(80)],
    // Its last word ends, or begins, just where the room does.
    [`${words(75)}abcd efgh`, `${words(75)}abcd…`],
    [`${words(75)}abcde fgh`, `${words(74)}…`],
    [`${words(75)}a b c d e f`, `${words(75)}a b…`],
    // Signs before a word that is left out go with it.
    [`${words(70).trim()}; otherwise so`, `${words(69)}…`],
    [`${words(70)}(otherwise)`, `${words(69)}…`],
    // One word.
    ['x'.repeat(81), `${'x'.repeat(79)}…`],
    [`${'x'.repeat(78)}🙂🙂`, `${'x'.repeat(78)}…`],
    [
      'longer than maxPageMb (400 MB): 419,430,401 bytes or more; pageSize was 100; the next probe requests 50',
      'longer than maxPageMb (400 MB): 419,430,401 bytes or more; pageSize was 100…',
    ],
  ])('ends with a whole word: %j', (reason, short) => {
    expect(told(reason)).toBe(short);
    expect(short.length).toBeLessThanOrEqual(80);
  });
});

describe('the history of a stream', () => {
  it('is one event for a quiet run, and tells its waits beside', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(60) });
    await world.tick();
    await world.drain();
    let refusals = 3;
    const whole = mobaroWith(60);
    world.vendor.handle((request) => (refusals-- > 0 ? { status: 503 } : whole(request)));
    await world.clock.advance(900_000);
    await world.tick();
    await world.drain();

    const { history } = await world.checkpoint();
    expect(history.map(({ what, times, status }) => [what, times, status])).toEqual([
      ['complete', 1, 200],
      ['waiting', 3, 503],
      ['complete', 1, 200],
    ]);
    expect(new Set(history.map(({ began }) => began)).size).toBe(2);
  });
});
