import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { Option, type Command } from 'commander';

import { statusOf } from '../../../lib/aws/s3-log.ts';
import { cursorAt, formatCursor, type Cursor } from '../../../lib/changes/cursor.ts';
import { changesOf } from '../../../lib/changes/object-key.ts';
import type { SnapshotReader } from '../../../lib/changes/ports.ts';
import { settledAfterMs } from '../../../lib/changes/read-changes.ts';
import type { RecordSource } from '../../../lib/operations/list-records.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { calmTable, textOf } from '../../terminal/table.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { count } from '../../terminal/words.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { streamsOf } from '../store/targets.ts';
import { ChangedRecords } from '../tables/changed-since.ts';
import { loadStream } from '../tables/load-stream.ts';
import type { StagedTable } from '../tables/staged-table.ts';
import { withStaging } from '../tables/staging.ts';
import { tableNamesOf } from '../tables/table-name.ts';
import { csvOf, plainCsvOf } from '../tables/write-csv.ts';
import { writeFileWhole } from '../tables/write-file.ts';
import { ndjsonOf } from '../tables/write-ndjson.ts';
import { parquetOf } from '../tables/write-parquet.ts';
import { printJson, type Cli } from './cli-context.ts';
import { cursorIn, mustReachBack, sinceOf } from './since.ts';

const formats = {
  parquet: parquetOf,
  csv: csvOf,
  ndjson: ndjsonOf,
} as const;

type Format = keyof typeof formats;

interface Options extends StoreOptions {
  readonly format: Format;
  readonly out: string;
  readonly plain?: true;
  readonly deleted?: true;
  readonly since?: Cursor | number;
}

interface Exported {
  readonly stream: string;
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
  readonly path: string;
}

export function addExport(root: Command, cli: Cli): void {
  withStoreOptions(root.command('export'))
    .description('writes stored records as flat, typed tables: Parquet, CSV or NDJSON')
    .argument('[targets...]', 'streams, such as bob/people, or connections (default: all)')
    .addOption(
      new Option('--format <format>', 'of the files').choices(Object.keys(formats)).makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'a folder, with a file for each stream; or the file of one stream')
    .option('--deleted', 'also records that the vendor does not give any more')
    .addOption(
      new Option(
        '--since <when>',
        'only what has changed since a date, a time, how long ago, or a cursor of an export or of changes',
      ).argParser((text) => cursorIn(text) ?? sinceOf(text, Date.now())),
    )
    .option('--plain', 'a csv for programs: without a byte order mark, and texts as they are')
    .option('--json', 'what was written, as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper export --format parquet --out tables/
  npx pagekeeper export bob/people --format csv --out people.csv --stack Pagekeeper
  npx pagekeeper export mobaro --format ndjson --out changes/ --since 1d --deleted
  npx pagekeeper export bob --format csv --out new/ --since c1.1796040125123 --deleted

Columns are named by their path, such as work.title; lists are JSON text. _id, _first_seen_at, _changed_at and _deleted_at
come first. Numbers keep every digit: those that a column cannot hold make it a column of text.`,
    )
    .action(async (targets: readonly string[], options: Options) => {
      const { format, out, plain, deleted = false, since = null } = options;
      if (plain === true && format !== 'csv') throw new UsageError('--plain goes with --format csv alone.');
      const piecesOf = plain === true ? plainCsvOf : formats[format];
      if (out === '') throw new UsageError('--out takes a path, and was given nothing.');
      const { use, variables } = chooseStore(options, cli.variables);
      const { files: exported, cursor } = await use(async (store) => {
        const found = targets.length === 0 ? store.streams : targets.flatMap((one) => streamsOf(store, one));
        const streams = [...new Set(found)];
        const names = tableNamesOf(store.streams);
        const fileOf = await filesFor(out, streams, (stream) => `${names.get(stream) ?? stream}.${format}`);
        return withStaging(async (database) => {
          const { source, changedSince, cursor } = await sourceFor(since, streams, store, database);
          const written: Exported[] = [];
          for (const stream of streams) {
            const wanted = { deleted, since: changedSince };
            const table = await loadStream(database, stream, source, wanted, cli.err);
            written.push(await write(table, stream, fileOf(stream), piecesOf));
            table.drop();
          }
          return { files: written, cursor };
        });
      });
      if (options.json === true) return printJson(cli.out, { files: exported, cursor });
      await writeAll(cli.out, `${inTable(exported, cli.out, variables)}\n`);
      if (cursor !== null) await writeAll(cli.err, `What changes from now on: --since ${cursor}\n`);
    });
}

interface Source {
  readonly source: RecordSource;
  /** Epoch milliseconds; null where the source has only what is wanted. */
  readonly changedSince: number | null;
  /** Where to go on from; null where there is no change log. */
  readonly cursor: string | null;
}

async function sourceFor(
  since: Cursor | number | null,
  streams: readonly string[],
  store: Store,
  database: DatabaseSync,
): Promise<Source> {
  const { records } = store;
  if (since !== null && typeof since !== 'number') {
    const log = await store.changeLog();
    await mustReachBack(since, log, store, 'export the streams as a whole, without --since');
    const changed = await ChangedRecords.since(since, streams, { log, records, database });
    return { source: changed, changedSince: null, cursor: formatCursor(changed.cursor) };
  }
  const log = await store.changeLog().catch((error: unknown) => {
    if (error instanceof UsageError) return null;
    throw error;
  });
  // Before the records are read: what is written meanwhile comes with the next export again.
  const began = log === null ? null : await nowOf(log, streams[0] ?? '');
  const cursor = began === null ? null : formatCursor(cursorAt(began - settledAfterMs));
  return { source: records, changedSince: since, cursor };
}

/** Null where the person may read the records and not the log: then there is no cursor, and nothing else is missing. */
async function nowOf(log: SnapshotReader, stream: string): Promise<number | null> {
  try {
    return await log.now(changesOf(stream));
  } catch (error) {
    if (statusOf(error) === 403) return null;
    throw error;
  }
}

type PiecesOf = (typeof formats)[Format];

async function write(
  table: StagedTable,
  stream: string,
  file: string,
  piecesOf: PiecesOf,
): Promise<Exported> {
  const { columns, count: rows } = table;
  const bytes = await writeFileWhole(file, piecesOf(columns, table.rows()));
  return { stream, rows, columns: columns.length, bytes, path: file };
}

/** @throws UsageError where several tables would go to one file */
async function filesFor(
  out: string,
  streams: readonly string[],
  nameOf: (stream: string) => string,
): Promise<(stream: string) => string> {
  const there = await stat(out).catch(() => null);
  const isFolder = there?.isDirectory() === true || /[/\\]$/.test(out);
  if (!isFolder && streams.length === 1) {
    await mkdir(path.dirname(out), { recursive: true });
    return () => out;
  }
  if (there !== null && !isFolder) {
    throw new UsageError(
      `--out: ${out} is a file, and ${String(streams.length)} streams take a folder: name one that is none yet.`,
    );
  }
  await mkdir(out, { recursive: true, mode: 0o700 });
  return (stream) => path.join(out, nameOf(stream));
}

function inTable(
  exported: readonly Exported[],
  out: NodeJS.WriteStream,
  variables: Cli['variables'],
): string {
  const table = calmTable(
    ['stream', 'rows', 'columns', 'file'],
    ['left', 'right', 'right', 'left'],
    colorsFor(out, variables),
    { gaps: 'close' },
  );
  for (const { stream, rows, columns, path: file } of exported)
    table.push([stream, count(rows), count(columns), file]);
  return textOf(table);
}
