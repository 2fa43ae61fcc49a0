import { beforeEach, describe, expect, it } from 'vitest';

import { permitOf, type ScopeAsk, type ScopedPermit } from '../../../lib/governor/permits.ts';
import { newGovernorState, type GovernorState, type LimitTerms } from '../../../lib/governor/state.ts';
import { limitUse } from '../../../lib/governor/use.ts';

const start = 1_700_000_000_000;
const hour = 3_600_000;

/** Of an account with 60 a minute, one of its endpoints, with so many. */
const account = { published: 60, chosen: null };

let states: Map<string, GovernorState>;
let reads: string[];
let writes: string[];

beforeEach(() => {
  states = new Map();
  reads = [];
  writes = [];
});

const stateOf = (scope: string): GovernorState => states.get(scope) ?? newGovernorState();

function permit(
  asks: readonly ScopeAsk[],
  now: number,
  loses: (scope: string) => boolean = () => false,
): Promise<ScopedPermit> {
  return permitOf(asks, now, {
    read: (scope) => {
      reads.push(scope);
      return Promise.resolve({ state: stateOf(scope) });
    },
    replace: (scope, _, next) => {
      writes.push(scope);
      if (loses(scope)) return Promise.resolve(false);
      states.set(scope, next);
      return Promise.resolve(true);
    },
  });
}

function asksOf(
  endpoint: LimitTerms,
  slots: readonly (number | null)[] = [],
  name = 'vendor:GET /a',
): readonly ScopeAsk[] {
  return [
    { scope: name, terms: endpoint, slot: slots[0] ?? null },
    { scope: 'vendor', terms: account, slot: slots[1] ?? null },
  ];
}

const perMinute = (requests: number): LimitTerms => ({ published: requests, chosen: null });

