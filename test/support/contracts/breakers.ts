import { beforeEach, describe, expect, it } from 'vitest';

import { newBreaker, type Breaker } from '../../../lib/sync/breaker.ts';
import type { Breakers } from '../../../lib/sync/ports.ts';

export function describeBreakers(name: string, makeAdapter: () => Breakers): void {
  describe(`${name} keeps the contract of Breakers`, () => {
    let breakers: Breakers;
    let connection = '';
    let round = 0;

    beforeEach(() => {
      connection = `contract-${++round}`;
      breakers = makeAdapter();
    });

    it('says of a breaker that was never stored that it is closed', async () => {
      expect(await breakers.read(connection)).toEqual(newBreaker(connection));
    });

    it('gives back what was stored, one revision higher', async () => {
      const open: Breaker = {
        connection,
        revision: 0,
        state: 'half-open',
        secretVersion: 'a1b2c3',
        openedBy: 'mobaro/users',
        goodVersion: null,
        doubtUntil: 7,
        openedAt: 1_772_366_400_000,
        probe: { stream: 'mobaro/users', until: 1_772_366_440_000 },
      };
      expect(await breakers.replace(open)).toEqual({ ...open, revision: 1 });
      expect(await breakers.read(connection)).toEqual({ ...open, revision: 1 });

      const closed = { ...newBreaker(connection), revision: 1 };
      expect(await breakers.replace(closed)).toEqual({ ...closed, revision: 2 });
      expect(await breakers.read(connection)).toEqual({ ...closed, revision: 2 });
    });

    it('lets one of many win', async () => {
      const open = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          breakers.replace({ ...newBreaker(connection), state: 'open', secretVersion: `v${index}` }),
        ),
      );
      const winners = open.filter((breaker) => breaker !== undefined);
      expect(winners).toHaveLength(1);
      expect(await breakers.read(connection)).toEqual(winners[0]);
    });

    it('refuses a write over a revision that is past', async () => {
      await breakers.replace(newBreaker(connection));
      expect(await breakers.replace(newBreaker(connection))).toBeUndefined();
      expect(await breakers.replace({ ...newBreaker(connection), revision: 5 })).toBeUndefined();
      const second = await breakers.replace({ ...newBreaker(connection), revision: 1 });
      expect(await breakers.replace({ ...newBreaker(connection), revision: 1 })).toBeUndefined();
      expect(await breakers.read(connection)).toEqual(second);
    });
  });
}
