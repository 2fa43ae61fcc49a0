import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';

import { startEmbeddedEvents, type BusEvent } from '../../../../infra/emulator/embedded/embedded-events.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import { localCredentials } from '../../../../infra/emulator/template/local-account.ts';
import { EventBridgeBus } from '../../../../lib/aws/event-bridge-bus.ts';

const good = { Source: 'pagekeeper', DetailType: 'Run Ended', Detail: '{"stream":"bob/people"}' };

interface World {
  readonly client: EventBridgeClient;
  readonly events: BusEvent[];
  /** In their order. */
  readonly steps: string[];
}

async function withBus<T>(use: (world: World) => Promise<T>, key = newAccessKey(), asked = key): Promise<T> {
  const [events, steps]: [BusEvent[], string[]] = [[], []];
  const server = await startEmbeddedEvents({
    accessKey: key,
    onEvents: (taken, answered) => {
      events.push(...taken);
      steps.push('taken');
      void answered.then(() => steps.push('answered'));
    },
  });
  const { endpoint } = server;
  const client = new EventBridgeClient({
    ...{ endpoint, region: 'us-east-1', credentials: localCredentials(asked) },
  });
  try {
    return await use({ client, events, steps });
  } finally {
    client.destroy();
    await server.close();
  }
}

describe('the embedded EventBridge', () => {
  it('takes events and gives them on as EventBridge delivers them', async () => {
    await withBus(async ({ client, events, steps }) => {
      const Time = new Date('2026-03-01T08:00:15.700Z');
      const Entries = [
        { ...good, Time },
        { ...good, DetailType: 'Other', EventBusName: 'default' },
      ];
      const answer = await client.send(new PutEventsCommand({ Entries }));
      expect(answer).toMatchObject({
        FailedEntryCount: 0,
        Entries: events.map(({ id }) => ({ EventId: id })),
      });
      expect(events).toHaveLength(2);
      expect(events[0]).toEqual({
        ...{ version: '0', id: expect.stringMatching(/^[0-9a-f-]{36}$/), 'detail-type': 'Run Ended' },
        ...{ source: 'pagekeeper', account: '000000000000', region: 'us-east-1', resources: [] },
        ...{ time: '2026-03-01T08:00:15Z', detail: { stream: 'bob/people' } },
      });
      expect(Date.now() - Date.parse(events[1]?.time ?? '')).toBeLessThan(60_000);
      await expect.poll(() => steps).toEqual(['taken', 'answered']);
    });
  });

  it('takes what the product sends', async () => {
    await withBus(async ({ client, events }) => {
      const detail = {
        id: '1',
        deployment: 'Pagekeeper',
        stream: 'bob/people',
        at: '2026-03-01T08:00:00.000Z',
      };
      const counts = { created: 1, changed: 0, deleted: 0, restored: 0, erased: 0 };
      const event = { type: 'Records Changed', detail: { ...detail, counts, key: null } } as const;
      await new EventBridgeBus(client).send(Array(11).fill(event), new AbortController().signal);
      expect(events).toHaveLength(11);
      expect(events[10]).toMatchObject({ 'detail-type': event.type, detail: event.detail });
    });
  });

  it('refuses what it does not know', async () => {
    await withBus(async ({ client }) => {
      await expect(client.send(new ListRulesCommand({}))).rejects.toMatchObject({
        ...{ name: 'UnknownOperationException', message: 'ListRules is not understood by the local runner' },
      });
    });
  });

  it('refuses an entry that lacks something, or whose detail is no JSON object, and takes the others', async () => {
    await withBus(async ({ client, events }) => {
      const Entries = [
        ...[
          { ...good, Source: undefined },
          { ...good, DetailType: '' },
          { ...good, Detail: undefined },
        ],
        ...[{ ...good, Detail: '{' }, { ...good, Detail: '[1]' }, { ...good, Source: 'aws.s3' }, good],
      ];
      const answer = await client.send(new PutEventsCommand({ Entries }));
      expect(answer.FailedEntryCount).toBe(6);
      expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode ?? null)).toEqual([
        ...['InvalidArgument', 'InvalidArgument', 'InvalidArgument', 'MalformedDetail', 'MalformedDetail'],
        ...['NotAuthorizedForSourceException', null],
      ]);
      expect(answer.Entries?.[1]?.ErrorMessage).toBe(
        'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
      );
      expect(events).toHaveLength(1);
    });
  });

  it.each([
    ['more than ten entries', Array(11).fill(good), /less than or equal to 10/],
    ['no entry', [], /greater than or equal to 1/],
    [
      'more than 256 KB',
      Array(2).fill({ ...good, Detail: `{"a":"${'x'.repeat(140_000)}"}` }),
      /over the limit/,
    ],
    ['another bus', [{ ...good, EventBusName: 'other' }], /EventBusName/],
    ['what nothing would be made of', [{ ...good, TraceHeader: 'x' }], /TraceHeader/],
  ])('refuses a call with %s', async (_, Entries: (typeof good)[], message) => {
    await withBus(async ({ client, events }) => {
      const error: unknown = await client.send(new PutEventsCommand({ Entries })).catch((it: unknown) => it);
      expect(error).toMatchObject({ name: 'ValidationException', message: expect.stringMatching(message) });
      expect(events).toEqual([]);
    });
  });

  it('lets nobody in without the key of this start', async () => {
    const ask = ({ client, events }: World) =>
      client.send(new PutEventsCommand({ Entries: [good] })).finally(() => {
        expect(events).toEqual([]);
      });
    await expect(withBus(ask, newAccessKey(), newAccessKey())).rejects.toThrow('access key');
  });
});
