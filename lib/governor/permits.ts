import { decidePermit, type Permit, type PermitAsk } from './permit.ts';
import type { GovernorState } from './state.ts';

/** What a call counts for in one limit scope. */
export interface ScopeAsk extends Omit<PermitAsk, 'now'> {
  readonly scope: string;
}

export type ScopedPermit =
  | Extract<Permit, { granted: true }>
  /** `scope` is the one that refuses, and in which the slot is reserved. */
  | (Extract<Permit, { granted: false }> & { readonly scope: string });

/** Where the states are kept. */
export interface StateStore<Stored extends { readonly state: GovernorState }> {
  /** Consistent. */
  read(scope: string): Promise<Stored>;
  /** @returns false if another writer was faster */
  replace(scope: string, stored: Stored, next: GovernorState): Promise<boolean>;
}

/** One gets through each time, so losing this often takes as many others in the same instant. */
const maxTries = 20;
const contendedMs = 1000;

/**
 * One permit for a call that counts in several limit scopes, the narrowest first: it is let through where each of them lets it.
 *
 * The first that refuses reserves a slot, and those behind it are not asked: a page that waits for its endpoint keeps no slot of the
 * account's from others. Those before it are left as they were, with whatever slot they had reserved. Where all grant, the widest
 * is written first, for most others write to that one; if a narrower one then refuses after all, one call of the widest is lost.
 */
export async function permitOf<Stored extends { readonly state: GovernorState }>(
  asks: readonly ScopeAsk[],
  now: number,
  store: StateStore<Stored>,
): Promise<ScopedPermit> {
  let open = asks;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { refused, grants } = await decideAll(open, now, store);
    if (refused !== null) {
      const { ask, stored, permit, next } = refused;
      if (next === null || (await store.replace(ask.scope, stored, next))) return permit;
      continue;
    }
    for (const { ask, stored, next } of grants.toReversed()) {
      if (!(await store.replace(ask.scope, stored, next))) break;
      open = open.filter((other) => other !== ask);
    }
    if (open.length === 0) return { granted: true };
  }
  const [{ scope, slot } = { scope: '', slot: null }] = open;
  return { granted: false, at: now + contendedMs, slot, why: 'contended', scope };
}

interface Grant<Stored> {
  readonly ask: ScopeAsk;
  readonly stored: Stored;
  readonly next: GovernorState;
}

interface Refusal<Stored> extends Omit<Grant<Stored>, 'next'> {
  readonly permit: ScopedPermit;
  readonly next: GovernorState | null;
}

async function decideAll<Stored extends { readonly state: GovernorState }>(
  asks: readonly ScopeAsk[],
  now: number,
  store: StateStore<Stored>,
): Promise<{ readonly refused: Refusal<Stored> | null; readonly grants: readonly Grant<Stored>[] }> {
  const grants: Grant<Stored>[] = [];
  for (const ask of asks) {
    const stored = await store.read(ask.scope);
    const { permit, next } = decidePermit(stored.state, { ...ask, now });
    if (!permit.granted)
      return { refused: { ask, stored, permit: { ...permit, scope: ask.scope }, next }, grants };
    grants.push({ ask, stored, next: next ?? stored.state });
  }
  return { refused: null, grants };
}
