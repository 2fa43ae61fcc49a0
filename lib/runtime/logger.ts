import { Logger } from '@aws-lambda-powertools/logger';

import type { Fault } from '../sync/fault.ts';
import type { PageReport } from '../sync/report.ts';

/**
 * Structured logs, one JSON object a line. Nothing of a vendor's answer but its status and scrubbed words goes in here, and
 * events are never logged whole.
 */
export const logger = new Logger({ serviceName: 'pagekeeper' });

/** The page is tried again, and its own line says so; this one is for whoever has to find out why. */
export function logFault(stream: string, { name, words, stack }: Fault): void {
  const why = words === null ? '' : `: ${words}`;
  logger.error(`${stream}: ${name}${why}`, { fault: { name, stack } });
}

/** The one line of an invocation: what the page came to, and how the stream goes on. */
export function logPage(page: PageReport): void {
  const line = `${page.stream}: page ${page.outcome}`;
  // An attempt that will be repeated is the ordinary course of things; what a person must mend is not.
  switch (page.outcome) {
    case 'unauthorized':
    case 'forbidden':
    case 'missing':
    case 'rejected':
      logger.error(line, { page });
      break;
    case 'deferred':
      logger.warn(line, { page });
      break;
    case 'fetched':
    case 'refused':
    case 'stale':
    case 'busy':
      logger.info(line, { page });
  }
}
