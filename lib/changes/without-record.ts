import * as z from 'zod';

import { DamagedLineError } from './line.ts';

const named = z.object({ stream: z.string(), id: z.string(), op: z.string().optional() });

/**
 * The text of an object of changes, or of a snapshot, without what a record was. That it was erased stays: a reader that has seen
 * it before has to hear of that.
 *
 * @returns null if there is nothing to take out, and an empty text if nothing is left
 * @throws {DamagedLineError} which holds nothing of the line
 */
export function linesWithout(
  text: string,
  record: { readonly stream: string; readonly id: string },
): string | null {
  const id = JSON.stringify(record.id);
  const lines = text.split('\n').slice(0, -1);
  // Few lines are parsed: an id stands in each line of its record as it is written here.
  const left = lines.filter((line) => !line.includes(id) || !isContentOf(line, record));
  return left.length === lines.length ? null : left.map((line) => `${line}\n`).join('');
}

function isContentOf(line: string, record: { readonly stream: string; readonly id: string }): boolean {
  const { stream, id, op } = parse(line);
  return stream === record.stream && id === record.id && op !== 'erased';
}

function parse(line: string): z.infer<typeof named> {
  try {
    return named.parse(JSON.parse(line));
  } catch {
    throw new DamagedLineError();
  }
}
