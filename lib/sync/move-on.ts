import type { Row } from '../connectors/read-page.ts';
import type { Checkpoint } from './checkpoint.ts';
import { move, type Next, type Stored } from './move.ts';
import { nextPart } from './parts.ts';
import type { PageReport } from './report.ts';
import type { Work } from './work.ts';

/** A part of the run has been walked to its end: the next one follows, if there is one. @property isLeftOut the parent as a whole */
export async function moveOn(
  {
    rows,
    partial,
    isLeftOut = false,
  }: {
    readonly rows: readonly Pick<Row, 'id'>[];
    readonly partial: string | null;
    readonly isLeftOut?: boolean;
  },
  done: Omit<Stored, 'reason'>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { position } = held;
  if (position?.kind !== 'part') throw new Error('The run has no parts');
  const ids = rows.map(({ id }) => id);
  const next = await nextPart(position.part, { ids, isLeftOut }, held, work);
  const reason = partial ?? leftOut(ids, work);
  const where: Next = next === null ? { kind: 'end', claimed: null } : { kind: 'more', position: next };
  return move({ ...done, reason }, where, held, work);
}

/** Rows of a batch that were listed and do not come. @returns the reason, or null */
function leftOut(ids: readonly string[], { ids: asked = [] }: Work): string | null {
  const came = new Set(ids);
  const missing = asked.filter((id) => !came.has(id)).length;
  return missing === 0 ? null : `the vendor lists ${missing} rows that it does not give`;
}
