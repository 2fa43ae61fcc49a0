import { describe, expect, it } from 'vitest';

import { newGovernorState, type GovernorState } from '../../../lib/governor/state.ts';
import { limitUse } from '../../../lib/governor/use.ts';

const now = 1_000_000;
const nothing = { published: null, chosen: null };

function state(more: Partial<GovernorState>): GovernorState {
  return { ...newGovernorState(), ...more };
}

describe('limitUse', () => {
  it('counts the calls of the last minute', () => {
    const counts = { since: now - 5000, calls: [3, 4, 0, 0, 0, 0, 0] };

    expect(limitUse(state({ counts }), nothing, now).calls).toBe(7);
    expect(limitUse(state({ counts }), nothing, now + 120_000).calls).toBe(0);
  });

  it.each([
    [nothing, null, { limit: null, saidBy: null, pace: 300 }],
    [{ published: 50, chosen: null }, null, { limit: 50, saidBy: 'documentation', pace: 40 }],
    [{ published: 50, chosen: null }, 100, { limit: 100, saidBy: 'vendor', pace: 80 }],
    [{ published: 50, chosen: 20 }, 100, { limit: 20, saidBy: 'settings', pace: 16 }],
    [{ published: null, chosen: 20 }, 10, { limit: 10, saidBy: 'vendor', pace: 8 }],
  ])('says of %j and %j who has said the limit, and what is let through', (terms, limit, use) => {
    expect(limitUse(state({ limit }), terms, now)).toMatchObject(use);
  });

  it('says when the gate is closed, and what is left of the window, as long as that lasts', () => {
    const window = {
      id: 1,
      resetAt: now + 10,
      remaining: 7,
      first: { at: now, remaining: 9 },
      seenAt: now,
      answers: 1,
      calls: 1,
      slots: 1,
      foreign: 0,
      isRolling: false,
    };
    const stored = state({ closedUntil: now + 10, window });

    expect(limitUse(stored, nothing, now)).toMatchObject({
      closedUntil: now + 10,
      window: { remaining: 7, resetAt: now + 10 },
    });
    expect(limitUse(stored, nothing, now + 10)).toMatchObject({ closedUntil: null, window: null });
  });
});
