import { describe, expect, it } from 'vitest';

import { DamagedItemError } from '../../../lib/aws/damaged-item-error.ts';
import { NewerVersionError } from '../../../lib/aws/newer-version-error.ts';
import { faultOf } from '../../../lib/sync/fault.ts';
import type { PageRequest } from '../../../lib/sync/message.ts';
import type { PageReport } from '../../../lib/sync/report.ts';
import { syncPage } from '../../../lib/sync/sync-page.ts';
import type { SyncDependencies } from '../../../lib/sync/work.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const stream = 'mobaro/users';

class ProvisionedThroughputExceededException extends Error {
  override readonly name = 'ProvisionedThroughputExceededException';
}

/** The world's ports, of which one call throws. */
function failing(
  world: SyncWorld,
  throws: (call: number, name: string) => Error | null,
): { readonly deps: SyncDependencies; readonly calls: string[] } {
  const calls: string[] = [];
  const guard = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]): Promise<unknown> => {
          const error = throws(calls.push(`${name}.${String(key)}`) - 1, `${name}.${String(key)}`);
          if (error !== null) throw error;
          return Reflect.apply(value, target, given) as unknown;
        };
      },
    });
  const { records, seenRows, governor, vendor, queue, checkpoints } = world.deps;
  const deps = {
    ...world.deps,
    checkpoints: guard('checkpoints', checkpoints),
    records: guard('records', records),
    seenRows: guard('seenRows', seenRows),
    governor: guard('governor', governor),
    vendor: guard('vendor', vendor),
    queue: guard('queue', queue),
  };
  return { deps, calls };
}

const tick = (world: SyncWorld) => ({ kind: 'tick', stream, scheduledAt: world.clock.now() }) as const;

describe('an error while a page is held', () => {
  it.each([
    [
      'records.upsert',
      new TypeError('Ada Made-Up is not iterable'),
      'TypeError after the vendor was called',
      200,
    ],
    [
      'seenRows.remember',
      new ProvisionedThroughputExceededException('Ada'),
      'ProvisionedThroughputExceededException after the vendor was called',
      200,
    ],
    [
      'governor.permit',
      Object.assign(new Error('Ada'), { code: 'ECONNRESET' }),
      'Error (ECONNRESET) before the vendor was called',
      null,
    ],
    ['vendor.call', new RangeError('Ada'), 'RangeError after the vendor was called', null],
    ['records.upsert', 'Ada' as unknown as Error, 'a thrown string after the vendor was called', 200],
  ])('is what the page came to: at %s', async (where, error, reason, status) => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    const { deps } = failing(world, (_, name) => (name === where ? error : null));
    const report = await world.invoke(tick(world), deps);
    expect(report).toMatchObject({
      outcome: 'deferred',
      next: 'redrive',
      reason,
      status,
      attempt: 1,
      records: 0,
    });
    expect(report.requests).toBe(reason.includes('before') ? 0 : 1);
    expect(report.delaySeconds).toBe(60);
    const checkpoint = await world.checkpoint();
    expect(checkpoint).toMatchObject({
      state: 'running',
      outcome: 'waiting',
      reason,
      lease: null,
      sequence: 0,
    });
    expect(world.faults).toMatchObject([{ stream, name: reason.replace(/ (after|before) the .*/, '') }]);
    expect(JSON.stringify([report, checkpoint, world.faults])).not.toContain('Ada');
  });

  it('is told at the cap, by its class', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const { deps } = failing(world, (_, name) => (name === 'records.upsert' ? new TypeError('Ada') : null));
    const [sent] = world.queue.contents;
    for (let tries = 1; tries <= 5; tries += 1) {
      await world.invoke({ kind: 'message', message: sent!.message }, deps);
      await world.clock.advance(120_000);
    }
    expect(await world.checkpoint()).toMatchObject({
      ...{ state: 'exhausted', outcome: 'exhausted', position: { offset: 20 } },
      reason: 'TypeError after the vendor was called',
    });
    expect((await world.checkpoint()).history.map(({ reason, times }) => [reason, times])).toContainEqual([
      'TypeError after the vendor was called',
      4,
    ]);
    expect(world.troubles(stream)).toContain('exhausted');
    // The next tick goes on where it stood.
    await world.clock.advance(60_000);
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
    expect(await world.storedIds()).toHaveLength(45);
  });

  it('waits no less than a minute, and longer where the page has been tried often', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5), settings: { attemptCap: 20 } });
    const { deps } = failing(world, (_, name) => (name === 'records.upsert' ? new Error('x') : null));
    const waits: (number | null)[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      waits.push((await world.invoke(tick(world), deps)).delaySeconds);
      await world.clock.advance(3_600_000);
    }
    expect(waits).toEqual([60, 60, 60, 60, 72, 144, 288, 576]);
  });

  it('is thrown where nothing can be stored, and where the function is out of time', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5) });
    let isHeld = false;
    const { deps } = failing(world, (_, name) => {
      if (name === 'vendor.call') isHeld = true;
      return isHeld && name !== 'vendor.call' ? new Error(name) : null;
    });
    await expect(world.invoke(tick(world), deps)).rejects.toThrow('records.upsert');
    expect((await world.checkpoint()).lease).not.toBeNull();
    expect(world.faults).toEqual([]);

    const other = new SyncWorld();
    const stop = new AbortController();
    const call = (): Promise<never> => {
      stop.abort(new Error('out of time'));
      return Promise.reject(new Error('out of time'));
    };
    await expect(syncPage(tick(other), { ...other.deps, vendor: { call } }, stop.signal)).rejects.toThrow(
      'out of time',
    );
    expect(await other.checkpoint()).toMatchObject({ attempt: 1, outcome: 'running' });
  });

  it('is thrown where the page is stored already', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    const { deps } = failing(world, (_, name) => (name === 'queue.send' ? new Error('no queue') : null));
    await expect(world.invoke(tick(world), deps)).rejects.toThrow('no queue');
    expect(await world.checkpoint()).toMatchObject({ sequence: 1, outcome: 'running' });
    expect(world.faults).toEqual([]);
  });

  it('does not end a run, at whatever call it comes', async () => {
    const whole = new SyncWorld({ vendor: mobaroWith(45) });
    const seen = failing(whole, () => null);
    await live(whole, seen.deps);
    expect(seen.calls.length).toBeGreaterThan(30);
    for (const call of seen.calls.keys()) {
      const world = new SyncWorld({ vendor: mobaroWith(45) });
      const { deps: mean } = failing(world, (at) => (at === call ? new TypeError('once') : null));
      await live(world, mean);
      expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
      expect(await world.storedIds()).toHaveLength(45);
    }
  });
});