describe('a permit in two limit scopes', () => {
  it('is counted in both, and read and written once in each', async () => {
    expect(await permit(asksOf(perMinute(60)), start)).toEqual({ granted: true });
    expect(reads).toEqual(['vendor:GET /a', 'vendor']);
    expect(writes).toEqual(['vendor', 'vendor:GET /a']);
    expect(['vendor', 'vendor:GET /a'].map((scope) => stateOf(scope).grantedAt)).toEqual([start, start]);
  });

  it('that its endpoint refuses takes nothing of the account, which is not even asked', async () => {
    await permit(asksOf(perMinute(2)), start);
    const before = stateOf('vendor');
    reads = [];
    const refused = await permit(asksOf(perMinute(2)), start);
    expect(refused).toMatchObject({ granted: false, why: 'paced', scope: 'vendor:GET /a' });
    expect(reads).toEqual(['vendor:GET /a']);
    expect(stateOf('vendor')).toBe(before);
  });

  it('that the account refuses leaves its endpoint as it was, with the slot that it has there', async () => {
    const asks = asksOf(perMinute(60));
    for (let call = 0; call < 4; call += 1) await permit(asks, start);
    const other = asksOf(perMinute(60), [], 'vendor:GET /b');
    const refused = await permit(other, start);
    expect(refused).toMatchObject({ granted: false, scope: 'vendor', slot: start + 1250 });
    expect(states.has('vendor:GET /b')).toBe(false);
    const slots = [null, start + 1250];
    expect(await permit(asksOf(perMinute(60), slots, 'vendor:GET /b'), start + 1250)).toEqual({
      granted: true,
    });
  });

  it('waits at most once in each of them, though both are in full use', async () => {
    // Eight pages of one endpoint, which may take half of what the account may.
    const endpoint = perMinute(30);
    const waits: number[] = [];
    const done: number[] = [];
    let pages = Array.from({ length: 8 }, () => ({
      at: start,
      slots: [null, null] as (number | null)[],
      waits: 0,
    }));
    let others = start;
    while (pages.length > 0) {
      const [page] = pages.toSorted((a, b) => a.at - b.at);
      if (page === undefined) break;
      // The other endpoint takes all that it can get meanwhile.
      for (; others <= page.at; others += 1250)
        await permit(asksOf(perMinute(60), [], 'vendor:GET /b'), others);
      const got = await permit(asksOf(endpoint, page.slots), page.at);
      if (got.granted) {
        waits.push(page.waits);
        done.push(page.at);
        pages = pages.filter((one) => one !== page);
      } else {
        page.slots =
          got.scope === 'vendor' ? [page.slots[0] ?? null, got.slot] : [got.slot, page.slots[1] ?? null];
        page.at = got.at;
        page.waits += 1;
      }
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(3);
    expect(Math.max(...done) - start).toBeLessThan(2 * 60_000);
  });

  it('whose account is written and whose endpoint another writer has changed decides that one again alone', async () => {
    let lost = 0;
    const loses = (scope: string): boolean => scope !== 'vendor' && ++lost <= 2;
    expect(await permit(asksOf(perMinute(60)), start, loses)).toEqual({ granted: true });
    expect(writes).toEqual(['vendor', 'vendor:GET /a', 'vendor:GET /a', 'vendor:GET /a']);
    expect(stateOf('vendor').counts.calls[0]).toBe(1);
  });

  it('comes back a second later where it always loses', async () => {
    const asks = asksOf(perMinute(60), [start - 5, null]);
    expect(await permit(asks, start, () => true)).toEqual({
      ...{ granted: false, at: start + 1000, slot: start - 5, why: 'contended', scope: 'vendor:GET /a' },
    });
  });
});

/** Every page that may call does so at once; who may not comes back for its slot. @returns when each call was let through */
async function allOf(terms: LimitTerms, until: number, pages = 3): Promise<number[]> {
  const calls: number[] = [];
  const walkers = Array.from({ length: pages }, () => ({ at: start, slot: null as number | null }));
  for (;;) {
    const [next] = walkers.toSorted((a, b) => a.at - b.at);
    if (next === undefined || next.at >= start + until) return calls;
    const got = await permit([{ scope: 'vendor', terms, slot: next.slot }], next.at);
    if (got.granted) calls.push(next.at);
    next.slot = got.granted ? null : got.slot;
    next.at = got.granted ? next.at + 20 : got.at;
  }
}

function mostIn(calls: readonly number[], ms: number): number {
  return Math.max(...calls.map((from) => calls.filter((at) => at >= from && at < from + ms).length));
}

describe('limits of other spans than a minute', () => {
  const both: LimitTerms = {
    ...{ published: null, chosen: null },
    spans: [
      { requests: 10, ms: 1000 },
      { requests: 1000, ms: hour },
    ],
  };

  it('all hold, and four fifths of each are used', async () => {
    const calls = await allOf(both, 3 * hour);
    expect(mostIn(calls, 1000)).toBeLessThanOrEqual(10);
    expect(mostIn(calls, hour)).toBeLessThanOrEqual(1000);
    const last = calls.filter((at) => at >= start + 2 * hour);
    expect(last.length).toBeGreaterThanOrEqual(795);
    expect(last.length).toBeLessThanOrEqual(805);
  });

  it('let a short run through at once, and a long one evenly', async () => {
    const calls = await allOf(both, hour);
    expect(calls.filter((at) => at < start + 15_000).length).toBeGreaterThanOrEqual(80);
    const gaps = calls.slice(100).map((at, index) => at - (calls[index + 99] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(4600);
  });

  it.each([1, 2, 3, 5, 7, 10, 60, 100])('allow %i in any span, however they are used', async (requests) => {
    for (const ms of [1000, hour]) {
      states.clear();
      const spans = [{ requests, ms }];
      const calls = await allOf({ published: null, chosen: null, spans }, 4 * ms);
      expect(mostIn(calls, ms)).toBeLessThanOrEqual(requests);
      expect(calls.length).toBeGreaterThan(2 * requests);
    }
  });

  it('are not loosened by a minute that allows more, nor by one that is not known', async () => {
    const day: LimitTerms = { published: 600, chosen: null, spans: [{ requests: 100, ms: 24 * hour }] };
    expect((await allOf(day, 24 * hour)).length).toBeLessThanOrEqual(100);
  });

  it('are told with what is used of them', async () => {
    await allOf(both, hour);
    const { spans } = limitUse(stateOf('vendor'), both, start + hour);
    expect(spans).toMatchObject([
      { requests: 10, ms: 1000 },
      { requests: 1000, ms: hour },
    ]);
    expect(spans[1]?.calls).toBeGreaterThan(800);
    expect(spans[1]?.calls).toBeLessThanOrEqual(1000);
    expect(limitUse(stateOf('vendor'), both, start + 3 * hour).spans.map(({ calls }) => calls)).toEqual([
      0, 0,
    ]);
  });

  it('keep what is stored of them with the state, and begin anew where it has nothing of theirs', async () => {
    await permit([{ scope: 'vendor', terms: account, slot: null }], start);
    expect(stateOf('vendor').meters).toEqual([]);
    await permit([{ scope: 'vendor', terms: both, slot: null }], start);
    expect(stateOf('vendor').meters.map(({ ms }) => ms)).toEqual([1000, hour]);
  });
});
