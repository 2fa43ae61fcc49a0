import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logger } from '../lib/runtime/logger.ts';
import { bindWatchDependencies } from '../lib/runtime/watch-dependencies.ts';
import { watch } from '../lib/sync/watch.ts';

// Runs on a cold start only.
const deps = bindWatchDependencies();

/** Every five minutes: revives and reports. */
export const handler = lambdaFunction(async () => {
  try {
    const revivals = await watch(deps);
    logger.info('watched', { revivals });
  } catch (error) {
    // Lambda prints the sum of them, and not what they were.
    if (error instanceof AggregateError) {
      for (const failure of error.errors as Error[]) logger.error(failure.message, failure);
    }
    throw error;
  }
});