/** A tick, its messages, and the watchdog. */
async function live(world: SyncWorld, deps: SyncDependencies): Promise<void> {
  const survive = (request: PageRequest): Promise<PageReport | null> =>
    world.invoke(request, deps).catch(() => null);
  const begin = async (): Promise<void> => {
    const report = await survive(tick(world));
    if (report?.next !== 'redrive' || report.run === null) return;
    const { run, sequence, delaySeconds } = report;
    await world.queue.send({ v: 1, stream, run, sequence }, delaySeconds ?? 0);
  };
  await begin();
  for (let minutes = 0; minutes < 34; minutes += 1) {
    for (let got = world.queue.receive(); got !== undefined; got = world.queue.receive()) {
      const { message, receiptHandle } = got;
      const report = await survive({ kind: 'message', message });
      if (report?.next === 'redrive') await world.queue.defer(receiptHandle, report.delaySeconds ?? 0);
      else if (report !== null) world.queue.delete(receiptHandle);
    }
    await world.clock.advance(60_000);
    if (minutes % 5 === 4) await world.watch();
    // A tick that failed before it had claimed anything is made up for by the next one.
    if (minutes === 14 && typeof (await world.checkpoints.read(stream))?.lastTick !== 'number') await begin();
  }
}

describe('what may be told of an error', () => {
  it('is its message where its class promises that it holds no data', () => {
    expect(
      faultOf(new DamagedItemError('stream#mobaro/users', new Map([['state', 'is missing']]))).words,
    ).toContain('mobaro/users');
    expect(faultOf(new NewerVersionError('stored record of mobaro/users', 3, 1)).words).toContain(
      'mobaro/users',
    );
    expect(faultOf(new TypeError('Ada')).words).toBeNull();
    expect(faultOf('Ada').words).toBeNull();
  });

  it('is its class, its code, and where it was thrown', () => {
    const error = new TypeError('Ada\n    at Made-Up Street 5', { cause: new RangeError('Ada') });
    const { name, stack } = faultOf(error);
    expect(name).toBe('TypeError');
    expect(stack[0]).toMatch(/^at .*sync-page-faults\.test\.ts:\d+:\d+\)?$/);
    expect(stack).toContain('caused by RangeError');
    expect(stack.join()).not.toMatch(/Ada|Street/);
  });

  it.each([
    [Object.assign(new Error('x'), { name: 'AccessDeniedException' }), 'AccessDeniedException'],
    [Object.assign(new Error('x'), { name: 'Ada Made-Up' }), 'Error'],
    [Object.assign(new Error('x'), { code: 'Ada' }), 'Error'],
    [Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'Error (ENOTFOUND)'],
    [new DOMException('x', 'AbortError'), 'AbortError'],
    [new AggregateError([], 'x'), 'AggregateError'],
    [{ message: 'Ada' }, 'a thrown object'],
    [undefined, 'a thrown undefined'],
  ])('names %s', (error, name) => {
    expect(faultOf(error).name).toBe(name);
  });
});
