import { learned, type Observation } from '../../../lib/governor/learn.ts';
import { permitOf, type ScopeAsk, type ScopedPermit } from '../../../lib/governor/permits.ts';
import { newGovernorState, type GovernorState, type LimitTerms } from '../../../lib/governor/state.ts';
import type { Governor } from '../../../lib/sync/ports.ts';

/** The same decisions as the real one, without contention. */
export class FakeGovernor implements Governor {
  readonly #states = new Map<string, GovernorState>();

  permit(asks: readonly ScopeAsk[], now: number): Promise<ScopedPermit> {
    return permitOf(asks, now, {
      read: (scope) => Promise.resolve({ state: this.state(scope) }),
      replace: (scope, { state }, next) => {
        if (this.state(scope) !== state) return Promise.resolve(false);
        this.#states.set(scope, next);
        return Promise.resolve(true);
      },
    });
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
    const state = this.#states.get(limitScope) ?? newGovernorState();
    this.#states.set(limitScope, state);
    return state;
  }
}
