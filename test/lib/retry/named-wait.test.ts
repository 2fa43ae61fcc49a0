import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { limitMet, namedWait } from '../../../lib/retry/named-wait.ts';
import { cpuMs } from '../../support/cpu-time.ts';

const receivedAt = Date.parse('2026-11-22T03:00:00Z');
const seconds = (offset: number): string => String(receivedAt / 1000 + offset);
const httpDate = (offset: number): string => new Date(receivedAt + offset * 1000).toUTCString();
const waitOf = (status: number, headers: Readonly<Record<string, string>>, at = receivedAt): number | null =>
  namedWait(status, headers, at).ms;
const remarkOf = (headers: Readonly<Record<string, string>>): string | null =>
  namedWait(429, headers, receivedAt).remark;

describe('the wait that a vendor names', () => {
  it.each([
    ['whole seconds', { 'retry-after': '30' }, 30_000],
    ['seconds with space around them', { 'retry-after': ' 3 ' }, 3000],
    ['no wait at all', { 'retry-after': '0' }, 0],
    ['a fraction, rounded up', { 'retry-after': '1.2345' }, 1235],
    ['an HTTP-date', { 'retry-after': httpDate(45) }, 45_000],
    ['the obsolete RFC 850 date', { 'retry-after': 'Sunday, 22-Nov-26 03:00:10 GMT' }, 10_000],
    ['the obsolete asctime date', { 'retry-after': 'Sun Nov 22 03:00:07 2026' }, 7000],
    ['a date with space around it', { 'retry-after': ` ${httpDate(45)} ` }, 45_000],
    ['a reset in epoch seconds', { 'x-ratelimit-reset': seconds(12) }, 12_000],
    ['a reset with a fraction of a second', { 'x-ratelimit-reset': `${seconds(12)}.25` }, 12_250],
    ['a reset with space around it', { 'x-ratelimit-reset': ` ${seconds(12)} ` }, 12_000],
    ['the longer of the two', { 'retry-after': '5', 'x-ratelimit-reset': seconds(20) }, 20_000],
    ['the longer, the other way about', { 'retry-after': '50', 'x-ratelimit-reset': seconds(20) }, 50_000],
    [
      'one that can be read beside one that cannot',
      { 'retry-after': 'soon', 'x-ratelimit-reset': seconds(9) },
      9000,
    ],
    ['seven days, just believable', { 'retry-after': '604800' }, 604_800_000],
  ])('is understood: %s', (_, headers, expected) => {
    expect(waitOf(429, headers, receivedAt)).toBe(expected);
  });

  it.each([
    ['nothing said', {}],
    ['a negative number', { 'retry-after': '-5' }],
    ['words', { 'retry-after': 'later' }],
    ['an empty value', { 'retry-after': '' }],
    ['a date that Date.parse would take', { 'retry-after': 'November 2026' }],
    ['a number as JavaScript would write it', { 'retry-after': '1e1' }],
    ['words before a date', { 'retry-after': `not before ${httpDate(30)}` }],
    ['words behind a date', { 'retry-after': `${httpDate(30)} (at least)` }],
    ['words before an RFC 850 date', { 'retry-after': 'not before Sunday, 22-Nov-26 03:00:10 GMT' }],
    ['words behind an RFC 850 date', { 'retry-after': 'Sunday, 22-Nov-26 03:00:10 GMT (at least)' }],
    ['words before an asctime date', { 'retry-after': 'not before Sun Nov 22 03:00:07 2026' }],
    ['words behind an asctime date', { 'retry-after': 'Sun Nov 22 03:00:07 2026 (at least)' }],
    ['a date that does not exist', { 'retry-after': 'Sun, 45 Nov 2026 03:00:00 GMT' }],
    ['a date that has passed', { 'retry-after': httpDate(-5) }],
    ['more than seven days', { 'retry-after': '604801' }],
    ['a reset that has passed', { 'x-ratelimit-reset': seconds(-1) }],
    ['a reset with a sign', { 'x-ratelimit-reset': `+${seconds(5)}` }],
    ['a reset in hexadecimal', { 'x-ratelimit-reset': `0x${(receivedAt / 1000 + 5).toString(16)}` }],
  ])('is ignored, and not fatal: %s', (_, headers) => {
    expect(waitOf(429, headers, receivedAt)).toBeNull();
  });

  it("measures moments against the answer's own clock, so that a skew cancels out", () => {
    const skewed = httpDate(3600);
    expect(waitOf(429, { date: skewed, 'retry-after': httpDate(3630) }, receivedAt)).toBe(30_000);
    expect(waitOf(429, { date: ` ${skewed} `, 'x-ratelimit-reset': seconds(3660) }, receivedAt)).toBe(60_000);
  });

  it.each([
    ['an hour ahead of the reset', 3600, { 'x-ratelimit-reset': seconds(60) }, 60_000],
    ['an hour ahead of the date', 3600, { 'retry-after': httpDate(45) }, 45_000],
    ['an hour ahead of a wait of most of it', 3600, { 'retry-after': httpDate(3000) }, 3_000_000],
    ['a day ahead', 86_400, { 'retry-after': httpDate(7200) }, 7_200_000],
    ['a little ahead', 40, { 'x-ratelimit-reset': seconds(30) }, 30_000],
    ['an hour ahead of ISO 8601', 3600, { 'retry-after': '2026-11-22T03:00:30Z' }, 30_000],
    ['an hour ahead of milliseconds', 3600, { 'x-rate-limit-reset': String(receivedAt + 5000) }, 5000],
    ['years behind', -1e9, { 'x-ratelimit-reset': seconds(60) }, 60_000],
    ['weeks behind', -30 * 86_400, { 'retry-after': httpDate(90) }, 90_000],
    ['weeks behind, and a week to come', -30 * 86_400, { 'retry-after': httpDate(604_801) }, null],
    ['an hour ahead, and a moment that has passed', 3600, { 'retry-after': httpDate(-10) }, null],
    ['an hour ahead as all of it is, and just passed', 3600, { 'x-ratelimit-reset': seconds(3599) }, null],
    ['a day behind as all of it is, and just passed', -86_400, { 'retry-after': httpDate(-86_405) }, null],
    ['a day ahead as all of it is', 86_400, { 'retry-after': httpDate(86_430) }, 30_000],
    ['a day behind as all of it is', -86_400, { 'retry-after': httpDate(-86_370) }, 30_000],
    ['an hour ahead, which a count does not look at', 3600, { 'retry-after': '30' }, 30_000],
  ])('is not cancelled by a clock that does not go together with it: %s', (_, ahead, headers, wait) => {
    expect(waitOf(429, { ...headers, date: httpDate(ahead) })).toBe(wait);
  });

  it('takes nothing for the beginning of time, even if the clock of the vendor stands there', () => {
    const date = new Date(0).toUTCString();
    expect(waitOf(429, { date, 'retry-after': 'soon' }, receivedAt)).toBeNull();
  });

  it('never throws, and never names a wait that is negative or beyond a week', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (after, reset, date) => {
        const wait = waitOf(429, { 'retry-after': after, 'x-ratelimit-reset': reset, date }, receivedAt);
        return wait === null || (wait >= 0 && wait <= 604_800_000);
      }),
    );
  });
});

