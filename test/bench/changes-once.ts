import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { DynamoDBRecord } from 'aws-lambda';

import { encodeRecord } from '../../lib/aws/record-item.ts';
import { readStreamBatch } from '../../lib/aws/stream-writes.ts';
import { publish } from '../../lib/changes/publish.ts';

/** Publishes one batch as the function does, in a process of its own. `node changes-once.ts ROWS BYTES` */

export interface ChangesMeasured {
  readonly eventMb: number;
  readonly maxRssMb: number;
  readonly seconds: number;
}

const [rows = 0, bytes = 0] = process.argv.slice(2).map(Number);
const compress = promisify(gzip);

async function imageOf(row: number, version: number): Promise<Record<string, unknown>> {
  const field = (index: number): string => `"field${index}":"${((row + 1) * (index + version + 7)) % 1e9}"`;
  const json = `{"id":"${row}",${Array.from({ length: Math.ceil(bytes / 20) }, (_, index) => field(index)).join(',')}}`;
  const at = '2026-11-30T09:00:00.000Z';
  const record = { stream: 'bench/rows', id: String(row), json, hash: String(version), run: 'run-1' };
  const item = await encodeRecord({ ...record, firstSeenAt: at, changedAt: at });
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
    ]),
  );
}

const Records: unknown[] = [];
for (let row = 0; row < rows; row += 1) {
  Records.push({
    dynamodb: {
      Keys: { stream: { S: 'bench/rows' }, id: { S: String(row) } },
      OldImage: await imageOf(row, 1),
      NewImage: await imageOf(row, 2),
      SequenceNumber: String(row + 1),
      ApproximateCreationDateTime: 1,
    },
  });
}
const text = JSON.stringify({ Records });
Records.length = 0;
const before = performance.now();
const event = JSON.parse(text) as { Records: DynamoDBRecord[] };
const { writes } = await readStreamBatch(event.Records, true);
const log = {
  put: async (_: string, lines: readonly string[]) => {
    await compress(lines.join('\n'));
  },
};
const deps = { log, forgotten: { read: () => Promise.resolve(new Map<string, null>()) }, clock: Date };
await publish(writes, { ...deps, keepsBefore: true }, AbortSignal.timeout(60_000));
const measured: ChangesMeasured = {
  eventMb: text.length / 1e6,
  maxRssMb: process.resourceUsage().maxRSS / 1024,
  seconds: (performance.now() - before) / 1000,
};
console.log(JSON.stringify(measured));
