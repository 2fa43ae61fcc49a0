import type { Random } from '../retry/backoff.ts';
import type { Stream } from './settings.ts';

/** What a step is decided from, beside the claimed checkpoint and the answer. */
export interface Context {
  readonly stream: Stream;
  /** What this page is requested with, see `requestFingerprintOf`. */
  readonly requestFingerprint: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: Random;
  /** Of a batch: the ids whose rows were requested. */
  readonly ids?: readonly string[];
}