describe('a Retry-After as vendors write it', () => {
  it.each([
    ['"30"', 30_000],
    ["'30'", 30_000],
    ['0.5', 500],
    ['30s', 30_000],
    ['30 seconds', 30_000],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['2 minutes', 120_000],
    ['PT1M30S', 90_000],
    ['P1DT1H', 90_000_000],
    ['00:01:30', 90_000],
    ['30, 30', 30_000],
    ['30, 60', 60_000],
    ['soon, 30', 30_000],
    ['1,5', 5000],
    ['1,000', 1_000_000],
    ['"1,000"', 1_000_000],
    ['1,000s', 1_000_000],
    ['1,500.5', 1_500_500],
    ['30, 1,200', 1_200_000],
    ['5, 000', 5000],
    ['1,2000', 2_000_000],
    ['90,000', 90_000_000],
    [`${httpDate(30)}, ${httpDate(40)}`, 40_000],
    [`5, ${httpDate(40)}`, 40_000],
    [String(receivedAt / 1000 + 30), 30_000],
    [String(receivedAt + 30_000), 30_000],
    [`${receivedAt + 30_000}000`, 30_000],
    [`${receivedAt + 30_000}000000`, 30_000],
    ['Sun, 22 Nov 2026 03:00:30 UTC', 30_000],
    ['Sun, 22 Nov 2026 03:00:30 UT', 30_000],
    ['Sun, 22 Nov 2026 03:00:30 +0000', 30_000],
    ['Sun, 22 Nov 2026 04:00:30 +0100', 30_000],
    ['sun, 22 nov 2026 03:00:30 gmt', 30_000],
    ['22 Nov 2026 03:00:30 GMT', 30_000],
    ['Sunday, 22-Nov-26 03:00:30 UTC', 30_000],
    ['Sunday, 22-Nov-2026 03:00:30 GMT', 30_000],
    ['Sun Nov 22 03:00:30 UTC 2026', 30_000],
    ['Sun Nov 22 2026 03:00:30 GMT+0000 (Coordinated Universal Time)', 30_000],
    ['2026-11-22T03:00:30Z', 30_000],
    ['2026-11-22T04:00:30.5+01:00', 30_500],
    ['2026-11-22T03:00:30', 30_000],
    ['2026-11-22 03:00:30 UTC', 30_000],
    ['Tue Nov 24 03:00:00 2026', 172_800_000],
  ])('is understood: %s', (value, expected) => {
    expect(waitOf(429, { 'retry-after': value })).toBe(expected);
  });

  it('may stand under other names', () => {
    expect(waitOf(429, { 'retry-after-ms': '1500' })).toBe(1500);
    expect(waitOf(429, { 'x-ms-retry-after-ms': '1500' })).toBe(1500);
    expect(waitOf(429, { 'x-retry-after': '7' })).toBe(7000);
    expect(waitOf(429, { 'x-ratelimit-retry-after': '7' })).toBe(7000);
  });

  it('is read in a moment, however long it is', () => {
    const ms = cpuMs(() => {
      expect(waitOf(429, { 'retry-after': ','.repeat(16_000), ratelimit: '"'.repeat(16_000) })).toBeNull();
      expect(waitOf(429, { 'retry-after': `${'1m'.repeat(8000)}x` })).toBeNull();
    });
    expect(ms).toBeLessThan(200);
  });
});

