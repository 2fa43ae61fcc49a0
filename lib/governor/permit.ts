import { counted, used } from './adapt.ts';
import { meterOf, paceOf, stepsOfSpan, type Pace, type Steps } from './pace.ts';
import { minuteMs, type GovernorState, type LimitTerms, type Meter } from './state.ts';
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
  const { spans = [] } = ask.terms;
  const paces = {
    main: paceOf(state, ask.terms),
    spans: spans.map((limit) => ({ ...stepsOfSpan(limit), meter: meterOf(state.meters, limit) })),
  };
  return redeem(state, ask, paces) ?? takeSlot(state, ask.now, paces);
}

/** A call has to find room in each of them. */
interface Paces {
  /** Of the limit that answers speak of, and that 429s teach. */
  readonly main: Pace;
  readonly spans: readonly (Steps & { readonly meter: Meter })[];
}

/** Null where the slot is not, or no longer, worth anything. */
function redeem(state: GovernorState, { now, slot }: PermitAsk, paces: Paces): PermitDecision | null {
  if (slot === null || slot > state.lastSlot || now - slot > oldestSlotMs) return null;
  // A closing takes the slots within it.
  if (Math.max(slot, now) < state.closedUntil) return null;
  if (slot > now) return { permit: { granted: false, at: slot, slot, why: 'paced' }, next: null };
  // Reserved when more was left than the others have left since.
  if (!hasRoom(state.window, paces.main.window, now)) return null;
  const at = Math.ceil(affordable(state, paces));
  if (at <= now) return { permit: { granted: true }, next: spend(state, now, paces) };
  if (at - now > patienceMs) return null;
  return { permit: { granted: false, at, slot, why: 'paced' }, next: null };
}

function takeSlot(state: GovernorState, now: number, { main, spans }: Paces): PermitDecision {
  const slot = nextSlot(state, now, { main, spans });
  const planned = spans.map((span) => ({
    ...span,
    meter: { ...span.meter, planned: Math.max(span.meter.planned, slot) + span.spacing },
  }));
  const reserved: GovernorState = {
    ...state,
    planned: Math.max(plannedUntil(state, main), slot) + main.spacing,
    lastSlot: slot,
    window: withSlot(state.window, slot),
    meters: planned.map(({ meter }) => meter),
  };
  if (slot <= now) {
    return { permit: { granted: true }, next: spend(reserved, now, { main, spans: planned }) };
  }
  const why = state.closedUntil > now ? 'closed' : 'paced';
  return { permit: { granted: false, at: slot, slot, why }, next: reserved };
}

/** From when on what was really let through leaves room for one more. */
function affordable({ spent }: GovernorState, { main, spans }: Paces): number {
  return Math.max(spent - main.spendAhead, ...spans.map((span) => span.meter.spent - span.spendAhead));
}

/** The first moment that is free by the plan, by what was really spent, and by what the vendor has left. Whole ms. */
function nextSlot(state: GovernorState, now: number, { main, spans }: Paces): number {
  const { closedUntil, lastSlot, window } = state;
  const open = Math.max(now, closedUntil, lastSlot, affordable(state, { main, spans }));
  const planned = spans.map((span) => span.meter.planned - span.planAhead);
  const byPlan = Math.max(open, plannedUntil(state, main) - main.planAhead, ...planned);
  const spacing = windowSpacing(window, main.window, now);
  if (window === null || spacing <= main.spacing) return Math.ceil(byPlan);
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

function spend(state: GovernorState, now: number, { main, spans }: Paces): GovernorState {
  const { window, span } = state;
  const { measured } = span;
  return {
    ...state,
    ...used(state, now),
    grantedAt: now,
    spent: Math.max(state.spent, now) + main.spacing,
    meters: spans.map(({ spacing, meter }) => ({
      ...meter,
      spent: Math.max(meter.spent, now) + spacing,
      counts: counted(meter.counts, now, meter.ms),
    })),
    window: window === null ? null : { ...window, calls: window.calls + 1 },
    span: { ...span, measured: measured && { ...measured, calls: measured.calls + 1 } },
  };
}
