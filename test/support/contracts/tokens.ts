import { randomUUID } from 'node:crypto';

import { beforeEach, describe, expect, it } from 'vitest';

import type { Tokens, TokenStates, TokenVault } from '../../../lib/sync/ports.ts';
import { newTokenState, type TokenState } from '../../../lib/sync/token.ts';

export function describeTokenStates(name: string, makeAdapter: () => TokenStates): void {
  describe(`${name} keeps the contract of TokenStates`, () => {
    let states: TokenStates;
    let connection = '';
    let round = 0;

    beforeEach(() => {
      connection = `contract-${++round}`;
      states = makeAdapter();
    });

    it('says of a connection that nothing was stored of that nothing has been granted', async () => {
      expect(await states.read(connection)).toEqual(newTokenState(connection));
    });

    it('gives back what was stored, one revision higher', async () => {
      const leased: TokenState = {
        connection,
        revision: 0,
        lease: { holder: 'a', until: 1_772_366_440_000 },
        ...{ version: 'v1', requestedAt: 1, renewAt: 2, expired: 'v0', doubted: 'v2', retryAt: 3 },
      };
      expect(await states.replace(leased)).toEqual({ ...leased, revision: 1 });
      expect(await states.read(connection)).toEqual({ ...leased, revision: 1 });
      const free = { ...newTokenState(connection), revision: 1 };
      expect(await states.replace(free)).toEqual({ ...free, revision: 2 });
      expect(await states.read(connection)).toEqual({ ...free, revision: 2 });
    });

    it('lets one of many win', async () => {
      const leased = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          states.replace({ ...newTokenState(connection), lease: { holder: `h${index}`, until: 1 } }),
        ),
      );
      const winners = leased.filter((state) => state !== undefined);
      expect(winners).toHaveLength(1);
      expect(await states.read(connection)).toEqual(winners[0]);
    });
  });
}

/** @param makeVault one in which nothing has been stored yet */
export function describeTokenVault(name: string, makeVault: () => TokenVault): void {
  describe(`${name} keeps the contract of TokenVault`, () => {
    let vault: TokenVault;
    let first: string;

    beforeEach(async () => {
      vault = makeVault();
      first = (await vault.current()).version;
    });

    const tokensOf = (which: string, after: string): Tokens => ({
      grant: 'of a grant',
      accessToken: `made-up-access-${which}`,
      refreshToken: which === 'one' ? null : `made-up-refresh-${which}`,
      requestedAt: 1_772_366_400_000,
      lifeMs: which === 'one' ? null : 3_600_000,
      after,
    });

    it('holds nothing at first', async () => {
      expect(await vault.current()).toMatchObject({ tokens: null });
      expect(await vault.stored()).toBeNull();
      expect(await vault.previous()).toBeNull();
      expect(await vault.read(randomUUID())).toBeNull();
    });

    it('stores a version without making it current', async () => {
      const version = randomUUID();
      const tokens = tokensOf('one', first);
      await vault.store(version, tokens);
      expect(await vault.stored()).toEqual({ version, tokens });
      expect(await vault.read(version)).toEqual(tokens);
      expect(await vault.current()).toEqual({ version: first, tokens: null });
    });

    it('makes a version current in the place of the one that is, and of no other', async () => {
      const [one, two, late] = [randomUUID(), randomUUID(), randomUUID()];
      await vault.store(one, tokensOf('one', first));
      expect(await vault.makeCurrent(one, first)).toBe(true);
      await vault.store(two, tokensOf('two', one));
      expect(await vault.makeCurrent(two, one)).toBe(true);
      await vault.store(late, tokensOf('late', one));
      expect(await vault.makeCurrent(late, one)).toBe(false);
      expect(await vault.current()).toEqual({ version: two, tokens: tokensOf('two', one) });
      expect(await vault.previous()).toEqual({ version: one, tokens: tokensOf('one', first) });
      // Whose first try came through, and whose answer was lost.
      expect(await vault.makeCurrent(two, one)).toBe(true);
      expect(await vault.read(late)).toEqual(tokensOf('late', one));
      expect(await vault.read(two)).toEqual(tokensOf('two', one));
    });

    it('lets one of many win', async () => {
      const versions = Array.from({ length: 8 }, () => randomUUID());
      for (const version of versions) await vault.store(version, tokensOf(version, first));
      const won = await Promise.all(versions.map((version) => vault.makeCurrent(version, first)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await vault.current()).version).toBe(versions[won.indexOf(true)]);
    });
  });
}
