import * as z from 'zod';

import { parseJson } from '../connectors/json.ts';
import { changeOps, type Change } from './change.ts';

/** A line of an object of the log. The record's JSON is put in as it is stored, so that no digit of it changes. */
export function lineOf({ stream, id, op, at, run, sequence, json, before }: Change): string {
  const head = JSON.stringify({ stream, id, op, at, run, sequence }).slice(0, -1);
  return `${head},"data":${json ?? 'null'}${before === null ? '' : `,"before":${before}`}}`;
}

const line = z.object({
  stream: z.string(),
  id: z.string(),
  op: z.enum(changeOps),
  at: z.string(),
  run: z.string().nullable(),
  sequence: z.string(),
  data: z.unknown(),
  before: z.unknown().optional(),
});

/** @throws {DamagedLineError} which holds nothing of the line */
export function parseLine(text: string): Change {
  try {
    const { data, before, ...rest } = line.parse(parseJson(text));
    return { ...rest, json: jsonOf(data), before: jsonOf(before) };
  } catch {
    throw new DamagedLineError();
  }
}

/** A line that is not one of the log's. Its text would be personal data. */
export class DamagedLineError extends Error {
  override readonly name = 'DamagedLineError';

  constructor() {
    super('a line of the change log cannot be read');
  }
}

/** A value of `parseJson` as text, null if it is null or missing. */
export function jsonOf(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
