import { parseArgs } from 'node:util';

import { walkLargely } from './large.ts';
import { loadConnectors } from './load-connector.ts';
import { printTable } from './print-table.ts';
import { accept, type Result } from './run-acceptance.ts';

const usage = `npm run acceptance -- CONNECTOR.ts [--stream NAME] [--large] [--json]

Tries every stream of a connector on a vendor that is made of its definition alone.

  --stream NAME  this stream only; may be repeated
  --large        100,000 records of each paged stream in its place, and what memory that takes
  --json         one JSON document: the results, each with stream, check, passed and sentence`;

const { values, positionals } = readArguments();
const [file] = positionals;
if (values.help || file === undefined || positionals.length > 1) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const results: Result[] = [];
for (const connector of await loadConnectors(file)) {
  const names = Object.keys(connector.streams);
  const unknown = (values.stream ?? []).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    console.error(`${connector.title} has no stream ${unknown}; it has ${names.join(', ')}`);
    process.exit(2);
  }
  for (const stream of values.stream ?? names) {
    const each = values.large ? walkLargely(connector, stream) : accept(connector, stream);
    for await (const result of each) {
      results.push(result);
      if (!values.json) tell(result);
    }
  }
}
if (values.json) console.log(JSON.stringify({ results }, null, 2));
else printTable(results);
process.exitCode = results.length > 0 && results.every(({ passed }) => passed) ? 0 : 1;

function tell({ stream, check, passed, sentence }: Result): void {
  console.log(`${passed ? 'ok  ' : 'FAIL'}  ${stream}  ${check}: ${sentence}`);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        stream: { type: 'string', multiple: true },
        large: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : ''}\n\n${usage}`);
    return process.exit(2);
  }
}
