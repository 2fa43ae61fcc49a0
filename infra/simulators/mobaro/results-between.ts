import { answeredAt, type Row } from './data.ts';

/**
 * The results that were answered between `AnsweredAfter` and `AnsweredBefore`, and by now; null where a date is not of the
 * form `YYYY-MM-DDTHH:mm:ssZ`. Source: Mobaro's parameter reference ("must be UTC"). Whether a bound counts in is not said;
 * here none does, so that code which relies on it loses rows.
 */
export function resultsBetween(
  rows: readonly Row[],
  parameters: ReadonlyMap<string, string>,
  now: number,
): readonly Row[] | null {
  const after = utcOf(parameters.get('answeredafter'), -Infinity);
  const before = utcOf(parameters.get('answeredbefore'), Infinity);
  if (after === null || before === null) return null;
  return rows.filter((row) => {
    const answered = answeredAt(row);
    return answered > after && answered < before && answered <= now;
  });
}

function utcOf(text: string | undefined, unless: number): number | null {
  if (text === undefined) return unless;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? null : time;
}
