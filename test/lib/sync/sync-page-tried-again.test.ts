import { describe, expect, it } from 'vitest';

import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { mobaroWith, pageOf, SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Answers in turn, and with Mobaro's rows when they are used up. */
function first(...answers: readonly FakeAnswer[]): { handler: Parameters<SyncWorld['vendor']['handle']>[0] } {
  const left = [...answers];
  return { handler: (request) => left.shift() ?? mobaroWith(45)(request) };
}

describe('what is transient', () => {
  it.each([
    ['429', { status: 429 }, 'HTTP 429'],
    ['500', { status: 500, body: { error: 'oops' } }, 'HTTP 500: oops'],
    ['502', { status: 502 }, 'HTTP 502'],
    ['503', { status: 503 }, 'HTTP 503'],
    ['504', { status: 504 }, 'HTTP 504'],
    ['408', { status: 408 }, 'HTTP 408'],
    [
      'a page of HTML with 200',
      { body: '<html><body>Sign in</body></html>' },
      'a page of HTML instead of JSON',
    ],
    ['an empty body', { body: '' }, 'an empty body instead of JSON'],
    ['JSON that breaks off', { body: '{"items":[' }, 'JSON that breaks off'],
    ['no array', { body: { total: 0 } }, 'the answer has no array at items'],
  ])('is tried again through the queue, and costs an attempt: %s', async (_, answer, reason) => {
    const world = new SyncWorld({ vendor: first(answer).handler });
    const report = await world.tick();
    expect(report).toMatchObject({ outcome: 'deferred', streamOutcome: 'waiting', next: 'redrive', reason });
    expect(report.delaySeconds).toBe(5); // 4 s and an eighth, in whole seconds
    expect(await world.checkpoint()).toMatchObject({ state: 'running', attempt: 1, lease: null });
    expect(world.queue.contents).toHaveLength(1);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 45 } });
    expect(world.vendor.requests[1]?.at).toBeGreaterThanOrEqual(world.vendor.requests[0]!.at + 4000);
  });

  it.each([
    ['a time-out', { kind: 'unanswered', failure: 'time-out', reason: 'no complete answer within 20 s' }],
    ['a broken connection', { kind: 'unanswered', failure: 'network', reason: 'ECONNRESET' }],
  ] as const)('is tried again: %s', async (_, answer) => {
    const world = new SyncWorld({ vendor: () => answer });
    const { reason } = answer;
    expect(await world.tick()).toMatchObject({ outcome: 'deferred', status: null, requests: 1, reason });
  });

  it('backs off further with every try, and starts again after a success', async () => {
    const world = new SyncWorld({ vendor: first({ status: 503 }, { status: 503 }, { status: 503 }).handler });
    await world.tick();
    await world.drain();
    const times = world.vendor.requests.map(({ at }) => at);
    const gaps = times.slice(1, 4).map((at, index) => at - times[index]!);
    expect(gaps).toEqual([5000, 9000, 18_000]); // 4, 8 and 16 s, and an eighth, in whole seconds
    expect(await world.checkpoint()).toMatchObject({ attempt: 0, outcome: 'complete' });
  });

  it('is given up after the attempt cap, and goes on where it stood when its probe succeeds', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    world.vendor.handle(() => ({ status: 503 }));
    await world.drain(80_000);
    expect(world.vendor.requests).toHaveLength(1 + 5);
    expect(await world.checkpoint()).toMatchObject({
      state: 'exhausted',
      outcome: 'exhausted',
      stopped: { by: 'exhausted' },
      attempt: 5,
      lastStatus: 503,
      position: { kind: 'offset', offset: 20 },
    });
    expect(world.reports.at(-1)).toMatchObject({
      outcome: 'deferred',
      next: 'redrive',
      streamOutcome: 'exhausted',
    });
    expect(world.troubles()).toContain('exhausted');
    expect(await world.watch()).toEqual([]);

    world.vendor.handle(mobaroWith(45));
    await world.drain(40_000);
    expect(world.vendor.requests[6]?.request.url).toContain('Offset=19');
    expect(world.troubles()).not.toContain('exhausted');
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', stopped: null });
  });

  it('keeps its alarm through ticks and probes that fail again', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 503 }) });
    await world.tick();
    await world.drain(20 * minute);
    await world.tick();
    await world.watch();
    expect(world.troubles()).toContain('exhausted');
    expect((await world.checkpoint()).state).toBe('exhausted');
  });

  it('ends as malformed where no answer could be understood', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 200, body: '<html></html>' }) });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ state: 'exhausted', outcome: 'malformed' });
    expect(world.troubles()).toContain('exhausted');
  });
});

