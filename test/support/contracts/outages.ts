import { beforeEach, describe, expect, it } from 'vitest';

import { newOutage, type Outage } from '../../../lib/sync/outage.ts';
import type { Outages } from '../../../lib/sync/ports.ts';

export function describeOutages(name: string, makeAdapter: () => Outages): void {
  describe(`${name} keeps the contract of Outages`, () => {
    let outages: Outages;
    let limitScope = '';
    let round = 0;
    const standing = (): Outage => ({
      limitScope,
      revision: 0,
      since: 1_772_366_400_000,
      pauseMs: 45_000,
      nextAt: 1_772_366_445_000,
      carriers: { mobaro: 'mobaro/users', 'second-one': 'second-one/users' },
    });

    beforeEach(() => {
      limitScope = `contract-${++round}:GET /lists/{id}`;
      outages = makeAdapter();
    });

    it('says of a limit scope of which nothing was ever stored that no outage stands', async () => {
      expect(await outages.read(limitScope)).toEqual(newOutage(limitScope));
    });

    it('gives back what was stored, one revision higher', async () => {
      expect(await outages.replace(standing())).toEqual({ ...standing(), revision: 1 });
      expect(await outages.read(limitScope)).toEqual({ ...standing(), revision: 1 });

      const over = { ...newOutage(limitScope), revision: 1 };
      expect(await outages.replace(over)).toEqual({ ...over, revision: 2 });
      expect(await outages.read(limitScope)).toEqual({ ...over, revision: 2 });
    });

    it('lets one of many take the turn', async () => {
      const stored = await Promise.all(
        Array.from({ length: 10 }, (_, index) => outages.replace({ ...standing(), pauseMs: index })),
      );
      const winners = stored.filter((outage) => outage !== undefined);
      expect(winners).toHaveLength(1);
      expect(await outages.read(limitScope)).toEqual(winners[0]);
    });

    it('refuses a write over a revision that is past', async () => {
      await outages.replace(standing());
      expect(await outages.replace(standing())).toBeUndefined();
      expect(await outages.replace({ ...standing(), revision: 5 })).toBeUndefined();
      const second = await outages.replace({ ...standing(), revision: 1 });
      expect(await outages.replace({ ...standing(), revision: 1 })).toBeUndefined();
      expect(await outages.read(limitScope)).toEqual(second);
    });
  });
}
