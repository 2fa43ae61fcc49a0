import { describe, expect, it } from 'vitest';

import { recordDigest } from '../../../lib/changes/forgotten.ts';
import type { ForgottenRecords } from '../../../lib/changes/ports.ts';

const day = 86_400_000;

/**
 * What every keeper of what was forgotten must do.
 * @param make on what is there already: each test has records of its own
 */
export function describeForgotten(name: string, make: (clock: { now(): number }) => ForgottenRecords): void {
  describe(`${name} as the keeper of what was forgotten`, () => {
    let now = Date.UTC(2026, 10, 30);
    const clock = { now: () => now };
    const until = async (digest: string) => (await make(clock).read()).get(digest);

    it('knows nothing of a record that nobody has forgotten', async () => {
      expect(await until(recordDigest('bob/people', 'never'))).toBeUndefined();
    });

    it('holds a record back until it is released, from then on only what was before', async () => {
      const digest = recordDigest('bob/people', 'released');
      await make(clock).hold(digest);
      expect(await until(digest)).toBeNull();
      expect(await make(clock).release(digest, now + 1)).toBe(true);
      expect(await until(digest)).toBe(now + 1);
    });

    it('does not release what is not held, and holds again what was released', async () => {
      const digest = recordDigest('bob/people', 'twice');
      expect(await make(clock).release(digest, now)).toBe(false);
      expect(await until(digest)).toBeUndefined();
      await make(clock).hold(digest);
      await make(clock).release(digest, now);
      expect(await make(clock).release(digest, now + 5)).toBe(false);
      expect(await until(digest)).toBe(now);
      await make(clock).hold(digest);
      expect(await until(digest)).toBeNull();
    });

    it('loses nothing to people who forget at once', async () => {
      const digests = Array.from({ length: 6 }, (_, index) => recordDigest('bob/people', `at-once-${index}`));
      await Promise.all(digests.map((digest) => make(clock).hold(digest)));
      expect(await Promise.all(digests.map(until))).toEqual(digests.map(() => null));
    });

    it('keeps an entry for eight days, and the others beside it', async () => {
      const [first, second] = [recordDigest('bob/people', 'first'), recordDigest('bob/people', 'second')];
      await make(clock).hold(first);
      now += 5 * day;
      await make(clock).hold(second);
      await make(clock).release(second, now);
      now += 3 * day - 1000;
      expect(await until(first)).toBeNull();
      now += 2000;
      expect(await until(first)).toBeUndefined();
      expect(await make(clock).release(first, now)).toBe(false);
      expect(await until(second)).not.toBeUndefined();
    });
  });
}