describe('the wait that the vendor names', () => {
  it('is kept by every stream of the limit scope', async () => {
    const world = new SyncWorld({ streams: ['mobaro/users', 'mobaro/locations'] });
    world.vendor.handle(first({ status: 429, headers: { 'Retry-After': '30' } }).handler);
    const start = world.clock.now();
    await world.tick('mobaro/users');
    const other = await world.tick('mobaro/locations');
    expect(other).toMatchObject({ outcome: 'refused', next: 'redrive', requests: 0, attempt: 0 });
    expect(other.reason).toBe('the limit of mobaro is closed');
    await world.drain();
    const later = world.vendor.requests.slice(1).map(({ at }) => at - start);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(30_000);
    expect(await world.checkpoint('mobaro/locations')).toMatchObject({ outcome: 'complete' });
  });

  it('does not hold another endpoint of Bob', async () => {
    const world = new SyncWorld({ streams: ['bob/people', 'bob/employment'] });
    world.vendor.handle(() => ({ status: 429, headers: { 'retry-after': '30' } }));
    await world.tick('bob/people');
    world.vendor.handle(() => ({ body: { results: [] } }));
    expect(await world.tick('bob/employment')).toMatchObject({ outcome: 'fetched' });
  });

  it('is slept in place if it is short, and spent outside the function if it is not', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5) });
    await world.governor.close('mobaro', world.clock.now() + 2000);
    const start = world.clock.now();
    expect(await world.tick()).toMatchObject({ outcome: 'fetched' });
    expect(world.vendor.requests[0]!.at - start).toBeGreaterThanOrEqual(2000);
    await world.governor.close('mobaro', world.clock.now() + 2001);
    expect(await world.tick()).toMatchObject({ outcome: 'refused', delaySeconds: 3 });
  });

  it('of more than a quarter of an hour is waited out by visibility', async () => {
    const world = new SyncWorld({
      vendor: first({ status: 429, headers: { 'retry-after': '7200' } }).handler,
    });
    const start = world.clock.now();
    await world.tick();
    await world.drain();
    expect(world.vendor.requests[1]!.at - start).toBeGreaterThanOrEqual(2 * hour);
    expect(world.vendor.requests[1]!.at - start).toBeLessThan(2 * hour + minute);
    expect(world.reports.filter(({ outcome }) => outcome === 'refused')).toHaveLength(1);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('of more than eleven hours is parked, and woken by the watchdog', async () => {
    const world = new SyncWorld({
      vendor: first({ status: 429, headers: { 'retry-after': '43200' } }).handler,
    });
    expect(await world.tick()).toMatchObject({ outcome: 'deferred', next: 'parked' });
    expect(world.queue.contents).toEqual([]);
    expect(await world.checkpoint()).toMatchObject({ state: 'parked', outcome: 'waiting' });
    await world.clock.advance(11 * hour);
    expect(await world.watch()).toEqual([]);
    expect(await world.tick()).toMatchObject({ outcome: 'refused', next: 'parked', requests: 0 });
    await world.clock.advance(hour + 5 * minute);
    expect(await world.watch()).toEqual([{ stream: 'mobaro/users', reason: 'parked' }]);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 45 } });
  });

  it('is kept, too, where it comes with a page that used the limit up', async () => {
    const world = new SyncWorld();
    world.vendor.handle((request) => ({
      ...(mobaroWith(45)(request) as FakeAnswer),
      headers: {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(world.clock.now() / 1000 + 60),
      },
    }));
    await world.tick();
    await world.drain();
    const times = world.vendor.requests.map(({ at }) => at);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(60_000);
    expect(world.reports.every(({ outcome }) => outcome === 'fetched' || outcome === 'refused')).toBe(true);
  });

  it.each([
    ['a page of HTML', { body: '<html></html>', headers: { 'retry-after': '600' } }],
    ['a refusal', { status: 404, headers: { 'retry-after': '600' } }],
    [
      'a page that uses the limit up',
      { ...pageOf(5, 0, 20), headers: { 'retry-after': '600', 'x-ratelimit-remaining': '0' } },
    ],
  ])('holds with whatever answer it comes: %s', async (_, answer) => {
    const world = new SyncWorld({
      streams: ['mobaro/users', 'mobaro/locations'],
      vendor: first(answer).handler,
    });
    const start = world.clock.now();
    await world.tick('mobaro/users');
    expect(await world.tick('mobaro/locations')).toMatchObject({ outcome: 'refused', requests: 0 });
    await world.drain();
    for (const { at } of world.vendor.requests.slice(1)) expect(at - start).toBeGreaterThanOrEqual(600_000);
  });
});

