import type { StreamSettings } from '../../lib/sync/settings.ts';

/** What a function is to walk. */
export interface Order {
  readonly dynamoDb: string;
  readonly vendor: string;
  readonly stream: string;
  readonly settings: Partial<StreamSettings>;
  /** Of the function. */
  readonly timeoutMs: number;
  /** The heap is measured after every so many pages. */
  readonly sampleEvery: number;
}

/** What it had in use, in bytes. */
export interface Measured {
  readonly pages: number;
  readonly records: number;
  readonly outcome: string | null;
  /** In use after a collection, in their order. */
  readonly heaps: readonly number[];
  /** Of the whole process, at its highest. */
  readonly peakRss: number;
}
