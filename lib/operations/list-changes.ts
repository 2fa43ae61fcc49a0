import type { Change } from '../changes/change.ts';
import { lineOf } from '../changes/line.ts';
import { csvField, csvLine } from './list-records.ts';

export const changeFormats = ['ndjson', 'json', 'csv'] as const;
export type ChangeFormat = (typeof changeFormats)[number];

export interface ChangesForm {
  readonly format: ChangeFormat;
  /** Leaves out what the records hold. */
  readonly withoutContent: boolean;
  /** Comes behind what has been printed in the same form before. */
  readonly goesOn: boolean;
}

/**
 * Lines of the change log as text, piece by piece: `ndjson` as the log has them, `json` one object with the cursor at its end,
 * `csv` with a header and every field in quotes. The vendor's JSON goes through with every digit.
 *
 * @param cursor is asked once all has been read
 */
export async function* changePieces(
  changes: AsyncIterable<Change>,
  { format, withoutContent, goesOn }: ChangesForm,
  cursor: () => string,
): AsyncGenerator<string, void, undefined> {
  const header = withoutContent ? columns : [...columns, 'data'];
  if (format === 'csv' && !goesOn) yield csvLine(header.map(csvField));
  if (format === 'json') yield '{"schemaVersion":1,"changes":[';
  let first = true;
  for await (const change of changes) {
    const text = textOf(change, format, withoutContent);
    yield format === 'json' ? `${first ? '\n' : ',\n'}${text}` : text;
    first = false;
  }
  if (format === 'json') yield `${first ? '' : '\n'}],"cursor":${JSON.stringify(cursor())}}\n`;
}

const columns = ['stream', 'id', 'op', 'at', 'run', 'sequence'] as const;

function textOf(change: Change, format: ChangeFormat, withoutContent: boolean): string {
  if (format === 'csv') {
    const fields = columns.map((column) => change[column] ?? '');
    return csvLine([...fields, ...(withoutContent ? [] : [change.json ?? ''])].map(csvField));
  }
  const { stream, id, op, at, run, sequence } = change;
  const line = withoutContent ? JSON.stringify({ stream, id, op, at, run, sequence }) : lineOf(change);
  return format === 'json' ? line : `${line}\n`;
}