describe('a 4xx that speaks of a limit', () => {
  const usedUp = { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' };

  it.each([400, 403, 409, 422])(
    '%i with a Retry-After is waited out, and costs an attempt',
    async (status) => {
      const limited = { status, headers: { 'retry-after': '30' } };
      const world = new SyncWorld({ vendor: first(limited, limited).handler });
      expect(await world.tick()).toMatchObject({ outcome: 'deferred', streamOutcome: 'waiting', status });
      await world.drain();
      const times = world.vendor.requests.map(({ at }) => at);
      expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(30_000);
      expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(30_000);
      const { answers, ...checkpoint } = await world.checkpoint();
      expect(answers).toMatchObject([{ all: times.length, later: 2 }]);
      expect(checkpoint).toMatchObject({ outcome: 'complete', progress: { records: 45 } });
    },
  );

  it('is given up like any other after the attempts', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 403, headers: { 'retry-after': '30' } }) });
    await world.tick();
    await world.drain(2 * minute + 45_000);
    expect(world.vendor.requests).toHaveLength(5);
    expect(await world.checkpoint()).toMatchObject({ state: 'exhausted', lastStatus: 403 });
  });

  it('where nothing is left is asked once more after the reset, and then is what it says', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 403, headers: usedUp }) });
    expect(await world.tick()).toMatchObject({ outcome: 'deferred', status: 403 });
    await world.drain();
    const times = world.vendor.requests.map(({ at }) => at);
    expect(times).toHaveLength(2);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(60_000);
    expect(await world.checkpoint()).toMatchObject({
      state: 'halted',
      outcome: 'forbidden',
      lastStatus: 403,
    });
  });

  it('goes on where the second answer is a good one', async () => {
    const world = new SyncWorld({ vendor: first({ status: 403, headers: usedUp }).handler });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 45 } });
  });

  it('remembers the first answer while the governor refuses the page', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 403, headers: usedUp }) });
    await world.tick();
    await world.governor.close('mobaro', world.clock.now() + 10 * minute);
    await world.drain();
    expect(world.reports.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(0);
    expect(world.vendor.requests).toHaveLength(2);
    expect(await world.checkpoint()).toMatchObject({ state: 'halted', outcome: 'forbidden' });
  });

  it.each([
    ['nothing', {}],
    ['a rest', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '60' }],
  ])('without a word of a limit is what it says at once: %s', async (_, headers) => {
    const world = new SyncWorld({ vendor: () => ({ status: 403, headers }) });
    expect(await world.tick()).toMatchObject({ outcome: 'forbidden' });
    expect(await world.checkpoint()).toMatchObject({ state: 'halted' });
  });

  it.each([
    [401, 'unauthorized'],
    [404, 'missing'],
  ])('%i is what it says at once, whatever stands beside it', async (status, outcome) => {
    const world = new SyncWorld({ vendor: () => ({ status, headers: { ...usedUp, 'retry-after': '5' } }) });
    expect(await world.tick()).toMatchObject({ outcome });
  });
});

describe('a wait that is not believed', () => {
  it('is told where people look: in the log, and in the checkpoint once the tries are spent', async () => {
    const words =
      'HTTP 429; the vendor asks for a wait of 700,000 s, which is not believed: it is over 7 days';
    const world = new SyncWorld({ vendor: () => ({ status: 429, headers: { 'retry-after': '700000' } }) });
    expect(await world.tick()).toMatchObject({ outcome: 'deferred', reason: words });
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({
      state: 'exhausted',
      stopped: { by: 'exhausted' },
      reason: words,
    });
    expect(world.troubles()).toContain('exhausted');
  });
});

describe('an answer that contradicts itself', () => {
  it.each([
    ['no rows where there are some', { body: { items: [], total: 500 } }],
    ['nothing changed in the middle', { status: 304 }],
  ])('is tried again, and is no end: %s', async (_, answer) => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    await world.deliver();
    world.vendor.handle(first(answer).handler);
    await world.drain();
    expect(world.reports[2]).toMatchObject({ outcome: 'deferred', next: 'redrive' });
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 45 } });
  });

  it('is walked back from where no content comes in the middle', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    await world.deliver();
    world.vendor.handle(first({ status: 204 }).handler);
    await world.drain();
    expect(world.reports[2]).toMatchObject({ outcome: 'fetched', status: 204, next: 'continue' });
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'complete',
      progress: { setbacks: 1 },
    });
    expect(await world.storedIds()).toHaveLength(45);
  });

  it('to the end ends as malformed', async () => {
    const world = new SyncWorld({ vendor: () => ({ body: { items: [], total: 500 } }) });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ state: 'exhausted', outcome: 'malformed' });
  });
});
