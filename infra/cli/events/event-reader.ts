import { setTimeout as sleep } from 'node:timers/promises';

import type { PagekeeperEvent } from '../../../lib/operations/sent-events.ts';

export interface EventReader {
  /** Those that were not there at the call before, in the order in which they were sent. */
  next(): Promise<readonly PagekeeperEvent[]>;
}

/** All there are, and those that come, until the signal aborts. @param pauseMs between two looks; null to look once */
export async function* eventsFrom(
  reader: EventReader,
  pauseMs: number | null,
  signal: AbortSignal,
): AsyncGenerator<PagekeeperEvent | null, void, undefined> {
  for (;;) {
    yield* await reader.next();
    if (pauseMs === null) return;
    // What has been read so far is to be seen now.
    yield null;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}
