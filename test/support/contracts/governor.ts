import { beforeEach, describe, expect, it } from 'vitest';

import type { Observation } from '../../../lib/governor/learn.ts';
import type { Permit, PermitAsk } from '../../../lib/governor/permit.ts';
import type { Governor } from '../../../lib/sync/ports.ts';
import { permitIn } from '../permit-in.ts';

/** 60 a minute by the vendor, 48 of them ours: one in 1250 ms, four at once. */
const terms = { published: 60, chosen: null };
const start = 1_700_000_000_000;

const nothing: Observation = {
  at: start,
  refused: false,
  until: null,
  limit: null,
  windowMs: null,
  window: null,
};

export function describeGovernor(name: string, makeAdapter: () => Governor): void {
  describe(`${name} keeps the contract of Governor`, () => {
    let governor: Governor;
    let scope = '';
    let round = 0;

    const ask = (now: number, options: Partial<PermitAsk> = {}): Promise<Permit> =>
      permitIn(governor, scope, { now, terms, slot: null, ...options });

    beforeEach(() => {
      scope = `bob:POST /people/search ${++round}`;
      governor = makeAdapter();
    });

    it('grants in a limit scope that nobody has closed', async () => {
      expect(await ask(1000)).toEqual({ granted: true });
    });

    it('refuses until the moment it was closed until, and grants from then on', async () => {
      await governor.close(scope, 5000);
      expect(await ask(4999)).toEqual({ granted: false, at: 5000, slot: 5000, why: 'closed' });
      expect(await ask(5000, { slot: 5000 })).toEqual({ granted: true });
    });

    it('only ever moves the moment later', async () => {
      await governor.close(scope, 5000);
      await governor.close(scope, 3000);
      expect(await ask(4000)).toMatchObject({ granted: false, at: 5000 });
      await governor.close(scope, 9000);
      await Promise.all([8000, 12_000, 7000, 11_000].map((until) => governor.close(scope, until)));
      expect(await ask(4000)).toMatchObject({ granted: false, at: 12_000 });
    });

    it('rounds a fraction of a millisecond away from the vendor', async () => {
      await governor.close(scope, 5000.2);
      expect(await ask(5000.5)).toMatchObject({ granted: false, at: 5001 });
    });

    it('keeps limit scopes apart', async () => {
      await governor.close(scope, 5000);
      const permit = await permitIn(governor, `${scope} other`, { now: 1000, terms, slot: null });
      expect(permit).toEqual({ granted: true });
    });

    it('reserves a slot with each refusal, one after the other, and lets its holder through', async () => {
      const permits: Permit[] = [];
      for (let asks = 0; asks < 8; asks += 1) permits.push(await ask(start));
      expect(permits.filter(({ granted }) => granted)).toHaveLength(4);
      const slots = permits.flatMap((permit) => (permit.granted ? [] : [permit.slot]));
      expect(slots).toEqual([1250, 2500, 3750, 5000].map((after) => start + after));
      expect(await ask(start + 1249, { slot: start + 1250 })).toMatchObject({ at: start + 1250 });
      expect(await ask(start + 1250, { slot: start + 1250 })).toEqual({ granted: true });
      // Nobody who comes new is let through before those who wait.
      expect(await ask(start + 1250)).toMatchObject({ granted: false, slot: start + 6250 });
    });

    it('gives each of those who ask in the same instant a slot of its own', async () => {
      const permits = await Promise.all(Array.from({ length: 8 }, () => ask(start)));
      const slots = permits.flatMap((permit) => (permit.granted ? [] : [permit.slot]));
      expect(new Set(slots).size).toBe(slots.length);
      expect(slots).toHaveLength(4);
    });

    it('takes the slots that a closing covers, and goes on one by one behind it', async () => {
      for (let asks = 0; asks < 5; asks += 1) await ask(start);
      await governor.close(scope, start + 60_000);
      const late = await ask(start + 1250, { slot: start + 1250 });
      expect(late).toEqual({ granted: false, at: start + 60_000, slot: start + 60_000, why: 'closed' });
      expect(await ask(start + 1251)).toMatchObject({ slot: start + 61_250 });
      expect(await ask(start + 60_000)).toMatchObject({ granted: false, slot: start + 62_500 });
    });

    it('learns the limit that the vendor tells, and keeps it', async () => {
      const window = { remaining: 29, reset: (start + 60_000) / 1000, resetAt: start + 60_000 };
      await governor.learn(scope, terms, { ...nothing, limit: 30, window });
      const permits: Permit[] = [];
      for (let asks = 0; asks < 5; asks += 1) permits.push(await ask(start));
      const slots = permits.flatMap((permit) => (permit.granted ? [] : [permit.slot ?? 0]));
      // 24 a minute are ours.
      expect(slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0))).toEqual(
        slots.slice(1).map(() => 2500),
      );
      expect(slots.length).toBeGreaterThan(1);
    });

    it('keeps away until the vendor names a moment in a 429, and learns nothing away that was closed', async () => {
      await governor.close(scope, start + 30_000);
      await governor.learn(scope, terms, { ...nothing, refused: true, until: start + 10_000 });
      expect(await ask(start + 29_999)).toMatchObject({ granted: false, at: start + 30_000 });
      await governor.learn(scope, terms, { ...nothing, refused: true, until: start + 45_000 });
      expect(await ask(start + 44_999)).toMatchObject({ granted: false, at: start + 45_000 });
    });

    it('counts a call in each limit scope that it is in, and names the one that refuses', async () => {
      const asks = ['GET /a', 'GET /b'].map((endpoint) => [
        { scope: `${scope}:${endpoint}`, terms: { published: 600, chosen: null }, slot: null },
        { scope, terms, slot: null },
      ]);
      const permits = await Promise.all(
        [...asks, ...asks, ...asks].map((both) => governor.permit(both, start)),
      );
      expect(permits.filter(({ granted }) => granted)).toHaveLength(4);
      const slots = permits.flatMap((permit) => (permit.granted ? [] : [permit]));
      expect(slots.map((permit) => permit.scope)).toEqual([scope, scope]);
      expect(slots.map(({ slot }) => (slot ?? 0) - start).toSorted((a, b) => a - b)).toEqual([1250, 2500]);
    });

    it('keeps limits of other spans beside that of a minute', async () => {
      const spans = [{ requests: 10, ms: 3_600_000 }];
      const permits: Permit[] = [];
      for (let asks = 0; asks < 3; asks += 1) permits.push(await ask(start, { terms: { ...terms, spans } }));
      expect(permits).toMatchObject([{ granted: true }, { at: start + 450_000 }, { at: start + 900_000 }]);
    });

    it('slows down after a 429 without a figure', async () => {
      const unknown = { published: null, chosen: null };
      const pause = async (): Promise<number> => {
        const slots: number[] = [];
        for (let asks = 0; asks < 80; asks += 1) {
          const permit = await ask(start + 100_000, { terms: unknown });
          if (!permit.granted && permit.slot !== null) slots.push(permit.slot);
        }
        return (slots.at(-1) ?? 0) - (slots.at(-2) ?? 0);
      };
      const before = await pause();
      await governor.learn(scope, unknown, { ...nothing, at: start + 100_000, refused: true });
      expect(await pause()).toBeGreaterThan(before);
    });
  });
}
