import { InvalidArgumentError, Option, type Command } from 'commander';

import {
  chooseRecords,
  UnknownFieldError,
  type RecordChoice,
} from '../../../lib/operations/choose-records.ts';
import {
  isDelimiter,
  listRecords,
  recordFormats,
  type RecordFormat,
  type RecordSource,
} from '../../../lib/operations/list-records.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { proposalFor } from '../../terminal/closest.ts';
import { counted, oneLine } from '../../terminal/words.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Cli } from './cli-context.ts';
import { mustKnowStream } from '../store/targets.ts';
import { writeAll, writePieces } from '../../terminal/write-all.ts';

interface Options extends StoreOptions {
  readonly format?: RecordFormat;
  readonly delimiter?: string;
  readonly limit?: number;
  readonly where: RecordChoice['where'];
}

export function addRecords(root: Command, cli: Cli): void {
  withStoreOptions(root.command('records'))
    .description('prints the stored records of a stream')
    .argument('<stream>', 'such as mobaro/users')
    .argument('[ids...]', 'of single records')
    .addOption(new Option('--format <format>', 'how (default: ndjson)').choices(recordFormats))
    .option('--json', 'as one JSON array: the same as --format json')
    .option('--delimiter <character>', 'between the fields of a csv (default: a comma)')
    .addOption(new Option('--limit <count>', 'no more than so many').argParser(limitOf))
    .addOption(
      new Option('--where <field=value>', 'only those with this in a field, as export names it')
        .argParser(whereOf)
        .default([], 'none; more than one must all fit'),
    )
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper records mobaro/users               one JSON object a line
  npx pagekeeper records bob/people --format csv > people.csv
  npx pagekeeper records bob/people --format csv --delimiter ';'    as Excel expects it in much of Europe
  npx pagekeeper records mobaro/users --json --stack Pagekeeper
  npx pagekeeper records bob/people 3002795553512422244
  npx pagekeeper records bob/people --where work.site=Berlin --limit 5

Every digit of the vendor's JSON is there. Deleted records are there, too: they alone have a deletedAt.`,
    )
    .action(async (stream: string, ids: readonly string[], options: Options) => {
      const { format, json, delimiter, where, limit = null } = options;
      if (ids.length > 0 && limit !== null)
        throw new UsageError('--limit goes without ids: there are as many as are named.');
      if (json === true && format !== undefined && format !== 'json') {
        throw new UsageError(`--json is --format json, and cannot go with --format ${format}.`);
      }
      if (delimiter !== undefined) checkDelimiter(delimiter, format);
      await chooseStore(options, cli.variables).use(async (store) => {
        mustKnowStream(store, stream, 'records');
        const chosen = format ?? (json === true ? 'json' : 'ndjson');
        const found = new Set<string>();
        const named = async function* () {
          for await (const record of store.records.find(stream, ids)) {
            found.add(record.id);
            yield record;
          }
        };
        const all = ids.length === 0 ? store.records.scan(stream) : named();
        const source: RecordSource = { scan: () => chooseRecords(all, { where, limit }) };
        await writePieces(cli.out, listRecords(source, stream, chosen, delimiter), chosen === 'csv').catch(
          (error: unknown) => {
            if (!(error instanceof UnknownFieldError)) throw error;
            const { column, known } = error;
            throw new UsageError(
              `--where: no record of ${stream} has a field ${oneLine(column)}${proposalFor(column, known)}; npx pagekeeper schema ${stream} shows them.`,
            );
          },
        );
        const missing = new Set(ids).size - found.size;
        if (missing === 0) return;
        cli.end(1);
        await writeAll(
          cli.err,
          `${counted(missing, 'record')} of these ${missing === 1 ? 'is' : 'are'} not stored.\n`,
        );
      });
    });
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError('It takes a whole number from 1.');
}

function whereOf(text: string, before: RecordChoice['where']): RecordChoice['where'] {
  const at = text.indexOf('=');
  if (at > 0) return [...before, { column: text.slice(0, at), value: text.slice(at + 1) }];
  throw new InvalidArgumentError('It takes a field and a value, such as work.site=Berlin.');
}

/** @throws UsageError */
function checkDelimiter(delimiter: string, format: RecordFormat | undefined): void {
  if (format !== 'csv') throw new UsageError('--delimiter goes with --format csv alone.');
  if (isDelimiter(delimiter)) return;
  throw new UsageError(
    `--delimiter takes one character, such as ; or a tab, and no quote, letter, digit or line break; it was ${JSON.stringify(delimiter)}.`,
  );
}
