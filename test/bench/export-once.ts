import { csvOf } from '../../infra/cli/tables/write-csv.ts';
import { StagedTable } from '../../infra/cli/tables/staged-table.ts';
import { withStaging } from '../../infra/cli/tables/staging.ts';
import { writeFileWhole } from '../../infra/cli/tables/write-file.ts';
import { ndjsonOf } from '../../infra/cli/tables/write-ndjson.ts';
import { parquetOf } from '../../infra/cli/tables/write-parquet.ts';
import type { StoredRecord } from '../../lib/sync/record.ts';

/** One measurement of `bench:export`. Arguments: format, rows, file. */
export interface ExportMeasured {
  readonly bytes: number;
  readonly maxRssMb: number;
  readonly seconds: number;
}

const formats: Readonly<Record<string, typeof csvOf | typeof parquetOf>> = {
  csv: csvOf,
  ndjson: ndjsonOf,
  parquet: parquetOf,
};

const [, , format = '', rows = '', file = ''] = process.argv;
const pieces = formats[format];
if (pieces === undefined) throw new Error(`There is no format ${format}`);
const start = performance.now();
const bytes = await withStaging(async (database) => {
  const staged = await StagedTable.load(database, 'records', people(Number(rows)), () => undefined);
  return writeFileWhole(file, pieces(staged.columns, staged.rows()) as Iterable<string>);
});
const measured: ExportMeasured = {
  bytes,
  maxRssMb: process.resourceUsage().maxRSS / 1024,
  seconds: (performance.now() - start) / 1000,
};
console.log(JSON.stringify(measured));

/** Rows of about 0.4 KB, of nobody. */
async function* people(count: number): AsyncGenerator<StoredRecord, void, undefined> {
  for (let row = 0; row < count; row += 1) {
    // As a page of a list would let other things happen.
    if (row % 1000 === 0) await new Promise(setImmediate);
    const id = String(3_000_000_000_000_000_000n + BigInt(row));
    const json = JSON.stringify({
      id,
      displayName: `Nobody ${String(row)}`,
      work: { site: `Site ${String(row % 50)}`, startDate: '2020-02-29', title: row % 300, manager: id },
      pay: JSON.rawJSON(`${String(row)}.${String(row % 100).padStart(2, '0')}`),
      active: row % 3 > 0,
      tags: ['made up', row],
      note: 'made up '.repeat(10),
    });
    const at = '2026-11-30T08:00:00.000Z';
    yield { stream: 'bob/people', id, json, firstSeenAt: at, changedAt: at, deletedAt: null };
  }
}
