import { describe, expect, it } from 'vitest';

import { ago, clockInWords, duration, roughly } from '../../../lib/operations/words.ts';

describe('a time in words', () => {
  it.each([
    [-5, '0 s', '0 s'],
    [1, '1 s', '0 s'],
    [2001, '3 s', '2 s'],
    [60_000, '1 min', '1 min'],
    [125_000, '2 min 5 s', '2 min'],
    [3_600_000, '1 h', '1 h'],
    [40_800_000, '11 h 20 min', '11 h'],
    [4 * 86_400_000, '96 h', '4 d'],
  ])('of %i ms is at most %s, and roughly %s', (ms, words, rough) => {
    expect(duration(ms)).toBe(words);
    expect(roughly(ms)).toBe(rough);
    expect(ago(1000, 1000 + ms)).toBe(`${rough} ago`);
  });

  it.each([
    ['2026-11-30T16:54:59Z', '16:54 UTC'],
    ['2026-12-01T00:00:00Z', '2026-12-01 00:00 UTC'],
  ])('has its day only where that is another one: %s', (at, words) => {
    expect(clockInWords(Date.parse(at), Date.parse('2026-11-30T08:00:00Z'))).toBe(words);
  });
});
