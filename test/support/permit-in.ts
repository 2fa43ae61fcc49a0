import type { Permit, PermitAsk } from '../../lib/governor/permit.ts';
import type { Governor } from '../../lib/sync/ports.ts';

/** A permit for a call that counts in one limit scope alone. */
export async function permitIn(governor: Governor, scope: string, ask: PermitAsk): Promise<Permit> {
  const { now, terms, slot } = ask;
  const permit = await governor.permit([{ scope, terms, slot }], now);
  if (permit.granted) return permit;
  const { granted, at, slot: reserved, why } = permit;
  return { granted, at, slot: reserved, why };
}
