import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

import { clientConfig } from '../../lib/aws/clients.ts';
import { embeddedCredentials } from './embedded-credentials.ts';
import { foreignEndpoint } from './foreign-endpoint.ts';

export interface EmbeddedDynamoDb {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  /** Table with the key `pk`. */
  readonly checkpointsTable: string;
  /** Table with the keys `stream` and `id`. */
  readonly recordsTable: string;
  /** Another client for the same tables, for tests that meddle with its middleware. */
  newClient(): DynamoDBClient;
  stop(): Promise<void>;
}

/** It is in the process of the tests: where that is busy, it answers late. */
const patient = { requestHandler: { connectionTimeout: 60_000, requestTimeout: 60_000 } };

/** dynalite in memory with the two tables of the stack, over HTTP on 127.0.0.1; or such tables on a foreign server. */
export async function startEmbeddedDynamoDb(): Promise<EmbeddedDynamoDb> {
  const { endpoint, suffix, close } =
    foreignEndpoint === undefined
      ? { ...(await startDynalite()), suffix: '' }
      : { endpoint: foreignEndpoint, suffix: `-${randomUUID()}`, close: () => undefined };
  const clients: DynamoDBClient[] = [];
  const newClient = (): DynamoDBClient => {
    const client = new DynamoDBClient({ ...clientConfig, ...patient, ...embeddedCredentials, endpoint });
    clients.push(client);
    return client;
  };
  const client = newClient();
  const tables = { checkpoints: ['pk'], records: ['stream', 'id'] };
  for (const [name, keys] of Object.entries(tables)) {
    await client.send(
      new CreateTableCommand({
        TableName: `${name}${suffix}`,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' })),
        KeySchema: keys.map((key, index) => ({
          AttributeName: key,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
      }),
    );
  }
  return {
    endpoint,
    client,
    checkpointsTable: `checkpoints${suffix}`,
    recordsTable: `records${suffix}`,
    newClient,
    async stop() {
      for (const open of clients) open.destroy();
      await close();
    },
  };
}

async function startDynalite(): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
