import { used } from './adapt.ts';
import { paceOf, type Pace } from './pace.ts';
import { minuteMs, type GovernorState, type LimitTerms } from './state.ts';
import { hasRoom, windowSpacing, withoutOldWord } from './window.ts';

export interface PermitAsk {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly terms: LimitTerms;
  /** The slot that an earlier refusal reserved; null if there was none. */
  readonly slot: number | null;
}

export type Permit =
  | { readonly granted: true }
  | {
      readonly granted: false;
      /** When to request it again, epoch milliseconds. */
      readonly at: number;
      /** What is reserved, to be shown then; null if nothing could be reserved. */
      readonly slot: number | null;
      readonly why: 'closed' | 'paced' | 'contended';
    };

export interface PermitDecision {
  readonly permit: Permit;
  /** To be stored before the permit counts; null if nothing has changed. */
  readonly next: GovernorState | null;
}

/** A slot that is older than this was forgotten. It would be granted all the same if the rate allows. */
const oldestSlotMs = 10 * minuteMs;
/** Who comes for a slot and finds a crowd of others who are late keeps it for so long, and does not queue again. */
const patienceMs = 2000;

/**
 * One permit, decided from what is stored alone: GCRA (the generic cell rate algorithm) with reservations. A refusal
 * takes the next free slot of the plan, so that its holder comes back once and is let through; slots are given out in
 * order, so none is overtaken. Every call that is let through, early, late or twice, is counted by a second GCRA,
 * `spent`, which no reservation gets around.
 */
export function decidePermit(stored: GovernorState, ask: PermitAsk): PermitDecision {
  const state = withoutOldWord(stored, ask.now);
  const pace = paceOf(state, ask.terms);
  return redeem(state, ask, pace) ?? takeSlot(state, ask.now, pace);
}

/** Null where the slot is not, or no longer, worth anything. */
function redeem(state: GovernorState, { now, slot }: PermitAsk, pace: Pace): PermitDecision | null {
  if (slot === null || slot > state.lastSlot || now - slot > oldestSlotMs) return null;
  // A closing takes the slots within it.
  if (Math.max(slot, now) < state.closedUntil) return null;
  if (slot > now) return { permit: { granted: false, at: slot, slot, why: 'paced' }, next: null };
  // Reserved when more was left than the others have left since.
  if (!hasRoom(state.window, pace.window, now)) return null;
  const at = Math.ceil(state.spent - pace.spendAhead);
  if (at <= now) return { permit: { granted: true }, next: spend(state, now, pace) };
  if (at - now > patienceMs) return null;
  return { permit: { granted: false, at, slot, why: 'paced' }, next: null };
}

function takeSlot(state: GovernorState, now: number, pace: Pace): PermitDecision {
  const slot = nextSlot(state, now, pace);
  const counted: GovernorState = {
    ...state,
    planned: Math.max(plannedUntil(state, pace), slot) + pace.spacing,
    lastSlot: slot,
    window: withSlot(state.window, slot),
  };
  if (slot <= now) return { permit: { granted: true }, next: spend(counted, now, pace) };
  const why = state.closedUntil > now ? 'closed' : 'paced';
  return { permit: { granted: false, at: slot, slot, why }, next: counted };
}

/** The first moment that is free by the plan, by what was really spent, and by what the vendor has left. Whole ms. */
function nextSlot(state: GovernorState, now: number, pace: Pace): number {
  const { closedUntil, spent, lastSlot, window } = state;
  const open = Math.max(now, closedUntil, lastSlot, spent - pace.spendAhead);
  const byPlan = Math.max(open, plannedUntil(state, pace) - pace.planAhead);
  const spacing = windowSpacing(window, pace.window, now);
  if (window === null || spacing <= pace.spacing) return Math.ceil(byPlan);
  // What is left of the window is less than the rate: no bursts, and wider slots.
  const byWindow = Math.max(byPlan, lastSlot + spacing);
  return Math.ceil(Math.min(byWindow, Math.max(byPlan, window.resetAt)));
}

/** No burst when the gate is opened again: from there on the line goes one by one. */
function plannedUntil({ planned, closedUntil }: GovernorState, { planAhead }: Pace): number {
  return Math.max(planned, closedUntil + planAhead);
}

function withSlot(window: GovernorState['window'], slot: number): GovernorState['window'] {
  return window === null || slot >= window.resetAt ? window : { ...window, slots: window.slots + 1 };
}

function spend(state: GovernorState, now: number, { spacing }: Pace): GovernorState {
  const { window, span } = state;
  const { measured } = span;
  return {
    ...state,
    ...used(state, now),
    grantedAt: now,
    spent: Math.max(state.spent, now) + spacing,
    window: window === null ? null : { ...window, calls: window.calls + 1 },
    span: { ...span, measured: measured && { ...measured, calls: measured.calls + 1 } },
  };
}
