import { learned, type Observation } from '../../../lib/governor/learn.ts';
import { decidePermit, type Permit, type PermitAsk } from '../../../lib/governor/permit.ts';
import { newGovernorState, type GovernorState, type LimitTerms } from '../../../lib/governor/state.ts';
import type { Governor } from '../../../lib/sync/ports.ts';

/** The same decisions as the real one, without contention. */
export class FakeGovernor implements Governor {
  readonly #states = new Map<string, GovernorState>();

  async permit(limitScope: string, ask: PermitAsk): Promise<Permit> {
    const { permit, next } = decidePermit(this.state(limitScope), ask);
    if (next !== null) this.#states.set(limitScope, next);
    return permit;
  }

  async close(limitScope: string, until: number): Promise<void> {
    const state = this.state(limitScope);
    this.#states.set(limitScope, {
      ...state,
      closedUntil: Math.max(state.closedUntil, Math.ceil(until)),
    });
  }

  async learn(limitScope: string, terms: LimitTerms, seen: Observation): Promise<void> {
    this.#states.set(limitScope, learned(this.state(limitScope), terms, seen));
  }

  state(limitScope: string): GovernorState {
    return this.#states.get(limitScope) ?? newGovernorState();
  }
}
