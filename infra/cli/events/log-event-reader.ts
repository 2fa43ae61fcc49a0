import {
  paginateFilterLogEvents,
  ResourceNotFoundException,
  type CloudWatchLogsClient,
  type FilteredLogEvent,
} from '@aws-sdk/client-cloudwatch-logs';

import { readEvent, type PagekeeperEvent } from '../../../lib/operations/sent-events.ts';
import { logGroupNameOf } from '../../../lib/on-call/log-groups.ts';
import type { EventReader } from './event-reader.ts';

/** The functions that send events, and log each that they have sent. */
const senders = ['publish-changes', 'publish-events'] as const;

export function eventLogGroups(stack: string): readonly string[] {
  return senders.map((entry) => logGroupNameOf(stack, null, entry));
}

/** A line may be found only some time after it was logged, behind others that are younger. */
const lateMs = 120_000;

/** Of a deployment: from the logs of the functions, for EventBridge keeps nothing. */
export class LogEventReader implements EventReader {
  readonly #client: CloudWatchLogsClient;
  readonly #groups: readonly string[];
  readonly #now: () => number;
  #from: number;
  /** The ids of the lines that have been given, by when they were logged: of those that are looked at again. */
  #given = new Map<string, number>();

  /** @param since epoch milliseconds */
  constructor(client: CloudWatchLogsClient, stack: string, since: number, now: () => number = Date.now) {
    this.#client = client;
    this.#groups = eventLogGroups(stack);
    this.#from = since;
    this.#now = now;
  }

  async next(): Promise<readonly PagekeeperEvent[]> {
    const askedAt = this.#now();
    const found = await Promise.all(this.#groups.map((group) => this.#linesOf(group)));
    const lines = found
      .flat()
      .filter(({ eventId = '' }) => !this.#given.has(eventId))
      .sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
    for (const { eventId = '', timestamp = 0 } of lines) this.#given.set(eventId, timestamp);
    this.#from = Math.max(this.#from, askedAt - lateMs);
    this.#given = new Map([...this.#given].filter(([, loggedAt]) => loggedAt >= this.#from));
    return lines.flatMap(({ message = '' }) => eventIn(message) ?? []);
  }

  async #linesOf(logGroupName: string): Promise<readonly FilteredLogEvent[]> {
    const lines: FilteredLogEvent[] = [];
    const asked = { logGroupName, filterPattern: '{ $.event.type = * }', startTime: this.#from };
    try {
      for await (const { events = [] } of paginateFilterLogEvents({ client: this.#client }, asked)) {
        lines.push(...events);
      }
    } catch (error) {
      // The stack has no such function, or it has never run.
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
    return lines;
  }
}

function eventIn(message: string): PagekeeperEvent | null {
  try {
    const line: unknown = JSON.parse(message);
    return typeof line === 'object' && line !== null && 'event' in line ? readEvent(line.event) : null;
  } catch {
    return null;
  }
}
