import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { namedWait } from '../../../lib/retry/named-wait.ts';

const receivedAt = Date.parse('2026-11-22T03:00:00Z');
const seconds = (offset: number): string => String(receivedAt / 1000 + offset);
const httpDate = (offset: number): string => new Date(receivedAt + offset * 1000).toUTCString();

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
    expect(namedWait(429, headers, receivedAt)).toBe(expected);
  });

  it.each([
    ['nothing said', {}],
    ['a negative number', { 'retry-after': '-5' }],
    ['words', { 'retry-after': 'later' }],
    ['an empty value', { 'retry-after': '' }],
    ['a date that Date.parse would take', { 'retry-after': 'November 2026' }],
    ['a number as JavaScript would write it', { 'retry-after': '1e1' }],
    ['a date as JSON has it', { 'retry-after': '2026-11-22T03:00:30Z' }],
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
    ['a reset in milliseconds', { 'x-ratelimit-reset': String(receivedAt + 5000) }],
  ])('is ignored, and not fatal: %s', (_, headers) => {
    expect(namedWait(429, headers, receivedAt)).toBeNull();
  });

  it("measures moments against the answer's own clock, so that a skew cancels out", () => {
    const skewed = httpDate(3600);
    expect(namedWait(429, { date: skewed, 'retry-after': httpDate(3630) }, receivedAt)).toBe(30_000);
    expect(namedWait(429, { date: ` ${skewed} `, 'x-ratelimit-reset': seconds(3660) }, receivedAt)).toBe(
      60_000,
    );
  });

  it('takes nothing for the beginning of time, even if the clock of the vendor stands there', () => {
    const date = new Date(0).toUTCString();
    expect(namedWait(429, { date, 'retry-after': 'soon' }, receivedAt)).toBeNull();
  });

  it('never throws, and never names a wait that is negative or beyond a week', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (after, reset, date) => {
        const wait = namedWait(429, { 'retry-after': after, 'x-ratelimit-reset': reset, date }, receivedAt);
        return wait === null || (wait >= 0 && wait <= 604_800_000);
      }),
    );
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
    expect(namedWait(status, headers, receivedAt)).toBe(expected);
  });

  it.each([200, 404, 503])('does not hide a Retry-After of a %i', (status) => {
    expect(
      namedWait(status, { ...reset, 'x-ratelimit-remaining': '3', 'retry-after': '9' }, receivedAt),
    ).toBe(9000);
  });
});
