import { createHash, randomBytes } from 'node:crypto';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import Table from 'cli-table3';

import { clientConfig } from '../../lib/aws/clients.ts';
import { DynamoRecords } from '../../lib/aws/dynamo-records.ts';
import { mobaro } from '../../lib/connectors/mobaro/mobaro.ts';
import type { SourceRecord } from '../../lib/sync/record.ts';
import { embeddedCredentials } from '../support/embedded-credentials.ts';
import { startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';
import { startThrottlingProxy } from './throttling-proxy.ts';

/**
 * `npm run bench:store`: pages of large records, stored by the adapter that is deployed into a DynamoDB that takes as much as a
 * partition does, 1,000 write units a second. Each has to be stored within one invocation of a function with Mobaro's time-out,
 * the shortest default; if one is not, the exit status is 1.
 */
const pages = [
  { rows: 300, kilobytes: 40 },
  { rows: 100, kilobytes: 150 },
];
/** The function's work is ended a second before its time-out. */
const invocationMs = (mobaro.timeoutSeconds - 1) * 1000;

const dynamoDb = await startEmbeddedDynamoDb();
const proxy = await startThrottlingProxy(dynamoDb.endpoint);
const client = new DynamoDBClient({ ...clientConfig, ...embeddedCredentials, endpoint: proxy.endpoint });
const records = new DynamoRecords(client, dynamoDb.recordsTable);

const table = new Table({
  head: ['page', 'write units', 'seconds', 'tries', 'outcome'],
  style: { head: [], border: [] },
});
for (const { rows, kilobytes } of pages) {
  const stream = `${String(rows)} rows of ${String(kilobytes)} KB`;
  const page = Array.from({ length: rows }, (_, index) => rowOf(`row-${String(index)}`, kilobytes * 1024));
  proxy.reset();
  const began = performance.now();
  const outcome = await records
    .upsert(stream, page, { at: Date.now(), run: 'run-1' }, AbortSignal.timeout(invocationMs))
    .then(
      (upserted) => (upserted.kind === 'stored' ? 'stored' : upserted.reason),
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    );
  const seconds = (performance.now() - began) / 1000;
  if (outcome !== 'stored') process.exitCode = 1;
  table.push([stream, String(proxy.taken), seconds.toFixed(1), String(proxy.tries), outcome]);
}
console.log(table.toString());
console.log(`An invocation has ${String(invocationMs / 1000)} s.`);
client.destroy();
await proxy.stop();
await dynamoDb.stop();

/** Random bytes in base64, which gzip packs into as many bytes again: what is stored has the size. */
function rowOf(id: string, bytes: number): SourceRecord {
  const json = JSON.stringify({ blob: randomBytes(bytes).toString('base64') });
  return { id, json, hash: createHash('sha256').update(json).digest('base64') };
}
