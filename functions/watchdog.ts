import { tellUntold } from '../lib/on-call/tell-untold.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logger } from '../lib/runtime/logger.ts';
import { bindUntoldDependencies } from '../lib/runtime/on-call-dependencies.ts';
import { bindWatchDependencies } from '../lib/runtime/watch-dependencies.ts';
import { watch } from '../lib/sync/watch.ts';

// Runs on a cold start only.
const deps = bindWatchDependencies();
const untold = bindUntoldDependencies();

/** Every five minutes: revives and reports, and tells people what nobody has told them. */
export const handler = lambdaFunction(async (_event: unknown, signal): Promise<void> => {
  const errors: unknown[] = [];
  try {
    const revivals = await watch(deps);
    logger.info('watched', { revivals });
  } catch (error) {
    errors.push(...(error instanceof AggregateError ? (error.errors as unknown[]) : [error]));
  }
  for (const connection of untold?.connections ?? []) {
    try {
      const sent = untold === null ? [] : await tellUntold(connection, untold, signal);
      if (sent.length > 0)
        logger.warn('told what was not told', { subjects: sent.map(({ subject }) => subject) });
    } catch (error) {
      errors.push(error);
    }
  }
  // Lambda prints the sum of them, and not what they were.
  for (const error of errors)
    logger.error(error instanceof Error ? error.message : String(error), error as Error);
  if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be watched');
});
