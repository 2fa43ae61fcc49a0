import { describe, expect, it } from 'vitest';

import {
  readLimitHeaders,
  type Headers,
  type LimitHeaders,
  type LimitSaid,
} from '../../../lib/retry/limit-headers.ts';

const receivedAt = Date.parse('2026-11-22T03:00:00Z');
const nothing: LimitHeaders = { limits: [], hasRetryAfter: false, retryAfter: [], isUnreadable: false };
const said: LimitSaid = { limit: null, remaining: null, resets: [], windowMs: null };
const wait = (ms: number): { readonly wait: number; readonly at: null } => ({ wait: ms, at: null });
const read = (headers: Headers): LimitHeaders => readLimitHeaders(headers, receivedAt);
/** Of a table whose rows have headers of different names. */
const limitsIn = (headers: object): readonly LimitSaid[] => read(headers as Headers).limits;

describe('the headers in which vendors speak of their limits', () => {
  it.each([
    ['content-type', 'application/json'],
    ['retry-after', ' '],
    ['x-ratelimit-reset', ' '],
    ['x-ratelimit-limit', ''],
    ['x-worker-retry-after', '30'],
    ['retry-after-hint', '30'],
    ['x-app-x-ratelimit-reset', '30'],
    ['x-ratelimit-resets', '30'],
    ['x-app-rate-limit-limit', '100'],
    ['x-ratelimit-limits', '100'],
    ['x-ratelimit-resource', 'core'],
    ['x-app-ratelimit', '"a";r=0;t=30'],
    ['x-ratelimited', '"a";r=0;t=30'],
  ])('do not include %s: %s', (name, value) => {
    expect(read({ [name]: value })).toEqual(nothing);
  });

  it.each(['x-app-ratelimit-policy', 'ratelimit-policy-version'])('have no policy in %s', (name) => {
    expect(limitsIn({ ratelimit: '"a";r=5;t=30', [name]: '"a";q=100;w=60' })).toEqual([
      { ...said, remaining: 5, resets: [wait(30_000)] },
    ]);
  });

  it.each([
    ['retry-after', 30_000],
    ['x-retry-after', 30_000],
    ['ratelimit-retry-after', 30_000],
    ['x-rate-limit-retry-after', 30_000],
    ['retry-after-ms', 30],
    ['x-ms-retry-after-ms', 30],
  ])('ask to come again later in %s', (name, ms) => {
    expect(read({ [name]: '30' })).toEqual({ ...nothing, hasRetryAfter: true, retryAfter: [wait(ms)] });
  });

  it.each([
    ['x-ratelimit-reset', 30_000],
    ['x-rate-limit-reset', 30_000],
    ['ratelimit-reset', 30_000],
    ['x-ratelimit-reset-after', 30_000],
    ['x-ratelimit-reset-at', 30_000],
    ['x-ratelimit-reset-epoch', 30_000],
    ['x-ratelimit-reset-seconds', 30_000],
    ['x-ratelimit-reset-time', 30_000],
    ['x-ratelimit-resettime', 30_000],
    ['x-ratelimit-reset-ms', 30],
    ['x-ratelimit-reset-ms-tokens', 30],
    ['x-ratelimit-reset-tokens', 30_000],
  ])('name the end of a window in %s', (name, ms) => {
    expect(read({ [name]: '30' })).toEqual({ ...nothing, limits: [{ ...said, resets: [wait(ms)] }] });
  });
});

describe('the sets of headers', () => {
  it('are one for each kind of limit', () => {
    const headers = {
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '7',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '20ms',
    };
    expect(limitsIn(headers)).toEqual([
      { ...said, limit: 100, remaining: 7, resets: [wait(360_000)] },
      { ...said, limit: 150_000, remaining: 0, resets: [wait(20)] },
    ]);
  });

  it('are one for each way to write the name', () => {
    const headers = { 'x-ratelimit-limit': '100', 'x-ratelimit-reset': '5', 'ratelimit-remaining': '0' };
    expect(limitsIn(headers)).toEqual([
      { ...said, limit: 100, resets: [wait(5000)] },
      { ...said, remaining: 0 },
    ]);
  });

  it('have each of their resets', () => {
    const headers = { 'x-ratelimit-reset': '20', 'x-ratelimit-reset-after': '30', 'x-ratelimit-limit': '9' };
    expect(limitsIn(headers)).toEqual([{ ...said, limit: 9, resets: [wait(20_000), wait(30_000)] }]);
  });

  it.each([
    [{ 'x-ratelimit-remaining': '5, 3, 4' }, { remaining: 3 }],
    [{ 'x-ratelimit-remaining': '12.75' }, { remaining: 12 }],
    [{ 'x-ratelimit-remaining': '5, few' }, { remaining: null }],
    [{ 'x-ratelimit-remaining': '"5"' }, { remaining: null }],
    [{ 'x-ratelimit-limit': '200, 100' }, { limit: 200 }],
    [{ 'x-ratelimit-limit': 'many, 200' }, { limit: null }],
    [{ 'x-ratelimit-limit': '100;w=60' }, { limit: 100, windowMs: 60_000 }],
    [{ 'x-ratelimit-limit': '100, 100;w=1, 1000;w=60' }, { limit: 100, windowMs: 1000 }],
    [{ 'x-ratelimit-limit': '100 ; W="60"' }, { limit: 100, windowMs: 60_000 }],
    [{ 'x-ratelimit-reset': 'soon' }, {}],
  ])('count as they are written: %j', (headers, expected) => {
    expect(limitsIn(headers)).toEqual([{ ...said, ...expected }]);
  });
});