describe('a header of 16 KB', () => {
  const long = 15_900;
  const values = {
    'digits that no unit follows': `${'1'.repeat(long)}x`,
    'digits behind a point': `1.${'1'.repeat(long)}x`,
    'letters that no sign follows': 'a'.repeat(long),
    'words with much between them': 'a \t'.repeat(long / 3),
    'spaces in a number': `1${' '.repeat(long)}x`,
    'quotes that do not close': '"a,'.repeat(long / 3),
    'days of a week': 'Mon'.repeat(long / 3),
    semicolons: ';'.repeat(long),
    'a date with much in brackets': `Sun Nov 22 2026 03:00:30 GMT+0000 (${' '.repeat(long)}`,
    'parts of a duration': `PT${'1h '.repeat(long / 3)}!`,
  };
  const names = ['retry-after', 'x-ratelimit-reset', 'x-ratelimit-limit', 'x-ratelimit-remaining'].concat(
    'ratelimit',
    'ratelimit-policy',
    'date',
  );

  it.each(Object.entries(values))('costs nothing, and says nothing: %s', (_, value) => {
    const ms = cpuMs(() => {
      for (const name of names) {
        expect(waitOf(429, { [name]: value })).toBeNull();
        expect(waitOf(429, { 'retry-after': '30', [name]: value })).toBe(
          name === 'retry-after' ? null : 30_000,
        );
      }
    });
    expect(ms).toBeLessThan(100);
  });

  it('is not read either where what it says could be', () => {
    expect(waitOf(429, { 'retry-after': `30${' '.repeat(long)}` })).toBeNull();
    expect(remarkOf({ 'retry-after': `${'0'.repeat(200)}30` })).toContain('not understood');
    expect(waitOf(429, { 'retry-after': `${'0'.repeat(198)}30` })).toBe(30_000);
    expect(waitOf(429, { 'retry-after': '30, '.repeat(124) + '30' })).toBe(30_000);
    expect(waitOf(429, { 'retry-after': '30, '.repeat(20) + '90' })).toBe(30_000);
  });
});

