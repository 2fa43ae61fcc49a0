import type { RecordEraser } from '../../lib/operations/forget.ts';
import type { RecordSource } from '../../lib/operations/list-records.ts';
import type { Breakers, Checkpoints } from '../../lib/sync/ports.ts';

/** Where Pagekeeper keeps what it knows: on this machine or in AWS. */
export interface Store {
  /** Whole names, in the order of the stack. */
  readonly streams: readonly string[];
  readonly checkpoints: Checkpoints;
  readonly breakers: Breakers;
  readonly records: RecordSource;
  readonly eraser: RecordEraser;
  /** Where something of an erased record is left for a while, in one sentence. */
  readonly remains: string;
  close(): Promise<void>;
}
