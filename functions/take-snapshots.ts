import { takeSnapshots } from '../lib/changes/take-snapshots.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logger } from '../lib/runtime/logger.ts';
import { bindSnapshotsDependencies } from '../lib/runtime/snapshots-dependencies.ts';

// Runs on a cold start only.
const { timeMs, ...deps } = bindSnapshotsDependencies();

/** Every hour: takes the snapshots that are due, or as much of them as there is time for. */
export const handler = lambdaFunction(async (_event: unknown, signal) => {
  const snapshots = await takeSnapshots(deps, deps.clock.now() + timeMs, signal);
  logger.info('snapshots taken', { snapshots });
});
