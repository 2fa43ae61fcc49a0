import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import Table from 'cli-table3';

import { startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';
import { startHttpServer } from '../support/http-server.ts';
import type { Measured, Order } from './memory-order.ts';

/**
 * `npm run bench:memory`: what a function has in use while it walks a long list, and while it stores one long answer. Vendor
 * and DynamoDB are in this process, the function in one of its own, with the limit of memory that a deployed one has.
 */

const run = promisify(execFile);
const mb = 1024 * 1024;
const functionMb = 512;

const dynamoDb = await startEmbeddedDynamoDb();
const vendor = await startHttpServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(answerTo(new URL(request.url, 'http://vendor')));
  // Whatever was asked is not looked at again, and would fill this process.
  vendor.requests.length = 0;
});

/** Of people: how many there are. Bob says it in no way but by giving them. */
let people = 0;

function answerTo(url: URL): string {
  if (url.pathname.endsWith('/people/search')) return JSON.stringify({ employees: rowsOf(0, people) });
  const [offset, limit] = [Number(url.searchParams.get('Offset')), Number(url.searchParams.get('Limit'))];
  const total = Number(url.pathname.split('/')[1]);
  const items = rowsOf(offset, Math.min(offset + limit, total));
  return JSON.stringify({ items, total, amount: items.length });
}

/** Rows of about 1 KB, of nobody. */
function rowsOf(from: number, to: number): object[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => ({
    id: `row-${String(from + index).padStart(7, '0')}`,
    note: 'made up '.repeat(118),
  }));
}

async function walk(order: Omit<Order, 'dynamoDb'>): Promise<Measured> {
  const script = path.join(import.meta.dirname, 'memory-function.ts');
  const flags = ['--expose-gc', `--max-old-space-size=${String(Math.floor(functionMb * 0.9))}`];
  const { stdout } = await run(process.execPath, [...flags, script], {
    env: { ...process.env, BENCH_ORDER: JSON.stringify({ ...order, dynamoDb: dynamoDb.endpoint }) },
    maxBuffer: 10 * mb,
  });
  return JSON.parse(stdout) as Measured;
}

const table = new Table({
  head: ['list', 'records', 'requests', 'outcome', 'heap first, MB', 'heap last, MB', 'peak RSS, MB'],
  style: { head: [], border: [] },
});
const show = (name: string, { records, pages, outcome, heaps, peakRss }: Measured): void => {
  const [first = 0, last = 0] = [heaps[0], heaps.at(-1)];
  const cells = [first, last, peakRss].map((bytes) => (bytes / mb).toFixed(1));
  table.push([name, String(records), String(pages), outcome ?? 'none', ...cells]);
};
for (const total of [1000, 100_000]) {
  const measured = await walk({
    vendor: `${vendor.origin}/${String(total)}`,
    stream: 'mobaro/locations',
    settings: { pageSize: 128 },
    timeoutMs: 30_000,
    sampleEvery: 10,
  });
  show(`pages of 128, ${String(total)} rows`, measured);
}
for (const count of [1000, 20_000]) {
  people = count;
  const measured = await walk({
    vendor: vendor.origin,
    stream: 'bob/people',
    settings: { batchOver: 1_000_000 },
    timeoutMs: 60_000,
    sampleEvery: 1,
  });
  show(`one answer, ${String(count)} rows`, measured);
  await forgetPeople();
}
console.log(table.toString());
console.log(`The function has ${String(functionMb)} MB.`);
await vendor.stop();
await dynamoDb.stop();

/** The next list of people is another deployment's. */
async function forgetPeople(): Promise<void> {
  const key = { pk: { S: 'stream#bob/people' } };
  await dynamoDb.client.send(new DeleteItemCommand({ TableName: dynamoDb.checkpointsTable, Key: key }));
}
