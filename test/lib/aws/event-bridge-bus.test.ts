import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';

import { startEmbeddedEvents, type BusEvent } from '../../../infra/emulator/embedded/embedded-events.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { localCredentials } from '../../../infra/emulator/template/local-account.ts';
import { EventBridgeBus } from '../../../lib/aws/event-bridge-bus.ts';
import type { PagekeeperEvent } from '../../../lib/events/event.ts';
import { recordsChanged } from '../../support/sent-events.ts';

interface Put {
  readonly Entries: readonly { readonly Detail: string }[];
}

interface World {
  readonly bus: EventBridgeBus;
  /** What the bus has taken. */
  readonly taken: BusEvent[];
  /** The ids of each call. */
  readonly calls: string[][];
}

/** @param isRefused asked for each event of each call: such an entry has no detail on its way, so that the bus refuses it */
async function withBus(
  use: (world: World) => Promise<void>,
  isRefused: (id: string, call: number) => boolean = () => false,
): Promise<void> {
  const [taken, calls]: [BusEvent[], string[][]] = [[], []];
  const accessKey = newAccessKey();
  const server = await startEmbeddedEvents({ accessKey, onEvents: (events) => taken.push(...events) });
  const client = new EventBridgeClient({
    ...{ endpoint: server.endpoint, region: 'us-east-1', credentials: localCredentials(accessKey) },
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const { Entries } = args.input as Put;
      const ids = Entries.map(({ Detail }) => idIn(Detail));
      calls.push(ids);
      const sent = Entries.map((entry, index) =>
        isRefused(ids[index] ?? '', calls.length) ? { ...entry, Detail: 'no JSON' } : entry,
      );
      return next({ ...args, input: { ...args.input, Entries: sent } });
    },
    { step: 'initialize' },
  );
  try {
    await use({ bus: new EventBridgeBus(client), taken, calls });
  } finally {
    client.destroy();
    await server.close();
  }
}

function idIn(detail: string): string {
  return (JSON.parse(detail) as { id: string }).id;
}

/** So many, with the ids `1`, `2`. */
function some(count: number): PagekeeperEvent[] {
  return Array.from({ length: count }, (_, index) => recordsChanged('bob/people', { id: String(index + 1) }));
}

const { signal } = new AbortController();

describe('the bus of EventBridge', () => {
  it('is sent no more than ten events in a call, in their order', async () => {
    await withBus(async ({ bus, taken, calls }) => {
      await bus.send(some(23), signal);
      expect(calls.map(({ length }) => length)).toEqual([10, 10, 3]);
      expect(taken.map(({ detail }) => detail['id'])).toEqual(some(23).map(({ detail }) => detail.id));
    });
  });

  it('has the source, the type, the time and all of the detail of an event', async () => {
    await withBus(async ({ bus, taken }) => {
      const [event] = some(1);
      await bus.send([event!], signal);
      expect(taken).toMatchObject([
        {
          ...{ source: 'pagekeeper', 'detail-type': 'Records Changed', time: '2026-03-01T08:00:02Z' },
          detail: event!.detail,
        },
      ]);
    });
  });

  it('is sent again what it has refused, and nothing else', async () => {
    await withBus(
      async ({ bus, taken, calls }) => {
        await bus.send(some(3), signal);
        expect(calls).toEqual([['1', '2', '3'], ['2']]);
        expect(taken.map(({ detail }) => detail['id'])).toEqual(['1', '3', '2']);
      },
      (id, call) => id === '2' && call === 1,
    );
  });

  it('is given up where it refuses everything', async () => {
    await withBus(
      async ({ bus, taken, calls }) => {
        await expect(bus.send(some(12), signal)).rejects.toThrow();
        expect(taken).toEqual([]);
        // What is behind them is not sent before them.
        expect(new Set(calls.map((ids) => ids.join()))).toEqual(new Set(['1,2,3,4,5,6,7,8,9,10']));
      },
      () => true,
    );
  });

  it('is not called for no events', async () => {
    await withBus(async ({ bus, calls }) => {
      await bus.send([], signal);
      expect(calls).toEqual([]);
    });
  });
});
