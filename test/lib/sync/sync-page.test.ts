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

describe('a run', () => {
  it('goes from the first page to the last, one page an invocation', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    const tick = await world.tick();
    expect(tick).toMatchObject({
      outcome: 'fetched',
      streamOutcome: 'running',
      next: 'continue',
      endpoint: 'GET /users',
      status: 200,
      attempt: 1,
      requests: 1,
      records: 20,
      written: 20,
    });
    expect(await world.checkpoint()).toMatchObject({ position: { kind: 'offset', offset: 20 }, sequence: 1 });
    await world.drain();
    expect(world.reports.map(({ outcome, records }) => [outcome, records])).toEqual([
      ['fetched', 20],
      ['fetched', 20],
      ['fetched', 5],
    ]);
    expect(await world.checkpoint()).toMatchObject({
      state: 'idle',
      outcome: 'complete',
      run: null,
      position: null,
      attempt: 0,
      lease: null,
      progress: { pages: 3, records: 45, written: 45, unchanged: 0 },
    });
    expect(await world.storedIds()).toHaveLength(45);
  });

  it('rewrites nothing the second time', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    await world.drain();
    await world.clock.advance(15 * minute);
    await world.tick();
    await world.drain();
    expect((await world.checkpoint()).progress).toMatchObject({ records: 45, written: 0, unchanged: 45 });
  });

  it('ends on an empty page where the vendor gives no total', async () => {
    const world = new SyncWorld({
      vendor: ({ url }) => {
        const { body } = pageOf(40, Number(new URL(url).searchParams.get('Offset')), 20);
        return { status: 200, body: { items: (body as { items: unknown[] }).items } };
      },
    });
    await world.tick();
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 40 } });
  });

  it.each([204, 304])('takes %i for an empty last page', async (status) => {
    const world = new SyncWorld({ vendor: () => ({ status }) });
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', status, records: 0, next: 'none' });
    expect(await world.checkpoint()).toMatchObject({
      state: 'idle',
      outcome: 'complete',
      lastStatus: status,
    });
  });

  it('takes one page a tick, and sends no message, where it is told to', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45), settings: { continuation: 'nextTick' } });
    for (const next of ['tick', 'tick', 'none']) {
      expect(await world.tick()).toMatchObject({ outcome: 'fetched', next });
      expect(world.queue.contents).toEqual([]);
      await world.clock.advance(minute);
    }
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { pages: 3 } });
  });

  it('is partial when a page of it says so, and stays so to its end', async () => {
    const pages = [
      {
        results: [{ employeeId: '1', values: [{ id: 1 }] }],
        errors: { 2: {} },
        response_metadata: { next_cursor: 'b' },
      },
      { results: [{ employeeId: '3', values: [{ id: 1 }] }], response_metadata: { next_cursor: null } },
    ];
    const world = new SyncWorld({
      streams: ['bob/employment'],
      vendor: () => ({ status: 200, body: pages.shift() }),
    });
    await world.tick('bob/employment');
    await world.drain();
    expect(await world.checkpoint('bob/employment')).toMatchObject({
      state: 'idle',
      outcome: 'partial',
      reason: 'the vendor left something out of a page of this run',
      progress: { records: 2 },
    });
    expect(await world.storedIds('bob/employment')).toEqual(['1/1', '3/1']);
  });

  it('halts where the cursor goes in a circle', async () => {
    const body = { results: [], response_metadata: { next_cursor: 'a' } };
    const world = new SyncWorld({ streams: ['bob/employment'], vendor: () => ({ status: 200, body }) });
    await world.tick('bob/employment');
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);
    expect(await world.checkpoint('bob/employment')).toMatchObject({ state: 'halted', outcome: 'looping' });
    expect(world.measured.streams.get('bob/employment')).toMatchObject({ Halted: 1, Missing: 0 });
  });

  it("halts when the run's budget of pages is spent, without another call", async () => {
    const world = new SyncWorld({ vendor: mobaroWith(1000), settings: { pageBudget: 3 } });
    await world.tick();
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(await world.checkpoint()).toMatchObject({
      state: 'halted',
      outcome: 'runaway',
      position: { kind: 'offset', offset: 60 },
      reason: "the run's budget of 3 pages is spent",
    });
  });
});

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
    ['a body that is not JSON', { body: '{"items":[' }, 'a body that is not JSON'],
    ['no array', { body: { total: 0 } }, 'the answer has no array at items'],
  ])('is tried again through the queue, and costs an attempt: %s', async (_, answer, reason) => {
    const world = new SyncWorld({ vendor: first(answer).handler });
    const report = await world.tick();
    expect(report).toMatchObject({ outcome: 'deferred', streamOutcome: 'waiting', next: 'redrive', reason });
    expect(report.delaySeconds).toBe(2); // 1 s and a quarter, in whole seconds
    expect(await world.checkpoint()).toMatchObject({ state: 'running', attempt: 1, lease: null });
    expect(world.queue.contents).toHaveLength(1);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 45 } });
    expect(world.vendor.requests[1]?.at).toBeGreaterThanOrEqual(world.vendor.requests[0]!.at + 1000);
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
    expect(gaps).toEqual([2000, 3000, 5000]); // 1.25, 2.5 and 5 s, in whole seconds
    expect(await world.checkpoint()).toMatchObject({ attempt: 0, outcome: 'complete' });
  });

  it('is given up after the attempt cap, and taken up by the next tick where it stood', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    world.vendor.handle(() => ({ status: 503 }));
    await world.drain();
    expect(world.vendor.requests).toHaveLength(1 + 5);
    expect(await world.checkpoint()).toMatchObject({
      state: 'exhausted',
      outcome: 'exhausted',
      trouble: 'exhausted',
      attempt: 5,
      lastStatus: 503,
      position: { kind: 'offset', offset: 20 },
    });
    expect(world.reports.at(-1)).toMatchObject({
      outcome: 'deferred',
      next: 'none',
      streamOutcome: 'exhausted',
    });
    expect(world.measured.streams.get('mobaro/users')).toMatchObject({ Exhausted: 1 });
    expect(await world.watch()).toEqual([]);

    world.vendor.handle(mobaroWith(45));
    await world.clock.advance(15 * minute);
    await world.tick();
    expect(world.vendor.requests.at(-1)?.request.url).toContain('Offset=20');
    expect(world.measured.streams.get('mobaro/users')).toMatchObject({ Exhausted: 0 });
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', trouble: null });
  });

  it('keeps its alarm through a tick that fails again', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 503 }) });
    await world.tick();
    await world.drain();
    await world.clock.advance(15 * minute);
    await world.tick();
    await world.watch();
    expect(world.measured.streams.get('mobaro/users')).toMatchObject({ Exhausted: 1 });
    expect((await world.checkpoint()).state).toBe('running');
  });

  it('ends as malformed where no answer could be understood', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 200, body: '<html></html>' }) });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ state: 'exhausted', outcome: 'malformed' });
    expect(world.measured.streams.get('mobaro/users')).toMatchObject({ Exhausted: 1 });
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
});

