import type { PageMessage } from '../../lib/sync/message.ts';
import type { StreamSettings } from '../../lib/sync/settings.ts';

/** What a function is to walk. */
export interface Order {
  readonly dynamoDb: string;
  readonly vendor: string;
  readonly stream: string;
  readonly settings: Partial<StreamSettings>;
  /** Of the function. */
  readonly timeoutMs: number;
  /** Where it begins: with this message, or with a tick. */
  readonly message?: PageMessage;
  /** The heap is measured after every so many pages. */
  readonly sampleEvery: number;
}

/** What it had in use, in bytes. */
export interface Measured {
  readonly pages: number;
  readonly records: number;
  readonly outcome: string | null;
  /** Of the last invocation's report. */
  readonly reason: string | null;
  /** Of the processor, in the invocation that took most of it, in milliseconds. */
  readonly cpuMs: number;
  /** In use after a collection, in their order. */
  readonly heaps: readonly number[];
  /** Of the whole process, at its highest. */
  readonly peakRss: number;
}
