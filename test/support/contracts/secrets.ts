import { beforeEach, describe, expect, it } from 'vitest';

import type { Secrets } from '../../../lib/sync/ports.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

export interface SecretsHarness {
  readonly secrets: Secrets;
  /** Stores a new version of the secret, as a JSON object. */
  change(fields: Readonly<Record<string, string>>): void;
}

export function describeSecrets(name: string, makeHarness: (clock: FakeClock) => SecretsHarness): void {
  describe(`${name} keeps the contract of Secrets`, () => {
    let clock: FakeClock;
    let harness: SecretsHarness;

    beforeEach(() => {
      clock = new FakeClock();
      harness = makeHarness(clock);
      harness.change({ apiKey: 'made-up-1' });
    });

    it('gives the fields of the current version', async () => {
      const secret = await harness.secrets.read({ fresh: false });
      expect(secret.fields).toEqual({ apiKey: 'made-up-1' });
      expect(secret.version).not.toBe('');
    });

    it('trusts what it has read for five minutes', async () => {
      const first = await harness.secrets.read({ fresh: false });
      harness.change({ apiKey: 'made-up-2' });
      await clock.advance(299_999);
      expect(await harness.secrets.read({ fresh: false })).toEqual(first);
      await clock.advance(1);
      const second = await harness.secrets.read({ fresh: false });
      expect(second.fields).toEqual({ apiKey: 'made-up-2' });
      expect(second.version).not.toBe(first.version);
    });

    it('reads afresh when asked to, and remembers that', async () => {
      await harness.secrets.read({ fresh: false });
      harness.change({ apiKey: 'made-up-2' });
      expect((await harness.secrets.read({ fresh: true })).fields).toEqual({ apiKey: 'made-up-2' });
      expect((await harness.secrets.read({ fresh: false })).fields).toEqual({ apiKey: 'made-up-2' });
    });
  });
}
