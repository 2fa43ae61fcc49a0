import * as z from 'zod';

import { lineOf } from './line.ts';
import { changeKey } from './object-key.ts';
import type { LogWriter, MarkerVersions } from './ports.ts';
import { sequenceDigits } from './change.ts';

/**
 * A table's stream keeps its writes for a day. Whoever could not publish for longer finds what is left, and nothing tells that
 * something is missing. So the table is written to every hour, with a number that is one higher each time, and the publisher
 * notices when a number is missing: then writes of records may be missing as well.
 */

/** Of the records table: no stream of records has such a name, and none is read with others. Each stream of it has its own item. */
export const heartbeatStream = '#log';

/** As the table's stream gives it. */
export interface Heartbeat {
  /** The ARN of the stream. */
  readonly source: string;
  readonly count: number;
  /** When it was written, epoch milliseconds. */
  readonly at: number;
}

/** What has been heard so far. */
export const heardMarker = z.object({
  v: z.literal(1),
  source: z.string(),
  count: z.int(),
  at: z.iso.datetime(),
  /** When the last gap was noticed; null where there has been none. */
  gapAt: z.iso.datetime().nullable(),
});

export type Heard = z.infer<typeof heardMarker>;

export const heardKey = 'log/heartbeat.json';

/** @throws {SyntaxError | z.ZodError} of a marker that is none */
export function parseHeard(text: string): Heard {
  return heardMarker.parse(JSON.parse(text));
}

/**
 * Pure.
 * @returns null for one that has been heard already, or is older
 */
export function hear(
  before: Heard | null,
  { source, count, at }: Heartbeat,
  now: number,
): { readonly heard: Heard; readonly isGap: boolean } | null {
  // Each stream counts from 1.
  const known = before?.source === source ? before : null;
  if (known !== null && count <= known.count) return null;
  // What lies between the two streams has no lines.
  const isOther = before !== null && known === null;
  const isGap = isOther || count > (known?.count ?? 0) + 1;
  const gapAt = isGap ? new Date(now).toISOString() : (known?.gapAt ?? null);
  return { heard: { v: 1, source, count, at: new Date(at).toISOString(), gapAt }, isGap };
}

/** What a batch tells of whether something is missing. */
export interface Batch {
  readonly heartbeats: readonly Heartbeat[];
  /** When the first of its writes was written, epoch milliseconds; null if it has none. */
  readonly oldest: number | null;
}

/**
 * What is published so late has had others before it, in its shard, that a day has taken away, perhaps between two heartbeats. One
 * such gap is told an hour, however many batches are late.
 */
export const nearlyLostMs = 22.5 * 3_600_000;
const onceMs = 3_600_000;
const epoch = new Date(0).toISOString();

export interface HeartbeatDependencies {
  readonly log: LogWriter & MarkerVersions;
  readonly clock: { now(): number };
  /** Whole names of all streams of the deployment. */
  readonly streams: readonly string[];
}

/**
 * Follows the heartbeats of a batch. Where one is missing each stream's log gets a line `gap`: what was published before it may
 * lack something, and the next snapshot has it.
 *
 * @returns whether something is missing
 * @throws {HeardMeanwhileError} where another publisher, who has been given the same or what follows, was faster
 */
export async function followHeartbeats(
  { heartbeats: beats, oldest }: Batch,
  { log, clock, streams }: HeartbeatDependencies,
  signal: AbortSignal,
): Promise<boolean> {
  const now = clock.now();
  const isNearlyLost = oldest !== null && now - oldest > nearlyLostMs;
  if (beats.length === 0 && !isNearlyLost) return false;
  const marker = await log.readVersion(heardKey);
  const before = marker === null ? null : parseHeard(marker.text);
  let heard = before;
  let isGap = false;
  for (const beat of beats) {
    const next = hear(heard, beat, now);
    heard = next?.heard ?? heard;
    isGap ||= next?.isGap === true;
  }
  if (isNearlyLost && heard !== null && now - Date.parse(heard.gapAt ?? epoch) > onceMs) {
    heard = { ...heard, gapAt: new Date(now).toISOString() };
    isGap = true;
  }
  // What is heard a second time says nothing.
  if (heard === before) return false;
  // First, so that a publisher that dies now notices it again.
  if (isGap && heard !== null) {
    await markGap(streams, { log, clock }, signal);
    // A snapshot that was begun before the last of the lines has them behind it: readers would take it for older than the gap.
    heard = { ...heard, gapAt: new Date(clock.now()).toISOString() };
  }
  // One that is late would take back what has been heard since, and the next beat would seem to be missing others before it.
  if (!(await log.replaceMarker(heardKey, marker, JSON.stringify(heard), signal)))
    throw new HeardMeanwhileError();
  return isGap;
}

/** Its batch comes again, and then finds what the other one has heard. */
export class HeardMeanwhileError extends Error {
  override readonly name = 'HeardMeanwhileError';

  constructor() {
    super('another publisher has heard heartbeats of the table meanwhile');
  }
}

async function markGap(
  streams: readonly string[],
  { log, clock }: Pick<HeartbeatDependencies, 'log' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  const sequence = '0'.repeat(sequenceDigits);
  for (const stream of streams) {
    const now = clock.now();
    const gap = { stream, id: '', op: 'gap', at: new Date(now).toISOString(), run: null, sequence } as const;
    await log.put(changeKey(stream, now, sequence), [lineOf({ ...gap, json: null, before: null })], signal);
  }
}
