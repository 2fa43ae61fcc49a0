import { Logger } from '@aws-lambda-powertools/logger';

import type { PagekeeperEvent } from '../events/event.ts';
import type { Fault } from '../sync/fault.ts';
import { pageOutcomeFacts } from '../sync/outcome.ts';
import type { PageReport } from '../sync/report.ts';

/**
 * Structured logs, one JSON object a line. Nothing of a vendor's answer but its status and scrubbed words goes in here, and
 * events are never logged whole.
 */
export const logger = new Logger({ serviceName: 'pagekeeper' });

/** The page is tried again, and its own line says so; this one is for the person who has to find out why. */
export function logFault(stream: string, { name, words, stack }: Fault): void {
  const why = words === null ? '' : `: ${words}`;
  logger.error(`${stream}: ${name}${why}`, { fault: { name, stack } });
}

/** The one line of an invocation: what the page came to, and how the stream continues. */
export function logPage(page: PageReport): void {
  logger[pageOutcomeFacts[page.outcome].level](`${page.stream}: page ${page.outcome}`, { page });
}

/** A line for each event that has been sent: who looks for them later finds them here. */
export function logEvents(events: readonly PagekeeperEvent[]): void {
  for (const event of events) logger.info(`${event.detail.stream}: ${event.type}`, { event });
}
