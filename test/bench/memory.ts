import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import Table from 'cli-table3';

import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { digestOf } from '../../lib/paging/digest.ts';
import { changeCheckpoint } from '../../lib/sync/compare-and-swap.ts';
import { defaultMaxPageMb, defaultMemoryMb } from '../../lib/sync/settings.ts';
import { startEmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';
import { startHttpServer } from '../support/http-server.ts';
import { startSeenRowsServer } from './seen-rows-server.ts';
import type { Measured, Order } from './memory-order.ts';

/**
 * `npm run bench:memory`: what a function has in use while it walks a long list, while it stores one long answer (one at the cap
 * of bytes and one beyond it), and while it ends a run of millions of rows. Vendor and DynamoDB are in this process, the function
 * in one of its own, with the limit of memory that a deployed one has.
 */

const run = promisify(execFile);
const mb = 1024 * 1024;
const functionMb = defaultMemoryMb;

const dynamoDb = await startEmbeddedDynamoDb();
const seenRows = await startSeenRowsServer(dynamoDb.endpoint);
const vendor = await startHttpServer((request, response) => {
  const url = new URL(request.url, 'http://vendor');
  if (url.pathname.startsWith('/bomb')) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
  } else {
    response.writeHead(200, { 'content-type': 'application/json' }).end(answerTo(url));
  }
  // Whatever was asked is not looked at again, and would fill this process.
  vendor.requests.length = 0;
});

/** 300 MB in 300 KB. */
const bomb = gzipSync(Buffer.alloc(300_000_000, '['));

/** Of people: how many there are. Bob says it in no way but by giving them. */
let people = 0;
/** Of locations, where the path does not say it. */
let locations = 0;

function answerTo(url: URL): string | Buffer {
  const bytes = Number(/^\/bytes\/(\d+)\//.exec(url.pathname)?.[1] ?? 0);
  if (bytes > 0) return peopleOf(bytes);
  if (url.pathname.endsWith('/people/search')) return JSON.stringify({ employees: rowsOf(0, people) });
  const [offset, limit] = [Number(url.searchParams.get('Offset')), Number(url.searchParams.get('Limit'))];
  const total = Number(url.pathname.split('/')[1]) || locations;
  const items = rowsOf(offset, Math.min(offset + limit, total));
  return JSON.stringify({ items, total, amount: items.length });
}

/** Rows of about 1 KB, of nobody. */
function rowsOf(from: number, to: number, note = 'made up '.repeat(118)): object[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => ({
    id: idOf(from + index),
    note,
  }));
}

/**
 * As many people as go into so many bytes, to the byte. A letter that Latin-1 does not have makes JavaScript keep two bytes for
 * each letter: the most that a text of this length can take.
 */
function peopleOf(bytes: number): Buffer {
  const note = `${'made up '.repeat(117)}–`;
  const rows = JSON.stringify(rowsOf(0, 2, note)).slice(1, -1);
  const each = (Buffer.byteLength(rows) + 1) / 2;
  const json = JSON.stringify({ employees: rowsOf(0, Math.floor((bytes - 100) / each), note) });
  return Buffer.concat([Buffer.from(json), Buffer.alloc(bytes - Buffer.byteLength(json), ' ')]);
}

function idOf(row: number): string {
  return `row-${String(row).padStart(7, '0')}`;
}

/** Runs whose end is looked at: rows, and rows a page. */
const ends = [
  [1_000_000, 128],
  [4_000_000, 128],
  [4_000_000, 20],
  [8_000_000, 1000],
  [9_000_000, 1000],
] as const;

async function walk(order: Omit<Order, 'dynamoDb'>, endpoint = dynamoDb.endpoint): Promise<Measured> {
  const script = path.join(import.meta.dirname, 'memory-function.ts');
  const flags = ['--expose-gc', `--max-old-space-size=${String(Math.floor(functionMb * 0.9))}`];
  const { stdout } = await run(process.execPath, [...flags, script], {
    env: { ...process.env, BENCH_ORDER: JSON.stringify({ ...order, dynamoDb: endpoint }) },
    maxBuffer: 10 * mb,
  });
  return JSON.parse(stdout) as Measured;
}