describe('what a person must mend', () => {
  it.each([
    [403, 'forbidden', 'Halted'],
    [404, 'missing', 'Missing'],
    [400, 'rejected', 'Halted'],
    [405, 'rejected', 'Halted'],
    [409, 'rejected', 'Halted'],
    [410, 'rejected', 'Halted'],
    [422, 'rejected', 'Halted'],
    [302, 'rejected', 'Halted'],
  ])('%i halts the stream as %s, and no tick calls again', async (status, outcome, gauge) => {
    const world = new SyncWorld({ streams: ['mobaro/users', 'mobaro/locations'] });
    world.vendor.handle(() => ({ status, body: { key: 'k', error: 'not here' } }));
    expect(await world.tick()).toMatchObject({ outcome, streamOutcome: outcome, next: 'none', status });
    expect(await world.checkpoint()).toMatchObject({
      state: 'halted',
      lastStatus: status,
      reason: `HTTP ${status}: k: not here`,
    });
    expect(world.measured.streams.get('mobaro/users')).toMatchObject({ [gauge]: 1 });
    await world.clock.advance(hour);
    expect(await world.tick()).toMatchObject({ outcome, requests: 0, next: 'none' });
    expect(await world.watch()).toEqual([]);
    expect(world.vendor.requests).toHaveLength(1);
    world.vendor.handle(mobaroWith(5));
    expect(await world.tick('mobaro/locations')).toMatchObject({ outcome: 'fetched' });
  });

  it('is taken up at its position when the definition has changed', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    world.vendor.handle(() => ({ status: 400 }));
    await world.drain();
    const halted = await world.checkpoint();
    await world.checkpoints.replace({ ...halted, halt: { ...halted.halt!, definition: 'an older one' } });
    world.vendor.handle(mobaroWith(45));
    await world.clock.advance(15 * minute);
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', sequence: 1 });
    expect(world.vendor.requests.at(-1)?.request.url).toContain('Offset=20');
  });

  it('may be a row without an id: named by path and index, stored not at all, the position kept', async () => {
    const world = new SyncWorld({
      vendor: () => ({ body: { items: [{ id: 'a' }, { name: 'Ann' }], total: 2 } }),
    });
    expect(await world.tick()).toMatchObject({
      outcome: 'rejected',
      status: 200,
      reason: 'items[1] has no id (looked for id)',
    });
    expect(await world.storedIds()).toEqual([]);
    expect(await world.checkpoint()).toMatchObject({ state: 'halted', position: null, sequence: 0 });
  });

  it('may be a row that is too large to be kept', async () => {
    const noise = Array.from({ length: 900_000 }, (_, index) =>
      String.fromCharCode(33 + ((index * index * 7919) % 90)),
    );
    const large = { id: 'b', text: shuffled(noise).join('') };
    const world = new SyncWorld({ vendor: () => ({ body: { items: [{ id: 'a' }, large], total: 2 } }) });
    const report = await world.tick();
    expect(report.outcome).toBe('rejected');
    expect(report.reason).toMatch(/^items: row 1 /);
    expect(await world.storedIds()).toEqual([]);
  });
});

