import { Option, type Command } from 'commander';

import {
  isDelimiter,
  listRecords,
  recordFormats,
  type RecordFormat,
} from '../../../lib/operations/list-records.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Cli } from './cli-context.ts';
import { mustKnowStream } from '../store/targets.ts';
import { writePieces } from '../../terminal/write-all.ts';

type Options = StoreOptions & { readonly format?: RecordFormat; readonly delimiter?: string };

export function addRecords(root: Command, cli: Cli): void {
  withStoreOptions(root.command('records'))
    .description('prints the stored records of a stream')
    .argument('<stream>', 'such as mobaro/users')
    .addOption(new Option('--format <format>', 'how (default: ndjson)').choices(recordFormats))
    .option('--json', 'as one JSON array: the same as --format json')
    .option('--delimiter <character>', 'between the fields of a csv (default: a comma)')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper records mobaro/users               one JSON object a line
  npx pagekeeper records bob/people --format csv > people.csv
  npx pagekeeper records bob/people --format csv --delimiter ';'    as Excel expects it in much of Europe
  npx pagekeeper records mobaro/users --json --stack Pagekeeper

Every digit of the vendor's JSON is there. Deleted records are there, too: they alone have a deletedAt.`,
    )
    .action(async (stream: string, options: Options) => {
      const { format, json, delimiter } = options;
      if (json === true && format !== undefined && format !== 'json') {
        throw new UsageError(`--json is --format json, and cannot go with --format ${format}.`);
      }
      if (delimiter !== undefined) checkDelimiter(delimiter, format);
      await chooseStore(options, cli.variables).use(async (store) => {
        mustKnowStream(store, stream);
        const chosen = format ?? (json === true ? 'json' : 'ndjson');
        const pieces = listRecords(store.records, stream, chosen, delimiter);
        await writePieces(cli.out, pieces, chosen === 'csv');
      });
    });
}

/** @throws UsageError */
function checkDelimiter(delimiter: string, format: RecordFormat | undefined): void {
  if (format !== 'csv') throw new UsageError('--delimiter goes with --format csv alone.');
  if (isDelimiter(delimiter)) return;
  throw new UsageError(
    `--delimiter takes one character, such as ; or a tab, and no quote, letter, digit or line break; it was ${JSON.stringify(delimiter)}.`,
  );
}
