import type { StoredSample } from '../run/stored-sample.ts';
import type { Colors } from '../../terminal/colors.ts';
import { count, counted, oneLine, truncated } from '../../terminal/words.ts';

export interface StoredHere extends StoredSample {
  /**
   * What may be shown of the rows: all of simulated ones, only the names of the fields of a real vendor's, which are personal
   * data; nothing where the text goes into a file or a log.
   */
  readonly shows: 'rows' | 'fields' | 'nothing';
}

/** How much is stored of the selected streams, and what a row looks like. Pure. */
export function storedSection(stored: StoredHere, columns: number, colors: Colors): string {
  const { records, isMore, streams, example, shows } = stored;
  const amount = `${isMore ? 'more than ' : ''}${counted(records, 'record')}`;
  const total = `Stored: ${amount} of ${counted(streams, 'stream')}`;
  if (example === null || shows === 'nothing') return `${total}.`;
  if (shows === 'fields') {
    const fields = [...new Set(example.rows.flatMap((json) => Object.keys(JSON.parse(json) as object)))];
    return truncated(`${total}. Those of ${example.stream} have ${oneLine(fields.join(', '))}`, columns);
  }
  const rows = example.rows.map((json) => `  ${colors.dim(truncated(oneLine(json), columns - 2))}`);
  return [`${total}. The first ${count(rows.length)} of ${example.stream}:`, ...rows].join('\n');
}
