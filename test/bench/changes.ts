import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { colorsFor } from '../../infra/terminal/colors.ts';
import { calmTable, textOf } from '../../infra/terminal/table.ts';
import { count } from '../../infra/terminal/words.ts';
import type { ChangesMeasured } from './changes-once.ts';

/**
 * `npm run bench:changes`: the memory and time that publishing a batch of changes takes, in a process of its own. Lambda gives a
 * function 6 MB at most, old and new content together: as many small records as a batch may have, or a few large ones, which
 * are packed.
 */

const run = promisify(execFile);
const batches = [
  { rows: 500, bytes: 1000 },
  { rows: 500, bytes: 5000 },
  { rows: 7, bytes: 1_300_000 },
];
const table = calmTable(
  ['changed rows', 'JSON of each (KB)', 'event (MB)', 'memory at most (MB)', 'seconds'],
  ['right', 'right', 'right', 'right', 'right'],
  colorsFor(process.stdout, process.env),
);
for (const { rows, bytes } of batches) {
  const once = path.join(import.meta.dirname, 'changes-once.ts');
  const { stdout } = await run(process.execPath, [once, String(rows), String(bytes)]);
  const { eventMb, maxRssMb, seconds } = JSON.parse(stdout) as ChangesMeasured;
  table.push([
    ...[count(rows), (bytes / 1000).toFixed(0), eventMb.toFixed(1), maxRssMb.toFixed(0), seconds.toFixed(2)],
  ]);
}
console.log(textOf(table));
