import { newProgress, type RunProgress } from '../../lib/sync/checkpoint.ts';

/** What a run has done that has only just begun, and what the test says beyond that. */
export function progressOf(some: Partial<RunProgress> = {}): RunProgress {
  return { ...newProgress(0), ...some };
}
