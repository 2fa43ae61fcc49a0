import { setTimeout as sleep } from 'node:timers/promises';

import { matchesPattern } from './event-pattern.ts';
import type { MetricValue } from '../alarms/metric-store.ts';
import type { StreamReader } from '../embedded/stream-reader.ts';
import type { StreamRecord } from '../embedded/stream-record.ts';
import type { StreamMappingModel } from '../template/template-model.ts';
import type { Discarded } from './discarded-batch.ts';
import type { Invocation } from './function-worker.ts';
import { createdAt, eventOf, withinOneRequest } from './stream-batch.ts';
import { deliver } from './stream-delivery.ts';

export interface StreamSourceOptions {
  readonly mapping: StreamMappingModel;
  readonly reader: StreamReader;
  /** Calls whenever a table has something new. @returns how to end it */
  readonly onRecords: (listener: (table: string) => void) => () => void;
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  /** Keeps what is given up, if the mapping says where. */
  readonly discard: (discarded: Discarded) => Promise<void>;
  readonly onMetric: (metric: MetricValue) => void;
  /** Called when the stream cannot be read or what is given up cannot be kept, which ends the listening. */
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
  readonly firstPauseMs?: number;
}

/** Between tries of the same batch, twice as long each time. */
const usualFirstPauseMs = 200;
const longestPauseMs = 60_000;
/** While a batch fills, it is not read anew for each record that comes. */
const together = 50;

/**
 * Hands the changes of a table to a function, as Lambda's event source mapping for DynamoDB streams does: in order, one batch at
 * a time. A stream has one shard here.
 */
export class StreamSource {
  readonly #options: StreamSourceOptions;
  readonly #stop = new AbortController();
  readonly #hurry = new AbortController();
  #news = Promise.withResolvers<undefined>();
  #isDelivering = false;
  #startedAt = 0;
  #listening: Promise<void> | undefined;

  constructor(options: StreamSourceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#startedAt = (this.#options.now ?? Date.now)();
    const end = this.#options.onRecords((table) => {
      if (table === this.#options.mapping.tableName) this.#news.resolve(undefined);
    });
    this.#listening = this.#listen().catch(this.#options.onError).finally(end);
  }

  /** From now on no batch waits to be filled: for the end of a run. */
  flush(): void {
    this.#hurry.abort();
  }

  /** Everything that has been written is done with: handed over, left out by the filters, or given up. */
  async isDrained(): Promise<boolean> {
    return !this.#isDelivering && (await this.#options.reader.isAtEnd());
  }

  /** Begins no invocation any more; resolves when the one under way has been dealt with. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#news.resolve(undefined);
    await this.#listening;
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #listen(): Promise<void> {
    const { mapping, reader } = this.#options;
    while (!this.#isStopped()) {
      // Before it looks: what comes while it does is not to be missed.
      this.#news = Promise.withResolvers();
      let records = await reader.read(mapping.batchSize);
      if (records.length === 0) {
        if (!this.#isStopped()) await this.#news.promise;
        continue;
      }
      if (records.length < mapping.batchSize) records = await this.#fill();
      if (this.#isStopped()) return;
      this.#isDelivering = true;
      try {
        await this.#hand(records);
      } finally {
        this.#isDelivering = false;
      }
    }
  }

  /** Waits for the batch to fill, for as long as the mapping says. */
  async #fill(): Promise<StreamRecord[]> {
    const { mapping, reader } = this.#options;
    const until = performance.now() + mapping.windowSeconds * 1000;
    const cut = AbortSignal.any([this.#stop.signal, this.#hurry.signal]);
    for (;;) {
      this.#news = Promise.withResolvers();
      const records = await reader.read(mapping.batchSize);
      const leftMs = until - performance.now();
      if (records.length === mapping.batchSize || leftMs <= 0 || cut.aborted) return records;
      const over = new AbortController();
      const signal = AbortSignal.any([cut, over.signal]);
      await Promise.race([this.#news.promise, sleep(leftMs, undefined, { signal }).catch(() => undefined)]);
      over.abort();
      await sleep(Math.min(leftMs, together), undefined, { signal: cut }).catch(() => undefined);
    }
  }

  /** What the filters leave out is passed over with what is before it. */
  async #hand(records: readonly StreamRecord[]): Promise<void> {
    const { mapping, reader, discard, now = Date.now } = this.#options;
    const [whole, last] = [this.#matching(records), records.at(-1)];
    const batch = withinOneRequest(whole, mapping.streamArn);
    const isDone = await deliver(batch, {
      mapping,
      invoke: (part) => this.#invoke(part),
      moveTo: (sequence) => reader.moveTo(sequence),
      discard,
      pause: (retries) => this.#pause(retries),
      now,
      startedAt: this.#startedAt,
    });
    if (isDone && batch.length === whole.length && last !== undefined) {
      if (last !== batch.at(-1)) await reader.moveTo(last.dynamodb.SequenceNumber);
    }
  }

  #matching(records: readonly StreamRecord[]): readonly StreamRecord[] {
    const { filters, streamArn } = this.#options.mapping;
    if (filters.length === 0) return records;
    return records.filter((record) => {
      const [event] = eventOf([record], streamArn).Records;
      return filters.some((filter) => matchesPattern(filter, event));
    });
  }

  async #invoke(records: readonly StreamRecord[]): Promise<Invocation> {
    const { mapping, invoke, onMetric, now = Date.now } = this.#options;
    const last = records.at(-1);
    onMetric({
      namespace: 'AWS/Lambda',
      name: 'IteratorAge',
      dimensions: { FunctionName: mapping.functionName },
      values: last === undefined ? [] : [Math.max(0, now() - createdAt(last))],
    });
    return await invoke(mapping.functionName, eventOf(records, mapping.streamArn));
  }

  async #pause(retries: number): Promise<boolean> {
    const first = this.#options.firstPauseMs ?? usualFirstPauseMs;
    const ms = Math.min(longestPauseMs, first * 2 ** retries);
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    return !this.#isStopped();
  }
}
