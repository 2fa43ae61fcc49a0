import { describe, expect, it } from 'vitest';

import type { Changes } from '../../../lib/connectors/connector.ts';
import { changeTime, goesBackBehind, newestOf, sinceAfter, sinceText } from '../../../lib/paging/changes.ts';

const at = Date.parse('2026-03-29T01:30:00Z');

const changes = (over: Partial<Changes> = {}): Changes => ({
  ...{ path: ['changed'], format: 'instant', by: 'filter', query: { since: '{since}' } },
  ...over,
});

describe('the time at which a row has changed', () => {
  it.each([
    ['2026-03-29T01:30:00Z', at],
    ['2026-03-29T01:30:00.000Z', at],
    ['2026-03-29T01:30:00.123456Z', at + 123],
    ['2026-03-29T03:30:00+02:00', at],
    ['2026-03-28T20:30:00-0500', at],
    ['2026-03-29 01:30:00 Z', at],
    ['2026-03-29T02:30+01', at],
    // Of which zone is not known.
    ['2026-03-29T01:30:00', null],
    ['2026-02-31T99:30:00Z', null],
    ['2026-03-29', null],
    ['yesterday', null],
    ['1774747800', null],
    ['', null],
    [null, null],
  ])('is read of the instant %s', (text, expected) => {
    expect(changeTime(text, changes())).toBe(expected);
  });

  it('is of UTC without a zone where the definition says so, and of its own zone all the same', () => {
    expect(changeTime('2026-03-29 01:30:00', changes({ zone: 'UTC' }))).toBe(at);
    expect(changeTime('2026-03-29T03:30:00+02:00', changes({ zone: 'UTC' }))).toBe(at);
  });

  it.each([
    ['date', '2026-03-29', Date.parse('2026-03-29T00:00:00Z')],
    ['date', '2026-03-29T01:30:00Z', null],
    ['seconds', '1774747800', at],
    ['seconds', '1774747800.25', at + 250],
    ['seconds', '-1', null],
    ['milliseconds', '1774747800000', at],
    ['milliseconds', '2026-03-29T01:30:00Z', null],
  ] as const)('is read of %s: %s', (format, text, expected) => {
    expect(changeTime(text, changes({ format }))).toBe(expected);
  });
});

describe('since when changes are requested', () => {
  it.each([
    [{}, '2026-03-29T01:24:59Z'],
    [{ overlapSeconds: 0 }, '2026-03-29T01:29:59Z'],
    [{ overlapSeconds: 0, format: 'seconds' }, '1774747799'],
    [{ overlapSeconds: 0, format: 'milliseconds' }, '1774747799999'],
    [{ overlapSeconds: 0, format: 'date' }, '2026-03-28'],
    // The row knows its second, and the request no more than the day.
    [{ overlapSeconds: 0, sinceFormat: 'date' }, '2026-03-28'],
    [{ overlapSeconds: 0, format: 'seconds', sinceFormat: 'instant' }, '2026-03-29T01:29:59Z'],
  ] as const)('is a unit before what is known, and the overlap: %j', (over, expected) => {
    const one = changes(over);
    expect(sinceText(sinceAfter(at, one), one)).toBe(expected);
  });

  it('is never later than what is known, with fractions of a second neither', () => {
    const one = changes({ overlapSeconds: 0 });
    expect(Date.parse(sinceText(sinceAfter(at + 999, one), one))).toBeLessThan(at);
  });
});

describe('what the next run can build on', () => {
  it('is the greatest time, of those that had passed when the run began', () => {
    expect(newestOf([at - 2, null, at, at - 1, at + 1], at)).toBe(at);
    expect(newestOf([null, at + 1], at)).toBeNull();
    expect(newestOf([], at)).toBeNull();
  });
});

describe('a page that is given newest first', () => {
  it.each([
    ['goes back behind it', [at, at - 5, at - 11], true],
    ['does not go back far enough', [at, at - 5, at - 10], false],
    ['has a row that says no time', [at, null, at - 11], false],
    ['is in another order', [at - 11, at, at - 12], false],
    ['is empty', [], false],
  ])('%s', (_, times, expected) => {
    expect(goesBackBehind(times, at - 10)).toBe(expected);
  });
});
