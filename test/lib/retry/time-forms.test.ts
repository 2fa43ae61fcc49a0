import { afterEach, describe, expect, it, vi } from 'vitest';

import { parseDate, parseTime } from '../../../lib/retry/time-forms.ts';

const here = Date.parse('2026-11-22T03:00:00Z');
const waitIn = (text: string, there = here): number | undefined => parseTime(text, { there, here })?.wait;

describe('a wait with its unit', () => {
  it.each([
    ['500 milliseconds', 500],
    ['1 millisecond', 1],
    ['20ms', 20],
    ['0.4 ms', 1],
    ['1 second', 1000],
    ['3 secs', 3000],
    ['3 sec', 3000],
    ['1.25s', 1250],
    ['1 minute', 60_000],
    ['2 mins', 120_000],
    ['2 min', 120_000],
    ['0.75 minutes', 45_000],
    ['1 hour', 3_600_000],
    ['2 hours', 7_200_000],
    ['2 hrs', 7_200_000],
    ['1 hr', 3_600_000],
    ['1 day', 86_400_000],
    ['3 days', 259_200_000],
    ['1 Hour 30 Minutes', 5_400_000],
    ['1h2m3.5s', 3_723_500],
    ['PT30S', 30_000],
    ['pt2h', 7_200_000],
    ['P2D', 172_800_000],
    ['P10DT1H', 867_600_000],
    ['02:00:00', 7_200_000],
    ['00:00:01.2500000', 1250],
    ['100:00:00', 360_000_000],
  ])('is understood: %s', (text, ms) => {
    expect(parseTime(text, { there: 0, here })).toEqual({ wait: ms, at: null });
  });

  it.each([
    '',
    '""',
    'P',
    'PT',
    'P2DT',
    '1PT30S',
    '30 fortnights',
    '1.s',
    '00:01:30 hours',
    '1 00:01:30',
    '00:60:00',
    '00:00:60',
    '1"30"',
    '"30"1',
    '"30',
    `"30'`,
  ])('is no wait: %j', (text) => {
    expect(parseTime(text, { there: here, here })).toBeNull();
  });

  it.each([' "30" ', '" 30 "', `'30s '`])('may have space around it and around its quotes: %j', (text) => {
    expect(waitIn(text)).toBe(30_000);
  });
});

describe('a bare number', () => {
  it.each([
    ['is a wait below a thousand million', '999999999', null],
    ['is a moment in seconds from there on', '1000000000', 1e12],
    ['is one in seconds for as long as they have eleven digits', '99999999999', 99_999_999_999_000],
    ['is one in milliseconds from there on', '100000000000', 1e11],
    ['is one in milliseconds for as long as they have fourteen digits', '99999999999999', 99_999_999_999_999],
    ['is one in microseconds from there on', '100000000000000', 1e11],
    ['is one in microseconds with seventeen digits', '10000000000000000', 1e13],
    ['is one in nanoseconds from there on', '100000000000000000', 1e11],
  ])('%s: %s', (_, text, at) => {
    expect(parseTime(text, { there: here, here })?.at).toBe(at);
  });

  it('counts what the header has in its name, but for a moment', () => {
    expect(parseTime('1500', { there: here, here }, 1)).toEqual({ wait: 1500, at: null });
    expect(parseTime('1500', { there: here, here })).toEqual({ wait: 1_500_000, at: null });
    const moment = { wait: 5000, at: here + 5000 };
    expect(parseTime(String(here / 1000 + 5), { there: here, here }, 1)).toEqual(moment);
  });
});

describe('a moment', () => {
  const moment = (offset: number): string => new Date(here + offset * 1000).toUTCString();

  it.each([
    ['that has passed by a minute by the clock of the vendor has come', 3540, 3600, -60],
    ['that has passed by more than a minute is one of our clock', 3540, 3601, 3540],
    ['of a minute ahead by ours may be one of our clock', 60, 80, 60],
    ['of more than a minute ahead by ours has come', 61, 81, -20],
    ['that comes this very second has come', 3600, 3600, 0],
  ])('%s', (_, at, ahead, wait) => {
    expect(waitIn(moment(at), here + ahead * 1000)).toBe(wait * 1000);
  });
});

describe('a date', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    'Sun Nov 22 03:00:30 2026',
    '2026-11-22T03:00:30',
    '2026-11-22t03:00:30',
    '2026-11-22 03:00:30',
    '2026-11-22 03:00:30.000',
    'Sun, 22 Nov 2026 03:00:30 UT',
    'sun, 22 nov 2026 03:00:30 gmt',
    'sun nov 22 2026 04:00:30 gmt+0100 (central european time)',
    'Sat Nov 21 2026 22:00:30 GMT-0500 (Eastern Standard Time)',
    '2026-11-22 04:00:30+01:00',
    '2026-11-22t03:00:30z',
  ])('is the same wherever this runs: %s', (text) => {
    for (const timeZone of ['UTC', 'America/St_Johns']) {
      vi.stubEnv('TZ', timeZone);
      expect(parseDate(text)).toBe(here + 30_000);
    }
  });

  it.each([undefined, '', '2026-11-22', '2026-11-22T03:00:30Z (so)', 'Sun Nov 22 03:00:30 2026 (so)'])(
    'is none: %s',
    (text) => {
      expect(parseDate(text)).toBeNull();
    },
  );
});

describe('a text of more than 200 characters', () => {
  const dated = (words: number): string => `Sun Nov 22 2026 03:00:30 GMT+0000 (${'a'.repeat(words)})`;

  it('is no date, whatever it says', () => {
    expect([dated(164).length, dated(165).length]).toEqual([200, 201]);
    expect(parseDate(dated(164))).toBe(here + 30_000);
    expect(parseDate(dated(165))).toBeNull();
  });
});
