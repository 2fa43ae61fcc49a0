import { describe, expect, it } from 'vitest';

import {
  followHeartbeats,
  hear,
  heardKey,
  HeardMeanwhileError,
  parseHeard,
  type Heard,
} from '../../../lib/changes/heartbeat.ts';
import { parseLine } from '../../../lib/changes/line.ts';
import { FakeLog } from '../../support/fakes/fake-log.ts';

const now = Date.UTC(2026, 10, 30, 9);
const source = 'arn:of:the:stream';
const { signal } = new AbortController();
const heard = (count: number, gapAt: string | null = null): Heard => {
  return { v: 1, source, count, at: new Date(now).toISOString(), gapAt };
};
const beat = (count: number, from = source) => ({ source: from, count, at: now });

describe('a heartbeat of the table', () => {
  it.each<[string, Heard | null, number, string, boolean | null]>([
    ['the first of all', null, 1, source, false],
    ['the first that is heard, and there were others', null, 7, source, true],
    ['the next', heard(7), 8, source, false],
    ['one that comes twice', heard(7), 7, source, null],
    ['one that comes late', heard(7), 5, source, null],
    ['one after another that is missing', heard(7), 9, source, true],
    ['the first of another stream, whose writes are no line of this one', heard(7), 1, 'other', true],
    ['the first that is heard of another stream, and there were others', heard(7), 2, 'other', true],
  ])('%s', (_, before, count, from, isGap) => {
    expect(hear(before, beat(count, from), now)?.isGap ?? null).toBe(isGap);
  });

  it('keeps when something was missing last', () => {
    const at = '2026-11-01T00:00:00.000Z';
    expect(hear(heard(7, at), beat(8), now)?.heard.gapAt).toBe(at);
    expect(hear(heard(7, at), beat(9), now)?.heard.gapAt).toBe('2026-11-30T09:00:00.000Z');
    expect(hear(heard(7, at), beat(1, 'other'), now)?.heard.gapAt).toBe('2026-11-30T09:00:00.000Z');
  });

  it('is not needed where what is published is nearly a day old: others before it are gone, perhaps', async () => {
    const log = new FakeLog(() => now);
    const deps = { log, clock: { now: () => now }, streams: ['bob/people'] };
    const late = { heartbeats: [], oldest: now - 23 * 3_600_000 };
    await followHeartbeats({ heartbeats: [beat(1)], oldest: now - 3_600_000 }, deps, signal);
    expect(await followHeartbeats({ heartbeats: [], oldest: now - 3_600_000 }, deps, signal)).toBe(false);
    expect(await followHeartbeats(late, deps, signal)).toBe(true);
    // Once, however many batches are as late.
    expect(await followHeartbeats(late, deps, signal)).toBe(false);
    expect([...log.objects.keys()].filter((key) => key.startsWith('changes/'))).toHaveLength(1);
    const later = { ...deps, clock: { now: () => now + 7_200_000 } };
    expect(await followHeartbeats(late, later, signal)).toBe(true);
  });

  it('tells readers of every stream where one is missing, and remembers it', async () => {
    const log = new FakeLog(() => now);
    const deps = { log, clock: { now: () => now }, streams: ['bob/people', 'mobaro/users'] };
    expect(await followHeartbeats({ heartbeats: [], oldest: null }, deps, signal)).toBe(false);
    expect(log.objects.size).toBe(0);
    expect(await followHeartbeats({ heartbeats: [beat(1), beat(2)], oldest: null }, deps, signal)).toBe(
      false,
    );
    expect([...log.objects.keys()]).toEqual([heardKey]);
    expect(await followHeartbeats({ heartbeats: [beat(2), beat(4)], oldest: null }, deps, signal)).toBe(true);
    const gaps = [...log.objects]
      .filter(([key]) => key.startsWith('changes/'))
      .map(([, [line]]) => parseLine(line!));
    expect(gaps.map(({ stream, op, id }) => [stream, op, id])).toEqual([
      ['bob/people', 'gap', ''],
      ['mobaro/users', 'gap', ''],
    ]);
    expect(parseHeard(log.objects.get(heardKey)![0]!)).toMatchObject({
      count: 4,
      gapAt: '2026-11-30T09:00:00.000Z',
    });
    expect(await followHeartbeats({ heartbeats: [beat(4), beat(5)], oldest: null }, deps, signal)).toBe(
      false,
    );
  });

  it('is not taken back by a publisher who is late with an earlier one', async () => {
    const log = new FakeLog(() => now);
    const deps = { log, clock: { now: () => now }, streams: ['bob/people'] };
    let goOn = (): void => undefined;
    const waits = new Promise<void>((resolve) => (goOn = resolve));
    const late = {
      put: log.put.bind(log),
      readVersion: log.readVersion.bind(log),
      replaceMarker: async (...given: Parameters<FakeLog['replaceMarker']>) => {
        await waits;
        return log.replaceMarker(...given);
      },
    };
    const first = followHeartbeats({ heartbeats: [beat(1)], oldest: null }, { ...deps, log: late }, signal);
    await followHeartbeats({ heartbeats: [beat(1)], oldest: null }, deps, signal);
    await followHeartbeats({ heartbeats: [beat(2)], oldest: null }, deps, signal);
    goOn();
    await expect(first).rejects.toThrow(HeardMeanwhileError);
    expect(await followHeartbeats({ heartbeats: [beat(1)], oldest: null }, deps, signal)).toBe(false);
    expect(await followHeartbeats({ heartbeats: [beat(3)], oldest: null }, deps, signal)).toBe(false);
    expect(parseHeard(log.objects.get(heardKey)![0]!)).toMatchObject({ count: 3, gapAt: null });
  });
});
