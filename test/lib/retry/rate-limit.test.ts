import { describe, expect, it } from 'vitest';

import { rateLimitSeen } from '../../../lib/retry/rate-limit.ts';

const receivedAt = Date.parse('2026-03-01T12:00:00.400Z');
const reset = Date.parse('2026-03-01T12:00:30Z') / 1000;

const week = 7 * 24 * 3600;

const full = {
  'x-ratelimit-limit': '50',
  'x-ratelimit-remaining': '12',
  'x-ratelimit-reset': String(reset),
};

describe('what an answer says of the limit', () => {
  it("is read with its reset on the answer's own clock", () => {
    expect(rateLimitSeen(full, receivedAt)).toEqual({
      limit: 50,
      remaining: 12,
      windowMs: null,
      window: { remaining: 12, reset, resetAt: receivedAt + 29_600 },
    });
    const date = 'Sun, 01 Mar 2026 12:00:10 GMT';
    expect(rateLimitSeen({ ...full, date }, receivedAt).window?.resetAt).toBe(receivedAt + 20_000);
  });

  it.each([
    ['no header at all', {}, null],
    ['no reset', { ...full, 'x-ratelimit-reset': '' }, 50],
    ['no rest', { ...full, 'x-ratelimit-remaining': '-1' }, 50],
    ['a reset that is past', { ...full, 'x-ratelimit-reset': String(reset - 60) }, 50],
    ['a reset in words', { ...full, 'x-ratelimit-reset': 'soon' }, 50],
    ['a reset of more than a week', { ...full, 'x-ratelimit-reset': String(reset - 29 + week) }, 50],
    ['a limit beyond all counting', { 'x-ratelimit-limit': '1234567890123456' }, null],
    [
      'words',
      { 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': 'few', 'x-ratelimit-reset': 'soon' },
      null,
    ],
  ])('is no window with %s', (_, headers, limit) => {
    expect(rateLimitSeen(headers, receivedAt)).toMatchObject({ limit, windowMs: null, window: null });
  });

  it('is believed from this very moment to a week ahead', () => {
    const date = 'Sun, 01 Mar 2026 12:00:30 GMT';
    expect(rateLimitSeen({ ...full, date }, receivedAt).window?.resetAt).toBe(receivedAt);
    const later = { ...full, date, 'x-ratelimit-reset': String(reset + week) };
    expect(rateLimitSeen(later, receivedAt).window?.resetAt).toBe(receivedAt + week * 1000);
  });

  it('is read on our clock where that of the answer does not go together with it', () => {
    const date = 'Sun, 01 Mar 2026 13:00:00 GMT';
    expect(rateLimitSeen({ ...full, date }, receivedAt).window?.resetAt).toBe(receivedAt + 29_600);
  });

  it.each([
    ['the longest first', { 'x-ratelimit-reset': '30', 'x-ratelimit-reset-after': '20' }],
    ['the longest last', { 'x-ratelimit-reset': '20', 'x-ratelimit-reset-after': '30' }],
  ])('ends with the last of several resets: %s', (_, resets) => {
    expect(rateLimitSeen({ ...full, ...resets }, receivedAt).window?.resetAt).toBe(receivedAt + 30_000);
  });

  it.each([
    ['before it', { 'x-ratelimit-limit-day': '1000', ...full }],
    ['behind it', { ...full, 'x-ratelimit-limit-day': '1000' }],
  ])('is that of the limit that names its reset, whether one that does not comes %s', (_, headers) => {
    expect(rateLimitSeen(headers, receivedAt)).toMatchObject({ limit: 50, window: { remaining: 12 } });
  });

  it('may have space around it', () => {
    const spaced = Object.fromEntries(Object.entries(full).map(([name, value]) => [name, ` ${value} `]));
    expect(rateLimitSeen(spaced, receivedAt)).toEqual(rateLimitSeen(full, receivedAt));
  });

  it('takes no reset for one at the beginning of time, even if the clock of the vendor stands there', () => {
    const headers = { 'x-ratelimit-remaining': '12', date: new Date(0).toUTCString() };
    expect(rateLimitSeen(headers, receivedAt).window).toBeNull();
  });

  it.each([
    ['milliseconds', { ...full, 'x-ratelimit-reset': String(reset * 1000) }, null],
    ['a date', { ...full, 'x-ratelimit-reset': '2026-03-01T12:00:30Z' }, null],
    [
      'the names with another dash',
      { 'x-rate-limit-limit': '50', 'x-rate-limit-remaining': '12', 'x-rate-limit-reset': String(reset) },
      null,
    ],
    ['a policy in the limit', { ...full, 'x-ratelimit-limit': '50, 50;w=60' }, 60_000],
    ['a policy beside it', { ...full, 'ratelimit-policy': '50;w=10' }, 10_000],
    ['the policy of its limit', { ...full, 'ratelimit-policy': '1000;w=3600, 50;w=10' }, 10_000],
  ])('is the same in %s', (_, headers, windowMs) => {
    const window = { remaining: 12, reset, resetAt: receivedAt + 29_600 };
    expect(rateLimitSeen(headers as Readonly<Record<string, string>>, receivedAt)).toEqual({
      limit: 50,
      remaining: 12,
      windowMs,
      window,
    });
  });

  it.each([
    ['"d";q=100;w=0', null],
    ['"d";q=100;w=1e-10', null],
    ['"d";q=100;w=0.0000000001', null],
    ['"d";q=100;w=-1', null],
    ['"d";q=100;w=0.999', null],
    ['"d";q=100;w=1', 1000],
    ['"d";q=100;w=2678400', 2_678_400_000],
    ['"d";q=100;w=2678401', null],
    [`"d";q=100;w=${'9'.repeat(180)}`, null],
    [`"d";q=${'9'.repeat(180)};w=60`, 60_000],
    ['100;w=0', null],
    ['100;w="0"', null],
  ])('believes of the window in a policy of %s: %s', (policy, windowMs) => {
    const headers = { ratelimit: '"d";r=50;t=30', 'ratelimit-policy': policy };
    const seen = rateLimitSeen(headers, receivedAt);
    expect(seen.windowMs).toBe(windowMs);
    expect(seen.limit ?? 100).toBe(100);
    const inLimit = { ...full, 'x-ratelimit-limit': `100, ${policy.replace('"d"', '100')}` };
    expect(rateLimitSeen(inLimit, receivedAt)).toMatchObject({ limit: 100, windowMs });
  });

  it.each([
    ['seconds from now', { ...full, 'x-ratelimit-reset': '30' }, null],
    ['the same by name', { ...full, 'x-ratelimit-reset': '', 'x-ratelimit-reset-after': '30' }, null],
    ['the draft', { ratelimit: '"a";r=12;t=30', 'ratelimit-policy': '"a";q=50;w=60' }, 60_000],
    [
      'the draft, of two limits the one that is reset first',
      {
        ratelimit: '"day";r=900;t=5000, "a";r=12;t=30',
        'ratelimit-policy': '"day";q=1000;w=86400, "a";q=50;w=60',
      },
      60_000,
    ],
    [
      'its older form',
      { ratelimit: 'limit=50, remaining=12, reset=30', 'ratelimit-policy': '50;w=60' },
      60_000,
    ],
    [
      'its oldest form',
      { 'ratelimit-limit': '50, 50;w=60', 'ratelimit-remaining': '12', 'ratelimit-reset': '30' },
      60_000,
    ],
  ])('counts from the answer, whatever the clock of the vendor, in %s', (_, headers, windowMs) => {
    const resetAt = receivedAt + 30_000;
    const date = 'Sun, 01 Mar 2026 11:00:00 GMT';
    expect(rateLimitSeen({ ...(headers as Readonly<Record<string, string>>), date }, receivedAt)).toEqual({
      limit: 50,
      remaining: 12,
      windowMs,
      window: { remaining: 12, reset: resetAt / 1000, resetAt },
    });
  });
});