/** In a fixed disorder, so that it cannot be compressed much. */
function shuffled(items: string[]): string[] {
  let state = 1;
  for (let index = items.length - 1; index > 0; index -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (index + 1);
    [items[index], items[other]] = [items[other]!, items[index]!];
  }
  return items;
}

describe('401', () => {
  const streams = ['mobaro/users', 'mobaro/locations', 'mobaro/webhooks'];

  it('halts the whole connection after one call', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    expect(await world.tick('mobaro/users')).toMatchObject({
      outcome: 'unauthorized',
      status: 401,
      requests: 1,
    });
    for (const stream of streams.slice(1)) {
      expect(await world.tick(stream)).toMatchObject({ outcome: 'unauthorized', status: null, requests: 0 });
      expect(await world.checkpoint(stream)).toMatchObject({ state: 'halted', outcome: 'unauthorized' });
    }
    expect(world.measured.connections.get('mobaro')).toEqual({ Unauthorized: 1 });
    await world.clock.advance(24 * hour);
    for (const stream of streams) await world.tick(stream);
    await world.watch();
    expect(world.vendor.requests).toHaveLength(1);
    // Said once, for the connection: not once more for each stream.
    expect([...world.measured.streams.values()].every(({ Halted, Missing }) => Halted + Missing === 0)).toBe(
      true,
    );
  });

  it('stops the messages that are under way, and keeps their positions', async () => {
    const world = new SyncWorld({ streams, vendor: mobaroWith(45) });
    await world.tick('mobaro/users');
    world.vendor.handle(() => ({ status: 401 }));
    await world.tick('mobaro/locations');
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);
    expect(await world.checkpoint('mobaro/users')).toMatchObject({
      state: 'halted',
      outcome: 'unauthorized',
      position: { kind: 'offset', offset: 20 },
    });
  });

  it('ends with a new version of the secret: one page tries, and then all go on where they stood', async () => {
    const world = new SyncWorld({ streams, vendor: mobaroWith(45) });
    await world.tick('mobaro/users');
    world.vendor.handle(() => ({ status: 401 }));
    for (const stream of streams.slice(1)) await world.tick(stream);
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);

    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle(mobaroWith(45));
    expect(await world.watch()).toEqual([{ stream: expect.any(String) as string, reason: 'mended' }]);
    await world.drain();
    expect(world.measured.connections.get('mobaro')).toEqual({ Unauthorized: 0 });
    expect(await world.watch()).toHaveLength(2);
    await world.drain();
    for (const stream of streams) {
      expect(await world.checkpoint(stream)).toMatchObject({
        outcome: 'complete',
        progress: { records: 45 },
      });
    }
    const resumed = world.vendor.requests.filter(({ request }) => request.url.includes('/users'));
    expect(resumed.map(({ request }) => new URL(request.url).searchParams.get('Offset'))).toEqual([
      '0',
      '20',
      '40',
    ]);
  });

  it('ends by the next ticks, too: while the first one tries, the others wait for it', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    for (const stream of streams) await world.tick(stream);
    world.secrets.change({ apiKey: 'another' });
    await world.breakers.replace({
      ...(await world.breakers.read('mobaro')),
      state: 'half-open',
      probe: { stream: 'mobaro/webhooks', until: world.clock.now() + 40_000 },
    });
    world.vendor.handle(mobaroWith(5));
    expect(await world.tick('mobaro/users', world.clock.now() + 1)).toMatchObject({
      outcome: 'refused',
      requests: 0,
      reason: 'another page is trying the credentials',
    });
    expect(await world.tick('mobaro/webhooks', world.clock.now() + 1)).toMatchObject({ outcome: 'fetched' });
    await world.drain();
    expect(await world.checkpoint('mobaro/users')).toMatchObject({ outcome: 'complete' });
  });

  it('comes again with the new version: halted again, after one call', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    for (const stream of streams) await world.tick(stream);
    world.secrets.change({ apiKey: 'wrong as well' });
    await world.watch();
    await world.drain();
    await world.watch();
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);
    expect(await world.breakers.read('mobaro')).toMatchObject({ state: 'open', secretVersion: 'version-2' });
  });

  it('is still in doubt while the vendor only says "not now"', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    await world.tick('mobaro/users');
    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle(() => ({ status: 503 }));
    await world.watch();
    await world.deliver();
    expect(await world.breakers.read('mobaro')).toMatchObject({ state: 'half-open' });
  });

  it('is never met with a secret that was not filled in', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5), secret: { apiKey: 'REPLACE_ME' } });
    expect(await world.tick()).toMatchObject({
      outcome: 'refused',
      streamOutcome: 'unconfigured',
      next: 'none',
    });
    expect(world.vendor.requests).toEqual([]);
    expect((await world.checkpoint()).reason).toBe('the secret has no apiKey yet');
    world.secrets.change({ apiKey: 'filled in' });
    await world.clock.advance(15 * minute);
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', streamOutcome: 'complete' });
  });
});

