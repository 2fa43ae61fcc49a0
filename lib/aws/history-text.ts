import * as z from 'zod';

import type { HistoryEvent } from '../sync/checkpoint.ts';
import { streamOutcomes } from '../sync/outcome.ts';

/**
 * A history as one text: DynamoDB bills every write of an item by its size, and lists of maps with their names would treble
 * a checkpoint's. Times count from the one before, in milliseconds.
 */
export function encodeHistory(history: readonly HistoryEvent[]): string {
  return JSON.stringify(
    history.map(({ began, what, status, reason, times, at, until, pages, written, deleted }) => [
      ...[began, at - began, until - at, what, times, pages, written, deleted, status, reason],
    ]),
  );
}

const number = z.number();
const events = z.array(
  z
    .tuple([
      number,
      number,
      number,
      z.enum(streamOutcomes),
      number,
      number,
      number,
      number,
      z.number().nullable(),
      z.string().nullable(),
    ])
    .transform(
      ([began, since, lasted, what, times, pages, written, deleted, status, reason]): HistoryEvent => ({
        ...{ began, what, status, reason, times },
        ...{ at: began + since, until: began + since + lasted, pages, written, deleted },
      }),
    ),
);

/** What cannot be read is no history: nothing is decided by it. */
export function decodeHistory(text: string): readonly HistoryEvent[] {
  try {
    return events.parse(JSON.parse(text));
  } catch {
    return [];
  }
}
