import type { Change } from '../../../lib/changes/change.ts';

/** A record as readers of the change log are to see it; null while there is nothing to see. */
export type Visible = { readonly json: string; readonly deletedAt: string | null } | null;

/** What a line makes of it. */
export function after({ op, at, json }: Change, before: Visible): Visible {
  if (json === null) return null;
  if (op === 'changed') return { json, deletedAt: before?.deletedAt ?? null };
  return { json, deletedAt: op === 'deleted' ? at : null };
}

export function visibleOf(
  record: { readonly json: string | null; readonly deletedAt: string | null } | null,
): Visible {
  const { json, deletedAt } = record ?? { json: null, deletedAt: null };
  return json === null ? null : { json, deletedAt };
}