describe('ticks and messages that come twice, late or together', () => {
  it('a tick that was acted on starts nothing', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5) });
    const scheduledAt = world.clock.now();
    await world.tick('mobaro/users', scheduledAt);
    await world.clock.advance(minute);
    expect(await world.tick('mobaro/users', scheduledAt)).toMatchObject({ outcome: 'stale', requests: 0 });
    expect(await world.tick('mobaro/users', scheduledAt - 1)).toMatchObject({ outcome: 'stale' });
  });

  it('a tick on a run that waits leaves it alone', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 503, headers: { 'retry-after': '600' } }) });
    await world.tick();
    await world.clock.advance(minute);
    expect(await world.tick()).toMatchObject({ outcome: 'refused', next: 'none', requests: 0 });
    expect(world.queue.contents).toHaveLength(1);
  });

  it('a tick on a run that is free goes on with it, and the message it overtook dies', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    await world.clock.advance(minute);
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', sequence: 1 });
    expect(world.queue.contents).toHaveLength(2);
    expect(await world.deliver()).toMatchObject({ outcome: 'stale', requests: 0 });
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
  });

  it('a message that comes twice does its page once', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const [sent] = world.queue.contents;
    await world.queue.send(sent!.message, 0);
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(world.reports.filter(({ outcome }) => outcome === 'stale')).toHaveLength(1);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('two invocations at once make one call', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const [sent] = world.queue.contents;
    world.vendor.handle(async (request) => {
      world.vendor.handle(mobaroWith(45));
      const second = await world.invoke({ kind: 'message', message: sent!.message });
      expect(second).toMatchObject({ outcome: 'busy', requests: 0 });
      return mobaroWith(45)(request) as FakeAnswer;
    });
    expect(await world.deliver()).toMatchObject({ outcome: 'fetched', sequence: 1 });
    expect(world.vendor.requests).toHaveLength(2);
  });

  it('a message waits for the lease of another invocation', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const free = await world.checkpoint();
    const until = world.clock.now() + 40_000;
    await world.checkpoints.replace({ ...free, lease: { holder: 'somebody else', until } });
    expect(await world.deliver()).toMatchObject({ outcome: 'busy', next: 'redrive', retryAt: until });
    expect(await world.tick('mobaro/users', world.clock.now() + 1)).toMatchObject({
      outcome: 'busy',
      next: 'none',
    });
    await world.drain();
    expect(world.vendor.requests[1]?.at).toBeGreaterThanOrEqual(until);
  });

  it('who lost the lease while the vendor answered stores no position', async () => {
    const world = new SyncWorld();
    world.vendor.handle(async (request) => {
      const held = await world.checkpoint();
      await world.checkpoints.replace({ ...held, sequence: 7, lease: { holder: 'somebody else', until: 0 } });
      return mobaroWith(45)(request) as FakeAnswer;
    });
    expect(await world.tick()).toMatchObject({ outcome: 'stale', next: 'none' });
    expect(await world.checkpoint()).toMatchObject({ sequence: 7, position: null });
    expect(world.queue.contents).toEqual([]);
  });

  it('a change that leaves the lease alone costs the holder nothing', async () => {
    const world = new SyncWorld();
    world.vendor.handle(async (request) => {
      await world.checkpoints.replace({ ...(await world.checkpoint()), lastTick: 5 });
      return mobaroWith(45)(request) as FakeAnswer;
    });
    expect(await world.tick()).toMatchObject({ outcome: 'fetched' });
    expect(await world.checkpoint()).toMatchObject({ sequence: 1, lastTick: 5 });
  });

  it('a stream that was paused while its page was under way keeps the page and stops', async () => {
    const world = new SyncWorld();
    world.vendor.handle(async (request) => {
      await world.checkpoints.replace({ ...(await world.checkpoint()), state: 'paused', outcome: 'paused' });
      return mobaroWith(45)(request) as FakeAnswer;
    });
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', next: 'none', streamOutcome: 'paused' });
    expect(await world.checkpoint()).toMatchObject({
      state: 'paused',
      position: { kind: 'offset', offset: 20 },
    });
    await world.clock.advance(hour);
    expect(await world.tick()).toMatchObject({ outcome: 'stale', reason: 'the stream is paused' });
    expect(await world.watch()).toEqual([]);
  });

  it('a message for a stream that this deployment does not have is let go', async () => {
    const world = new SyncWorld();
    const message = { v: 1, stream: 'mobaro/gone', run: 'r', sequence: 0 } as const;
    expect(await world.invoke({ kind: 'message', message })).toMatchObject({
      outcome: 'stale',
      next: 'none',
    });
  });
});

describe('a crash', () => {
  it('counts as an attempt, and at the cap the next one closes the run without a call', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const deps = { ...world.deps, vendor: { call: () => Promise.reject(new Error('killed')) } };
    const [sent] = world.queue.contents;
    for (let crash = 1; crash <= 5; crash += 1) {
      await expect(world.invoke({ kind: 'message', message: sent!.message }, deps)).rejects.toThrow('killed');
      expect((await world.checkpoint()).attempt).toBe(crash);
      await world.clock.advance(180_000);
    }
    await world.deliver();
    expect(world.vendor.requests).toHaveLength(1);
    expect(await world.checkpoint()).toMatchObject({
      state: 'exhausted',
      outcome: 'exhausted',
      reason: '5 tries in a row ended without a result',
    });
    expect(world.measured.streams.get('mobaro/users')).toMatchObject({ Exhausted: 1 });
  });
});
