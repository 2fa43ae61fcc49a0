import { newCheckpoint, type RunProgress } from '../../lib/sync/checkpoint.ts';
import { opened } from '../../lib/sync/transitions.ts';

/** What a run has done that has only just begun, and what the test says beyond that. */
export function progressOf(some: Partial<RunProgress> = {}): RunProgress {
  const { progress } = opened(newCheckpoint('none'), 'run', 0);
  if (progress === null) throw new Error('An open run has progress');
  return { ...progress, ...some };
}
