import { forgottenKeptMs, type ForgottenUntil } from '../../../lib/changes/forgotten.ts';
import type { ForgottenRecords } from '../../../lib/changes/ports.ts';

/** What was forgotten, in memory. */
export class FakeForgotten implements ForgottenRecords {
  readonly #entries = new Map<string, { readonly until: number | null; readonly expiresAt: number }>();
  readonly #clock: { now(): number };

  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  async read(): Promise<ForgottenUntil> {
    return this.#living();
  }

  async hold(digest: string): Promise<void> {
    this.#entries.set(digest, { until: null, expiresAt: this.#clock.now() + forgottenKeptMs });
  }

  async release(digest: string, until: number): Promise<boolean> {
    const entry = this.#entries.get(digest);
    if (entry === undefined || this.#living().get(digest) !== null) return false;
    this.#entries.set(digest, { ...entry, until });
    return true;
  }

  #living(): ForgottenUntil {
    const living = [...this.#entries].filter(([, { expiresAt }]) => expiresAt > this.#clock.now());
    return new Map(living.map(([digest, { until }]) => [digest, until]));
  }
}