describe('a reset as vendors write it', () => {
  it.each([
    [{ 'x-ratelimit-reset': String(receivedAt + 5000) }, 5000],
    [{ 'x-ratelimit-reset': '30' }, 30_000],
    [{ 'x-ratelimit-reset': '0.345' }, 345],
    [{ 'x-ratelimit-reset': '2026-11-22T03:00:30Z' }, 30_000],
    [{ 'x-ratelimit-reset': httpDate(30) }, 30_000],
    [{ 'x-ratelimit-reset': `${seconds(30)}, ${seconds(30)}` }, 30_000],
    [{ 'x-rate-limit-reset': seconds(30) }, 30_000],
    [{ 'x-rate-limit-reset-after': '30' }, 30_000],
    [{ 'x-ratelimit-reset-after': '30.5' }, 30_500],
    [{ 'x-ratelimit-reset-ms': '30000' }, 30_000],
    [{ 'x-ratelimit-reset-ms': String(receivedAt + 30_000) }, 30_000],
    [{ 'ratelimit-reset': '30' }, 30_000],
    [{ 'ratelimit-reset': seconds(30), 'ratelimit-resettime': httpDate(30) }, 30_000],
    [{ 'x-ratelimit-reset-requests': '6m0s', 'x-ratelimit-reset-tokens': '20ms' }, 360_000],
    [{ ratelimit: 'limit=100, remaining=50, reset=30' }, 30_000],
    [{ ratelimit: 'limit=100;remaining=0;reset=30' }, 30_000],
    [{ ratelimit: '"default";r=0;t=30' }, 30_000],
    [{ ratelimit: '"burst";r=40;t=5, "day, in all";r=0;t=30' }, 30_000],
    [{ 'x-ratelimit-reset': seconds(20), ratelimit: '"default";t=30' }, 30_000],
    [{ 'x-ratelimit-reset': seconds(20), 'retry-after': '30', 'x-ratelimit-reset-after': '25' }, 30_000],
  ])('is understood in a 429: %j', (headers, expected) => {
    expect(waitOf(429, headers as Readonly<Record<string, string>>)).toBe(expected);
  });

  it('of a limit that has something left is not waited for beside one that has not', () => {
    const ratelimit = '"minute";r=0;t=30, "day";r=4000;t=50000';
    expect(waitOf(429, { ratelimit })).toBe(30_000);
    expect(waitOf(200, { ratelimit })).toBe(30_000);
    expect(waitOf(200, { ratelimit: '"minute";r=3;t=30' })).toBeNull();
    expect(waitOf(200, { ratelimit: 'limit=9, remaining=0, reset=30' })).toBe(30_000);
    expect(waitOf(200, { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '30' })).toBe(30_000);
  });
});

describe('a wait that is not believed', () => {
  it.each([
    ['more than seven days', { 'retry-after': '604801' }, '604,801 s'],
    ['a year', { 'x-ratelimit-reset': seconds(31_536_000) }, '31,536,000 s'],
    ['a number that is neither', { 'retry-after': '999999999' }, '999,999,999 s'],
    ['a moment of long ago', { 'retry-after': new Date(0).toUTCString() }, 'ago'],
    ['a moment of some minutes ago', { 'x-ratelimit-reset': seconds(-61) }, 'was 61 s ago'],
    ['a moment of an hour ago', { 'retry-after': httpDate(-3600) }, 'was 3,600 s ago'],
    ['the same by its own clock', { date: httpDate(-60), 'retry-after': httpDate(-3660) }, 'was 3,600 s ago'],
    ['words', { 'retry-after': 'later' }, 'not understood'],
    ['less than nothing', { 'retry-after': '-5' }, 'not understood'],
    ['words in a reset', { 'x-rate-limit-reset': 'soon' }, 'not understood'],
  ])('is told, as what it is: %s', (_, headers, words) => {
    expect(waitOf(429, headers)).toBeNull();
    expect(remarkOf(headers)).toContain(words);
  });

  it('is told also where another one is waited for', () => {
    const headers = { 'retry-after': '700000', 'x-ratelimit-reset': seconds(60) };
    expect(waitOf(429, headers)).toBe(60_000);
    expect(remarkOf(headers)).toContain('700,000 s');
  });

  it.each([
    ['nothing said', {}],
    ['a wait as ever', { 'retry-after': '30' }],
    ['a day', { 'retry-after': '86400' }],
    ['a moment that has just passed', { 'retry-after': httpDate(-5) }],
    ['one that has passed by a minute', { 'x-ratelimit-reset': seconds(-60) }],
    ['one that has passed beside a wait', { 'retry-after': '30', 'x-ratelimit-reset': seconds(-3600) }],
    ['words beside a wait', { 'retry-after': 'soon', 'x-ratelimit-reset': seconds(9) }],
    ['a header of no meaning', { 'x-ratelimit-resource': 'core', 'x-ratelimit-limit': 'many' }],
  ])('is none, and nothing is told: %s', (_, headers) => {
    expect(remarkOf(headers)).toBeNull();
  });

  it.each([200, 302, 399])('is not told of a %i, from which nothing follows', (status) => {
    expect(namedWait(status, { 'retry-after': 'later' }, receivedAt)).toEqual({ ms: null, remark: null });
  });

  it.each([400, 429, 503])('is told of a %i', (status) => {
    expect(namedWait(status, { 'retry-after': 'later' }, receivedAt).remark).toContain('not understood');
  });

  it('is told as the last of several moments that have passed', () => {
    const headers = { 'x-ratelimit-reset': seconds(-7200), 'retry-after': httpDate(-3600) };
    expect(remarkOf(headers)).toBe('the vendor asks to wait for a moment that was 3,600 s ago');
    expect(remarkOf({ ...headers, 'x-ratelimit-reset': seconds(-5) })).toBeNull();
  });

  it('is believed up to seven days, and told from a day on', () => {
    expect(remarkOf({ 'retry-after': '604800' })).toBe('the vendor asks for a wait of 604,800 s');
    expect(remarkOf({ 'retry-after': '86401' })).toBe('the vendor asks for a wait of 86,401 s');
  });
});