const table = new Table({
  head: [
    ...['list', 'records', 'requests', 'outcome', 'CPU of a page, s'],
    ...['heap first, MB', 'heap last, MB', 'peak RSS, MB'],
  ],
  style: { head: [], border: [] },
});
const show = (name: string, measured: Measured): void => {
  const { records, pages, outcome, reason, cpuMs, heaps, peakRss } = measured;
  const [first = 0, last = 0] = [heaps[0], heaps.at(-1)];
  const cells = [first, last, peakRss].map((bytes) => (bytes / mb).toFixed(1));
  const seconds = (cpuMs / 1000).toFixed(1);
  const end = `${outcome ?? 'none'}${reason === null ? '' : `\n${reason}`}`;
  table.push([name, String(records), String(pages), end, seconds, ...cells]);
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
  await deleteCheckpoint('bob/people');
}
const cap = defaultMaxPageMb * mb;
const answers = [
  [`one answer of ${String(defaultMaxPageMb)} MB, the cap`, `/bytes/${String(cap)}`],
  ['one byte more', `/bytes/${String(cap + 1)}`],
  ['300 MB in 300 KB of gzip', '/bomb'],
] as const;
for (const [name, path] of answers) {
  const settings = { batchOver: 1_000_000 };
  const order = { vendor: vendor.origin + path, stream: 'bob/people', settings, timeoutMs: 60_000 };
  show(name, await walk({ ...order, sampleEvery: 1 }));
  await deleteCheckpoint('bob/people');
}
await showEnds();
console.log(table.toString());
console.log(`The function has ${String(functionMb)} MB.`);
await vendor.stop();
await seenRows.stop();
await dynamoDb.stop();

/** The next list of the stream is another deployment's. */
async function deleteCheckpoint(stream: string): Promise<void> {
  const key = { pk: { S: `stream#${stream}` } };
  await dynamoDb.client.send(new DeleteItemCommand({ TableName: dynamoDb.checkpointsTable, Key: key }));
}

/** The last page of a run of so many rows, and what follows it: its rows are counted, and its records looked through. */
async function showEnds(): Promise<void> {
  const stream = 'mobaro/locations';
  const settings = { pageSize: 128, pageBudget: 1_000_000 };
  const order = { vendor: `${vendor.origin}/ends`, stream, settings, timeoutMs: 30_000, sampleEvery: 1 };
  await deleteCheckpoint(stream);
  // So many records are there to be looked through, in two parts.
  locations = 6000;
  await walk({ ...order, sampleEvery: 1000 });
  const checkpoints = new DynamoCheckpoints(dynamoDb.client, dynamoDb.checkpointsTable);
  for (const [rows, pageSize] of ends) {
    locations = rows;
    const run = `${String(rows)} by ${String(pageSize)}`;
    const pages = Math.ceil((rows - 1) / pageSize);
    seenRows.fill({ stream, run, rows: rows - 1, pageSize, idOf });
    await changeCheckpoint(checkpoints, stream, (checkpoint) => ({
      ...checkpoint,
      ...{ state: 'running', outcome: 'running', run, sequence: pages },
      position: { kind: 'offset', offset: rows - 1, anchor: digestOf(idOf(rows - 2)) },
      progress: checkpoint.progress && {
        ...checkpoint.progress,
        ...{ startedAt: Date.now(), pages, remembered: pages, records: rows - 1, total: rows, deleted: 0 },
      },
    }));
    const message = { v: 1, stream, run, sequence: pages } as const;
    const measured = await walk({ ...order, message }, seenRows.endpoint);
    show(`end of ${rows.toLocaleString('en')} rows by ${String(pageSize)}`, measured);
  }
}
