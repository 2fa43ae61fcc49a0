import { describe, expect, it } from 'vitest';

import type { RunProgress } from '../../../lib/sync/checkpoint.ts';
import { afterTooLong, pageSizeOf } from '../../../lib/sync/page-size.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { madeUp } from '../../support/made-up-vendor.ts';
import { progressOf } from '../../support/progress.ts';
import { streamNamed } from '../../support/streams.ts';

const byOffset = (pageSize: number | null): Stream => streamNamed('mobaro/users', { settings: { pageSize } });
const byCursor = (pageSize: number): Stream =>
  streamNamed('made-up/hiring', { connector: madeUp, settings: { pageSize } });
const inOne = streamNamed('bob/people');

function run(smaller?: RunProgress['smaller']) {
  return { sequence: 7, progress: progressOf(smaller && { smaller }) };
}

describe('how many rows a page is asked for', () => {
  it('is what the settings say, and what the vendor takes without them', () => {
    expect(pageSizeOf({ progress: null }, byOffset(50))).toBe(50);
    expect(pageSizeOf(run(), byOffset(null))).toBe(20);
    expect(pageSizeOf(run(), inOne)).toBeNull();
  });

  it('is what a page that was too long has left of it, unless the settings say less', () => {
    expect(pageSizeOf(run({ rows: 25, at: 1 }), byOffset(100))).toBe(25);
    expect(pageSizeOf(run({ rows: 25, at: 1 }), byOffset(10))).toBe(10);
  });
});

describe('a page that was too long', () => {
  it.each([
    [byOffset(100), 50],
    [byOffset(3), 2],
    [byCursor(3), 1],
  ])('is requested once more with half of its rows', (stream, half) => {
    const { pageSize } = stream.settings;
    expect(afterTooLong(run(), stream)).toEqual({
      smaller: { rows: half, at: 7 },
      isTriedAgain: true,
      advice: `pageSize was ${pageSize}; it is requested once more with ${half}`,
    });
  });

  it('is left to a probe the second time, which asks for half of that', () => {
    expect(afterTooLong(run({ rows: 50, at: 7 }), byOffset(100))).toEqual({
      smaller: { rows: 25, at: 7 },
      isTriedAgain: false,
      advice: 'pageSize was 50; the next probe requests 25',
    });
  });

  it('has its own second try where an earlier one had its', () => {
    expect(afterTooLong(run({ rows: 50, at: 3 }), byOffset(100))).toMatchObject({
      smaller: { rows: 25, at: 7 },
      isTriedAgain: true,
    });
  });

  it.each([
    [byOffset(2), 'pageSize was 2 and cannot be halved'],
    [byOffset(1), 'pageSize was 1 and cannot be halved'],
    [byCursor(1), 'pageSize was 1 and cannot be halved'],
    [inOne, 'the vendor takes no pageSize here'],
  ])('is not asked for again where it cannot be smaller', (stream, why) => {
    const remedy = 'a larger maxPageMb, with the memoryMb for it, lets it through';
    expect(afterTooLong(run(), stream)).toEqual({ isTriedAgain: false, advice: `${why}; ${remedy}` });
  });
});
