import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { colorsFor } from '../../infra/terminal/colors.ts';
import { calmTable, textOf } from '../../infra/terminal/table.ts';
import { count } from '../../infra/terminal/words.ts';
import type { ExportMeasured } from './export-once.ts';

/**
 * `npm run bench:export`: the memory and time that `export` takes for streams of two sizes, each in a process of its own. The
 * memory is to be about the same; the rows come from a generator, so that DynamoDB has no share in it.
 */

const run = promisify(execFile);
const sizes = [100_000, 1_000_000];
const formats = ['parquet', 'csv', 'ndjson'];

const folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-bench-'));
const table = calmTable(
  ['format', 'rows', 'file (MB)', 'memory at most (MB)', 'seconds'],
  ['left', 'right', 'right', 'right', 'right'],
  colorsFor(process.stdout, process.env),
);
try {
  for (const format of formats) {
    for (const rows of sizes) {
      const once = path.join(import.meta.dirname, 'export-once.ts');
      const { stdout } = await run(process.execPath, [once, format, String(rows), path.join(folder, format)]);
      const { bytes, maxRssMb, seconds } = JSON.parse(stdout) as ExportMeasured;
      table.push([format, count(rows), (bytes / 1e6).toFixed(0), maxRssMb.toFixed(0), seconds.toFixed(1)]);
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(textOf(table));
