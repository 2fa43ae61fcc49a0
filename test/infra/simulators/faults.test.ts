import { describe, expect, it } from 'vitest';
import { faultFor, type FaultPlan } from '../../../infra/simulators/frame/fault-plan.ts';
import { bobFaults } from '../../../infra/simulators/bob/bob-faults.ts';
import { faults } from '../../../infra/simulators/frame/faults.ts';
import { objectOf, startForTest } from './vendor-client.ts';

const noon = Date.UTC(2026, 0, 1, 12);
const users = '/users';
const search = '/people/search';

describe('a fault plan', () => {
  const plan: FaultPlan = [
    faults.unavailable(users, 2),
    faults.tooManyRequests(users, [2, 4]),
    faults.unauthorized('/webhooks', { from: 3 }),
    faults.serverError('*', 9),
  ];
  it.each([
    { path: users, all: 1, ofPath: 1, status: null },
    { path: users, all: 5, ofPath: 2, status: 503 },
    { path: users, all: 5, ofPath: 4, status: 429 },
    { path: '/webhooks', all: 5, ofPath: 2, status: null },
    { path: '/webhooks', all: 5, ofPath: 7, status: 401 },
    { path: '/elsewhere', all: 9, ofPath: 1, status: 500 },
    { path: '/elsewhere', all: 10, ofPath: 9, status: null },
  ])('strikes request $ofPath of $path, $all in all, with $status', ({ path, all, ofPath, status }) => {
    const fault = faultFor(plan, path, { all, ofPath });
    expect(fault?.kind === 'answer' ? fault.status : null).toBe(status);
  });
});

describe('faults over HTTP', () => {
  it('strike by count and path, and leave the others alone', async () => {
    const { vendor, get } = await startForTest('mobaro', { faults: [faults.unavailable(users, [1, 3])] });
    const statuses: number[] = [];
    for (const path of ['/webhooks', users, users, users, users]) statuses.push((await get(path)).status);
    expect(statuses).toEqual([200, 503, 200, 503, 200]);
    expect(vendor.requests.map(({ fault }) => fault)).toEqual([null, '503', null, '503', null]);
  });

  it('can be changed while the vendor runs', async () => {
    const { vendor, get } = await startForTest('mobaro', { faults: [faults.missing(users, { from: 1 })] });
    expect((await get(users)).status).toBe(404);
    vendor.inflict([]);
    expect((await get(users)).status).toBe(200);
  });

  it.each([
    { fault: faults.tooManyRequests(users, 1), status: 429, headers: { 'retry-after': null } },
    { fault: faults.tooManyRequests(users, 1, 3), status: 429, headers: { 'retry-after': '3' } },
    {
      fault: faults.tooManyRequests(users, 1, new Date(noon)),
      status: 429,
      headers: { 'retry-after': 'Thu, 01 Jan 2026 12:00:00 GMT' },
    },
    {
      fault: faults.tooManyRequestsUntil(users, 1, 90),
      status: 429,
      headers: { 'retry-after': 'Thu, 01 Jan 2026 12:01:30 GMT', date: 'Thu, 01 Jan 2026 12:00:00 GMT' },
    },
    {
      fault: bobFaults.rateLimit(users, 1, 30, 1000),
      status: 429,
      headers: { 'retry-after': '30', 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '0' },
    },
    {
      fault: bobFaults.rateLimitReset(users, 1, 5),
      status: 429,
      headers: { 'retry-after': null, 'x-ratelimit-reset': String(noon / 1000 + 5) },
    },
    { fault: faults.unavailable(users, 1), status: 503, headers: {}, body: 'Service Unavailable' },
    { fault: faults.unauthorized(users, 1), status: 401, headers: {}, body: '' },
    { fault: bobFaults.missingPermission(users, 1), status: 401, headers: {}, body: /errorMessage/ },
    { fault: faults.forbidden(users, 1), status: 403, headers: {}, body: /"args":\[\]/ },
    { fault: faults.missing(users, 1), status: 404, headers: {}, body: /"error":"resource not found"/ },
    { fault: faults.serverError(users, 1), status: 500, headers: {}, body: /"key"/ },
    {
      fault: faults.status(users, 1, 418, { a: 1 }, { 'X-B': 'c' }),
      status: 418,
      headers: { 'x-b': 'c' },
      body: '{"a":1}',
    },
    {
      fault: faults.webPage(users, 1),
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: /<html/,
    },
    {
      fault: faults.emptyBody(users, 1),
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '',
    },
    {
      fault: faults.brokenJson(users, 1),
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: /us$/,
    },
    { fault: faults.noContent(users, 1), status: 204, headers: { 'content-length': null }, body: '' },
    { fault: faults.notModified(users, 1), status: 304, headers: {}, body: '' },
    {
      fault: faults.redirect(users, 1, 'http://127.0.0.2/'),
      status: 302,
      headers: { location: 'http://127.0.0.2/' },
    },
  ])('answer $status in place of the vendor, with $headers', async ({ fault, status, headers, body }) => {
    const { get } = await startForTest('mobaro', { faults: [fault], clock: () => noon });
    const answer = await get(users);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(body instanceof RegExp ? body : new RegExp(`^${body ?? '[^]*'}$`));
    for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name)).toBe(value);
  });

  it('take an array away, and leave every digit of the rest', async () => {
    const fault = faults.withoutKey(users, 1, 'total');
    const { get } = await startForTest('mobaro', { faults: [fault] });
    const [altered, whole] = [await get(users), await get(users)];
    expect(altered.text).toBe(whole.text.replace('"total":240,', ''));
    const bob = await startForTest('bob', { faults: [faults.withoutKey(search, 1, 'employees')] });
    expect((await bob.post(search, {})).text).toBe('{}');
  });

  it('name the employees that Bob left out', async () => {
    const path = '/bulk/people/employment';
    const { get } = await startForTest('bob', { faults: [bobFaults.partialErrors(path, 1, ['42'])] });
    const { errors, results } = objectOf(await get(path));
    expect(errors).toMatchObject([{ '42': { error: 'MISSING_PERMISSION' } }]);
    expect(results).toHaveLength(50);
  });

  it('leave an answer as it is that is no list', async () => {
    const { get } = await startForTest('mobaro', { faults: [faults.withKeys(users, 1, { items: [] })] });
    expect(await get(users, { 'X-Api-Key': '' })).toMatchObject({ status: 401, text: '' });
  });

  it.each(['before-answer', 'mid-body'] as const)('break the connection %s', async (when) => {
    const { vendor, get } = await startForTest('mobaro', { faults: [faults.dropped(users, 1, when)] });
    await expect(get(users)).rejects.toThrow();
    expect(vendor.requests).toMatchObject([{ fault: 'drop', status: null }]);
    expect((await get(users)).status).toBe(200);
  });

  it('answer late', async () => {
    const { vendor, get } = await startForTest('mobaro', { faults: [faults.slow(users, 1, 60)] });
    expect((await get(users)).status).toBe(200);
    const [entry] = vendor.requests;
    expect((entry?.endedAt ?? 0) - (entry?.at ?? 0)).toBeGreaterThanOrEqual(55);
  });

  it('do not wait for a client that has gone', async () => {
    let ended = (): void => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    const { vendor } = await startForTest('mobaro', {
      faults: [faults.slow(users, 1, 600_000)],
      log: () => {
        ended();
      },
    });
    await expect(fetch(`${vendor.url}${users}`, { signal: AbortSignal.timeout(1000) })).rejects.toThrow();
    await end;
    expect(vendor.requests).toMatchObject([{ fault: 'slow', status: null }]);
  });
});
