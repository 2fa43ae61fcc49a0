import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';

import { logger } from './logger.ts';

/**
 * Middy aborts the signal this long before Lambda would kill the function, so that the work that the function still had under
 * way ends with it, inside its lease.
 */
const timeoutEarlyInMillis = 1000;

/** What every function has around it: the request's id in each log line, and a signal that ends work in time. */
export function lambdaFunction<Event, Result>(
  work: (event: Event, signal: AbortSignal) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  return middy<Event, Result>({ timeoutEarlyInMillis })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler((event: Event, _context: Context, { signal }: { signal: AbortSignal }) => work(event, signal));
}