describe('a limit that was met', () => {
  it.each([
    [{}, null],
    [{ 'retry-after': '' }, null],
    [{ 'x-ratelimit-remaining': '3' }, null],
    [{ 'x-ratelimit-reset': '30' }, null],
    [{ 'retry-after': '5' }, 'come later'],
    [{ 'retry-after': 'later' }, 'come later'],
    [{ 'retry-after-ms': '500', 'x-ratelimit-remaining': '0' }, 'come later'],
    [{ 'x-ratelimit-remaining': '0' }, 'nothing left'],
    [{ ratelimit: '"default";r=0;t=30' }, 'nothing left'],
    [{ 'x-rate-limit-remaining': '0.0' }, 'nothing left'],
    [{ 'x-ratelimit-remaining-requests': '0' }, 'nothing left'],
    [{ 'x-ratelimit-remaining': '5, 0' }, 'nothing left'],
  ])('of a 4xx with %j is: %s', (headers, met) => {
    const said = headers as Readonly<Record<string, string>>;
    for (const status of [400, 403, 409, 420, 422, 499]) expect(limitMet(status, said)).toBe(met);
    for (const status of [200, 302, 401, 404, 500, 503]) expect(limitMet(status, said)).toBeNull();
  });

  it('of a 403 that asks to come later the reset counts, too', () => {
    expect(waitOf(403, { 'retry-after': '5', 'x-ratelimit-reset': seconds(60) })).toBe(60_000);
    expect(waitOf(403, { 'x-ratelimit-reset': seconds(60) })).toBeNull();
  });
});

describe('the reset, which Bob sends along with every answer', () => {
  const reset = { 'x-ratelimit-reset': seconds(60) };

  it.each([
    [429, { ...reset, 'x-ratelimit-remaining': '3' }, 60_000],
    [200, { ...reset, 'x-ratelimit-remaining': '0' }, 60_000],
    [404, { ...reset, 'x-ratelimit-remaining': '0' }, 60_000],
    [200, { ...reset, 'x-ratelimit-remaining': ' 0 ' }, 60_000],
    [500, reset, 60_000],
    [503, reset, 60_000],
    [499, reset, null],
    [200, { ...reset, 'x-ratelimit-remaining': '3' }, null],
    [404, { ...reset, 'x-ratelimit-remaining': '3' }, null],
    [500, { ...reset, 'x-ratelimit-remaining': '3' }, null],
    [200, reset, null],
  ])('of a %i with %j means a wait of %s', (status, headers: Record<string, string>, expected) => {
    expect(waitOf(status, headers, receivedAt)).toBe(expected);
  });

  it.each([200, 404, 503])('does not hide a Retry-After of a %i', (status) => {
    expect(waitOf(status, { ...reset, 'x-ratelimit-remaining': '3', 'retry-after': '9' }, receivedAt)).toBe(
      9000,
    );
  });
});
