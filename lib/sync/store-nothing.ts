import { isFull } from '../connectors/connector.ts';
import type { Totals } from '../paging/totals.ts';
import { basisNow } from './basis.ts';
import type { Checkpoint } from './checkpoint.ts';
import { goBack } from './go-back.ts';
import { moveOn } from './move-on.ts';
import { move, type Next, type Stored } from './move.ts';
import type { Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { remember } from './store-rows.ts';
import { walkRefused } from './walk.ts';
import type { Work } from './work.ts';

/** 204 and 304: there is nothing more, but nobody has said that there is nothing at all. */
export function storeNothing(status: number | null, held: Checkpoint, work: Work): Promise<PageReport> {
  if (held.position?.kind === 'part') {
    // In a window nothing has changed. Elsewhere it may mean that there are no rows, and nothing is deleted on a "may".
    const partial = isFull(work.stream.definition)
      ? 'the vendor has no content for a part of the list'
      : null;
    return storeNoRows({ status, partial }, held, work);
  }
  return endWithoutRows({ status, reason: null, total: null }, { kind: 'nothing' }, held, work);
}

/** The vendor refused an offset behind a page of this walk: the list, or what the vendor gives of it, ends there. */
export function storeRefusal(
  { refused, status, reason }: Extract<Reading, { kind: 'refused offset' }>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const step = walkRefused(refused, held, work);
  if (step.kind === 'step back') return goBack(step, status, held, work);
  const cutShort = step.kind === 'cut short';
  const isEnd = step.kind === 'end';
  const totals = isEnd ? (held.totals ?? 'confirmed') : held.totals;
  const why = cutShort ? `the vendor goes no deeper into the list: ${reason}` : null;
  return held.position?.kind === 'part'
    ? storeNoRows({ status, partial: why, cutShort, totals }, held, work)
    : endWithoutRows(
        { status, reason: why, total: null, cutShort, totals },
        isEnd ? { kind: 'end', claimed: null } : { kind: 'nothing' },
        held,
        work,
      );
}

export function storeUnknownParent(status: number | null, held: Checkpoint, work: Work): Promise<PageReport> {
  const partial = 'the vendor does not know one whose rows it was asked for';
  return storeNoRows({ status, partial, isUnknown: true }, held, work);
}

/** Its id cannot stand in a request. It may have rows, so nothing is deleted; those behind it are asked for. */
export async function storeUnaskableParent(held: Checkpoint, work: Work): Promise<PageReport> {
  const partial = 'the id of one whose rows are asked for cannot stand in a path (. or ..)';
  const report = await storeNoRows({ status: null, partial, isLeftOut: true }, held, work);
  return { ...report, requests: 0 };
}

/**
 * The part is over, and the next one follows.
 *
 * @property isUnknown the vendor does not know the parent @property isLeftOut all parts of this parent are
 */
export async function storeNoRows(
  {
    status,
    partial,
    isUnknown = false,
    cutShort = false,
    totals,
    isLeftOut = isUnknown,
  }: {
    readonly status: number | null;
    readonly partial: string | null;
    readonly isUnknown?: boolean;
    readonly cutShort?: boolean;
    readonly totals?: Totals;
    readonly isLeftOut?: boolean;
  },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  await remember([], held, work);
  const done = {
    ...{
      status,
      total: null,
      absent: null,
      basis: basisNow(work),
      isUnknown,
      cutShort,
      ...(totals !== undefined && { totals }),
    },
    ...{ records: 0, written: 0, unchanged: 0 },
  };
  return moveOn({ rows: [], partial, isLeftOut }, done, held, work);
}

/**
 * There was nobody to ask for: no parent is left, so their rows have gone, too. Whatever the key is, nothing was asked with it,
 * and it earns no trust.
 */
export async function storeNobody(held: Checkpoint, work: Work): Promise<PageReport> {
  const nobody = { status: null, reason: null, total: null, basis: held.trusted ?? basisNow(work) };
  const report = await endWithoutRows(nobody, { kind: 'end', claimed: null }, held, work);
  return { ...report, requests: 0 };
}

/** The run ends here, or seems to. */
export async function endWithoutRows(
  found: Pick<Stored, 'status' | 'reason' | 'total' | 'cutShort' | 'totals'> & { readonly basis?: string },
  next: Next,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  await remember([], held, work);
  const nothing = { absent: null, records: 0, written: 0, unchanged: 0, basis: basisNow(work) };
  return move({ ...nothing, ...found }, next, held, work);
}
