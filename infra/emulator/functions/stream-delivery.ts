import { retentionMs } from '../embedded/stream-reader.ts';
import type { StreamRecord } from '../embedded/stream-record.ts';
import type { StreamMappingModel } from '../template/template-model.ts';
import type { Discarded } from './discarded-batch.ts';
import type { Invocation } from './function-worker.ts';
import { createdAt, handledOf } from './stream-batch.ts';

export interface DeliveryOptions {
  readonly mapping: StreamMappingModel;
  readonly invoke: (records: readonly StreamRecord[]) => Promise<Invocation>;
  /** All up to this number is done with. */
  readonly moveTo: (sequence: string) => Promise<void>;
  readonly discard: (discarded: Discarded) => Promise<void>;
  /** Waits until it is time to try again, the longer the more often it has been. @returns whether to: not at the end of a run */
  readonly pause: (retries: number) => Promise<boolean>;
  readonly now: () => number;
  /** No record is older than it looks to be if this is when it was written: while nothing ran, nothing expires. */
  readonly startedAt: number;
}

/** A part of a batch, which is tried by itself. */
interface Part {
  readonly records: readonly StreamRecord[];
  /** Splitting a batch is no retry. */
  readonly retries: number;
  readonly invocations: number;
}

/**
 * Hands over a batch, and retries, splits or discards what fails, as Lambda does. In order: nothing later is handed over before
 * all before it is done with, one way or the other.
 * @returns whether all of it is; if not, it is to be handed over again by the next run.
 */
export async function deliver(batch: readonly StreamRecord[], options: DeliveryOptions): Promise<boolean> {
  const parts: Part[] = [{ records: batch, retries: 0, invocations: 0 }];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const left = await withoutOld(part, options);
    if (left.records.length === 0) continue;
    const handled = handledOf(left.records, await options.invoke(left.records), options.mapping);
    if (handled > 0) await moveBehind(left.records.slice(0, handled), options);
    if (handled === left.records.length) continue;
    // Before anything is discarded: at the end of a run functions fail because they are ended.
    if (!(await options.pause(left.retries))) return false;
    parts.unshift(...(await afterFailure(left, handled, options)));
  }
  return true;
}

/** What is to be tried next. Once some of it is done with, the rest is another batch: nothing of it has failed yet but its first. */
async function afterFailure(
  { records, retries, invocations }: Part,
  handled: number,
  options: DeliveryOptions,
): Promise<Part[]> {
  const { maximumRetries, bisectsOnError } = options.mapping;
  if (handled > 0) return [{ records: records.slice(handled), retries: 0, invocations: 0 }];
  if (bisectsOnError && records.length > 1) {
    const middle = Math.ceil(records.length / 2);
    return [records.slice(0, middle), records.slice(middle)].map((half) => ({
      ...{ records: half, retries },
      invocations: invocations + 1,
    }));
  }
  if (maximumRetries !== null && retries >= maximumRetries) {
    await giveUp(records, 'RetryAttemptsExhausted', invocations + 1, options);
    return [];
  }
  return [{ records, retries: retries + 1, invocations: invocations + 1 }];
}

/** Records that are older than the mapping, or DynamoDB itself, lets them be, are not handed over any more. */
async function withoutOld(part: Part, options: DeliveryOptions): Promise<Part> {
  const { maximumAgeSeconds } = options.mapping;
  const limitMs = maximumAgeSeconds === null ? retentionMs : maximumAgeSeconds * 1000;
  const isYoung = (record: StreamRecord) =>
    options.now() - Math.max(createdAt(record), options.startedAt) <= limitMs;
  const found = part.records.findIndex(isYoung);
  const end = found < 0 ? part.records.length : found;
  if (end === 0) return part;
  await giveUp(part.records.slice(0, end), 'RecordAgeExceeded', part.invocations, options);
  return { ...part, records: part.records.slice(end) };
}

async function giveUp(
  records: readonly StreamRecord[],
  condition: Discarded['condition'],
  invocations: number,
  options: DeliveryOptions,
): Promise<void> {
  await options.discard({ records, condition, invocations, at: options.now() });
  await moveBehind(records, options);
}

async function moveBehind(records: readonly StreamRecord[], { moveTo }: DeliveryOptions): Promise<void> {
  const last = records.at(-1);
  if (last !== undefined) await moveTo(last.dynamodb.SequenceNumber);
}
