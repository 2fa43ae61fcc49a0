import { randomUUID } from 'node:crypto';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { clientConfig } from '../../lib/aws/clients.ts';
import { DynamoBreakers } from '../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { DynamoGovernor } from '../../lib/aws/dynamo-governor.ts';
import { DynamoIdBatches } from '../../lib/aws/dynamo-id-batches.ts';
import { DynamoOutages } from '../../lib/aws/dynamo-outages.ts';
import { DynamoRecords } from '../../lib/aws/dynamo-records.ts';
import { DynamoSchemas } from '../../lib/aws/dynamo-schemas.ts';
import { DynamoSeenRows } from '../../lib/aws/dynamo-seen-rows.ts';
import { KyVendor } from '../../lib/http/ky-vendor.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import type { PageRequest } from '../../lib/sync/message.ts';
import type { PageMessage } from '../../lib/sync/message.ts';
import { syncPage } from '../../lib/sync/sync-page.ts';
import type { SyncDependencies } from '../../lib/sync/work.ts';
import { embeddedCredentials } from '../support/embedded-credentials.ts';
import { streamNamed } from '../support/streams.ts';
import type { Measured, Order } from './memory-order.ts';

/**
 * A sync function in a process of its own, as Lambda would have it: the use case with the adapters it is deployed with. It
 * walks one stream to its end, one invocation after the other, and tells what it had in use after each.
 */
const order = JSON.parse(process.env['BENCH_ORDER'] ?? '{}') as Order;
const client = new DynamoDBClient({ ...clientConfig, ...embeddedCredentials, endpoint: order.dynamoDb });
const defined = streamNamed(order.stream, { settings: order.settings, limitPerMinute: 100_000 });
const stream = { ...defined, leaseMs: order.timeoutMs + 10_000 };
const queued: PageMessage[] = [];

const deps: SyncDependencies = {
  streams: new Map([[stream.name, stream]]),
  baseUrl: order.vendor,
  checkpoints: new DynamoCheckpoints(client, 'checkpoints'),
  breakers: new DynamoBreakers(client, 'checkpoints'),
  outages: new DynamoOutages(client, 'checkpoints'),
  governor: new DynamoGovernor(client, 'checkpoints'),
  records: new DynamoRecords(client, 'records'),
  seenRows: new DynamoSeenRows(client, 'checkpoints', systemClock),
  schemas: new DynamoSchemas(client, 'checkpoints'),
  idBatches: new DynamoIdBatches(client, 'checkpoints', systemClock),
  queue: {
    send: (message) => {
      queued.push(message);
      return Promise.resolve();
    },
  },
  tokens: null,
  secrets: {
    read: () =>
      Promise.resolve({
        version: '1',
        fields: { apiKey: 'made-up', serviceUserId: 'made-up', serviceUserToken: 'made-up' },
      }),
  },
  vendor: new KyVendor({ timeoutMs: order.timeoutMs - 10_000, clock: systemClock }),
  measurements: { troubles: () => undefined },
  faults: {
    note: (_, { name, stack }) => {
      throw new Error(`${name}\n${stack.join('\n')}`);
    },
  },
  clock: systemClock,
  random: Math.random,
  newId: randomUUID,
};

const { signal } = new AbortController();
let next: PageRequest | undefined =
  order.message === undefined
    ? { kind: 'tick', stream: stream.name, scheduledAt: Date.now() }
    : { kind: 'message', message: order.message };
let pages = 0;
let records = 0;
let cpuMs = 0;
let reason: string | null = null;
const heaps: number[] = [];
while (next !== undefined) {
  const began = process.cpuUsage();
  const report = await syncPage(next, deps, signal);
  const { user, system } = process.cpuUsage(began);
  cpuMs = Math.max(cpuMs, (user + system) / 1000);
  reason = report.reason;
  records += report.records;
  if (report.requests > 0) pages += 1;
  if (report.next === 'redrive') await new Promise((resolve) => setTimeout(resolve, 50));
  const message: PageMessage | undefined = queued.shift();
  if (message !== undefined) next = { kind: 'message', message };
  else if (report.next !== 'redrive') next = undefined;
  // A collection takes longer than a page.
  if (pages % order.sampleEvery === 0 || next === undefined) {
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed);
  }
}
const outcome = (await deps.checkpoints.read(stream.name))?.outcome ?? null;
const peakRss = process.resourceUsage().maxRSS * 1024;
const measured: Measured = { pages, records, outcome, reason, cpuMs, heaps, peakRss };
console.log(JSON.stringify(measured));
client.destroy();