describe("the draft's header", () => {
  it.each([
    ['limit=100, remaining=50, reset=30', [{ limit: 100, remaining: 50, resets: [wait(30_000)] }]],
    ['limit=100, remaining=0', [{ limit: 100, remaining: 0 }]],
    ['limit=100, reset=30', [{ limit: 100, resets: [wait(30_000)] }]],
    ['limit=100', [{ limit: 100 }]],
    ['"a";r=5;t=0.345', [{ remaining: 5, resets: [wait(345)] }]],
    ['"a";r=5', [{ remaining: 5 }]],
    ['"a";r=5;t=soon', [{ remaining: 5 }]],
    [
      '"a";r=5;t=30, "b";r=0;t=9',
      [
        { remaining: 5, resets: [wait(30_000)] },
        { remaining: 0, resets: [wait(9000)] },
      ],
    ],
  ])('is read in %s', (ratelimit, expected) => {
    expect(limitsIn({ ratelimit })).toEqual(expected.map((one) => ({ ...said, ...one })));
  });

  it('goes together with the policy of the same name, whatever is in its quotes', () => {
    const headers = {
      ratelimit: '"day, in all";r=900;t=5000, "burst";r=0;t=1',
      'ratelimit-policy': '"burst";q=10;w=1, "day, in all";q=1000;w=86400',
    };
    expect(limitsIn(headers)).toEqual([
      { limit: 1000, remaining: 900, resets: [wait(5_000_000)], windowMs: 86_400_000 },
      { limit: 10, remaining: 0, resets: [wait(1000)], windowMs: 1000 },
    ]);
  });

  it('goes together with the only policy, which in its older form begins with the limit', () => {
    const headers = { ratelimit: 'remaining=5, reset=30', 'ratelimit-policy': '100;w=60' };
    expect(limitsIn(headers)).toEqual([
      { limit: 100, remaining: 5, resets: [wait(30_000)], windowMs: 60_000 },
    ]);
  });

  it('is read up to the twentieth item', () => {
    const items = Array.from({ length: 21 }, (_, item) => `"${item}";r=${item};t=9`);
    const read = limitsIn({ ratelimit: items.join(',') });
    expect(read.map(({ remaining }) => remaining)).toEqual(Array.from({ length: 20 }, (_, item) => item));
  });
});

describe('a Retry-After', () => {
  it('may have commas between thousands, and then is read as a list, too', () => {
    expect(read({ 'retry-after-ms': '1,200,000' }).retryAfter).toEqual([1, 200, 0, 1_200_000].map(wait));
    expect(read({ 'retry-after': '30, 60' }).retryAfter).toEqual([wait(30_000), wait(60_000)]);
  });

  it.each(['soon', ',', '"'])('asks to come later also in a form that is not understood: %s', (value) => {
    expect(read({ 'retry-after': value })).toEqual({ ...nothing, hasRetryAfter: true, isUnreadable: true });
  });
});

describe('a value of more than 500 characters', () => {
  const list = '1,000,'.repeat(83);
  const [longest, tooLong] = [`${list}30`, `${list}300`];

  it('is there, but not read', () => {
    expect([longest.length, tooLong.length]).toEqual([500, 501]);
    expect(Math.max(...read({ 'retry-after': longest }).retryAfter.map(({ wait }) => wait))).toBe(1_000_000);
    expect(read({ 'retry-after': tooLong })).toEqual({ ...nothing, hasRetryAfter: true, isUnreadable: true });
  });
});

describe('an item of more than 200 characters', () => {
  const item = (name: number): string => `"${'a'.repeat(name)}";r=7;t=30`;

  it('says nothing', () => {
    expect([item(189).length, item(190).length]).toEqual([200, 201]);
    expect(limitsIn({ ratelimit: item(189) })[0]).toMatchObject({ remaining: 7, resets: [wait(30_000)] });
    expect(limitsIn({ ratelimit: item(190) })[0] ?? said).toMatchObject({ remaining: null, resets: [] });
  });
});
