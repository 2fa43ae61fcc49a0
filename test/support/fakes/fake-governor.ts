import type { Governor, Permit } from '../../../lib/sync/ports.ts';

export class FakeGovernor implements Governor {
  readonly #closedUntil = new Map<string, number>();

  async permit(limitScope: string, now: number): Promise<Permit> {
    const at = this.#closedUntil.get(limitScope) ?? now;
    return at <= now ? { granted: true } : { granted: false, at };
  }

  async close(limitScope: string, until: number): Promise<void> {
    const before = this.#closedUntil.get(limitScope) ?? until;
    this.#closedUntil.set(limitScope, Math.max(before, Math.ceil(until)));
  }
}
