import { beforeEach, describe, expect, it } from 'vitest';

import type { Mute, Mutes } from '../../../lib/on-call/mute.ts';

export function describeMutes(name: string, makeAdapter: () => Mutes): void {
  describe(`${name} keeps the contract of Mutes`, () => {
    let mutes: Mutes;
    let connection = '';
    let round = 0;
    const muted = (): Mute => ({
      connection,
      revision: 0,
      since: 1_772_366_400_000,
      until: 1_772_373_600_000,
      why: 'the vendor moves to another host',
      by: 'arn:aws:sts::123456789012:assumed-role/Operators/ada',
    });

    beforeEach(() => {
      connection = `contract-${++round}`;
      mutes = makeAdapter();
    });

    it('has none of a connection that was never muted', async () => {
      expect(await mutes.read(connection)).toBeNull();
    });

    it('gives back what was stored, one revision higher', async () => {
      expect(await mutes.replace(muted())).toEqual({ ...muted(), revision: 1 });
      expect(await mutes.read(connection)).toEqual({ ...muted(), revision: 1 });

      const ended = { ...muted(), until: muted().since + 5, revision: 1 };
      expect(await mutes.replace(ended)).toEqual({ ...ended, revision: 2 });
      expect(await mutes.read(connection)).toEqual({ ...ended, revision: 2 });
    });

    it('takes one of many writes of one revision', async () => {
      const stored = await Promise.all(
        Array.from({ length: 10 }, (_, index) => mutes.replace({ ...muted(), why: String(index) })),
      );
      const winners = stored.filter((mute) => mute !== undefined);
      expect(winners).toHaveLength(1);
      expect(await mutes.read(connection)).toEqual(winners[0]);
    });

    it('refuses a write over a revision that is past', async () => {
      await mutes.replace(muted());
      expect(await mutes.replace(muted())).toBeUndefined();
      expect(await mutes.replace({ ...muted(), revision: 5 })).toBeUndefined();
      const second = await mutes.replace({ ...muted(), revision: 1 });
      expect(await mutes.replace({ ...muted(), revision: 1 })).toBeUndefined();
      expect(await mutes.read(connection)).toEqual(second);
    });
  });
}
