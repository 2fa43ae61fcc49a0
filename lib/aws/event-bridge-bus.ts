import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';

import { eventSource, type EventBus, type PagekeeperEvent } from '../events/event.ts';
import { chunksOf, untilProcessed } from './until-processed.ts';

/** EventBridge's limit for one call. */
const maxEntries = 10;

/** EventBridge's default bus. */
export class EventBridgeBus implements EventBus {
  readonly #client: EventBridgeClient;

  constructor(client: EventBridgeClient) {
    this.#client = client;
  }

  async send(events: readonly PagekeeperEvent[], signal: AbortSignal): Promise<void> {
    for (const chunk of chunksOf(events, maxEntries)) {
      await untilProcessed(chunk, (left) => this.#put(left, signal), signal, { processed: 0 });
    }
  }

  /** @returns those that were refused, undefined if none was: an answer has an entry for each, in their order */
  async #put(
    events: readonly PagekeeperEvent[],
    signal: AbortSignal,
  ): Promise<readonly PagekeeperEvent[] | undefined> {
    const { Entries = [] } = await this.#client.send(
      new PutEventsCommand({
        Entries: events.map(({ type, detail }) => ({
          Source: eventSource,
          DetailType: type,
          Detail: JSON.stringify(detail),
          Time: new Date(detail.at),
        })),
      }),
      { abortSignal: signal },
    );
    const refused = events.filter((_, index) => Entries[index]?.ErrorCode !== undefined);
    return refused.length === 0 ? undefined : refused;
  }
}
