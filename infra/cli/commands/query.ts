import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

import type { Command } from 'commander';

import { csvField, csvLine } from '../../../lib/operations/list-records.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { proposalFor } from '../../terminal/closest.ts';
import { calmTable, textOf } from '../../terminal/table.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { count, oneLine } from '../../terminal/words.ts';
import { writeAll, writePieces } from '../../terminal/write-all.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { loadStream } from '../tables/load-stream.ts';
import { allowReadingOnly, makeSqlTable } from '../tables/sql-tables.ts';
import { withStaging } from '../tables/staging.ts';
import { tableNamesOf } from '../tables/table-name.ts';
import type { Cli } from './cli-context.ts';

interface Options extends StoreOptions {
  readonly csv?: true;
  readonly tables?: true;
  readonly deleted?: true;
}

/** More are for a file, and not for a screen. */
const maxShownRows = 200;
const maxShownCharacters = 60;

export function addQuery(root: Command, cli: Cli): void {
  withStoreOptions(root.command('query'))
    .description('asks the stored records in SQL, each stream a table')
    .argument('[sql]', 'one statement of SQLite that reads')
    .option('--tables', 'the names of the tables instead')
    .option('--deleted', 'also records that the vendor does not give any more')
    .option('--json', 'one JSON array of objects')
    .option('--csv', 'with a header, every text in quotes')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper query --tables
  npx pagekeeper query 'select * from bob_people limit 5'
  npx pagekeeper query 'select "work.department", count(*) from bob_people group by 1' --stack Pagekeeper
  npx pagekeeper query 'select * from mobaro_users' --csv > users.csv

The streams that the statement names are read anew each time. Columns are those of export: a name with a point in it takes
double quotes. A boolean is 1 or 0; a list is JSON, for json_extract and json_each.`,
    )
    .action(async (sql: string | undefined, options: Options) => {
      const { csv, json, tables, deleted = false } = options;
      if (csv === true && json === true) throw new UsageError('--csv and --json cannot go together.');
      if ((sql === undefined) === (tables === undefined))
        throw new UsageError('query takes a statement of SQL, or --tables.');
      const { use, variables } = chooseStore(options, cli.variables);
      await use(async (store) => {
        const names = tableNamesOf(store.streams);
        if (sql === undefined)
          return writeAll(cli.out, [...names.values()].map((name) => `${name}\n`).join(''));
        await withStaging(async (database) => {
          for (const [stream, name] of names) {
            if (!mentions(sql, name)) continue;
            const wanted = { deleted, since: null };
            const staged = await loadStream(database, stream, store.records, wanted, cli.err);
            makeSqlTable(database, name, staged);
            staged.drop();
          }
          allowReadingOnly(database);
          const answer = ask(database, sql, [...names.values()]);
          if (csv === true) await writePieces(cli.out, csvOf(answer), true);
          else if (json === true) await writePieces(cli.out, jsonOf(answer), false);
          else await writeAll(cli.out, `${shown(answer, cli.out, variables)}\n`);
        });
      });
    });
}

/** Within a text, too: a stream that is read for nothing costs time, and no answer is wrong. */
function mentions(sql: string, table: string): boolean {
  return new RegExp(`(?<![a-z0-9_])${table}(?![a-z0-9_])`, 'i').test(sql);
}

interface Answer {
  readonly names: readonly string[];
  readonly rows: Iterable<readonly SQLOutputValue[]>;
}

/** @throws UsageError with what SQLite says of the statement */
function ask(database: DatabaseSync, sql: string, tables: readonly string[]): Answer {
  try {
    const statement = database.prepare(sql);
    if (/[^\s;]/.test(sql.slice(statement.sourceSQL.length)))
      throw new UsageError('query takes one statement, and there is more behind it.');
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const names = statement.columns().map(({ name }) => name);
    if (names.length === 0) throw new UsageError('query: the statement gives no rows; it can only read.');
    // Node's types know rows as objects only.
    return { names, rows: checked(statement.iterate() as unknown as Iterable<readonly SQLOutputValue[]>) };
  } catch (error) {
    throw inWords(error, tables);
  }
}

/** SQLite finds some faults only while it goes through the rows. */
function* checked(
  rows: Iterable<readonly SQLOutputValue[]>,
): Generator<readonly SQLOutputValue[], void, undefined> {
  try {
    yield* rows;
  } catch (error) {
    throw inWords(error, []);
  }
}

function inWords(error: unknown, tables: readonly string[]): unknown {
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  // Also where there is nothing but blanks or a comment.
  if (error instanceof TypeError) return new UsageError('query takes a statement of SQL, or --tables.');
  if (!('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return error;
  const [, missing] = /^no such table: (?:main\.)?(.+)$/.exec(error.message) ?? [];
  if (missing !== undefined) {
    return new UsageError(
      `query: there is no table ${missing}${proposalFor(missing, tables)}; query --tables has their names.`,
    );
  }
  if (error.message.includes('not authorized'))
    return new UsageError('query: the statement can only read what is stored.');
  return new UsageError(`query: SQLite does not take the statement: ${error.message}.`);
}

function* csvOf({ names, rows }: Answer): Generator<string, void, undefined> {
  yield csvLine(names.map(csvField));
  for (const row of rows)
    yield csvLine(
      row.map((value) => (value === null ? '' : typeof value === 'string' ? csvField(value) : textIn(value))),
    );
}

function* jsonOf({ names, rows }: Answer): Generator<string, void, undefined> {
  yield '[';
  let first = true;
  for (const row of rows) {
    const pairs = row.map((value, index) => `${JSON.stringify(names[index])}:${jsonIn(value)}`);
    yield `${first ? '\n' : ',\n'}{${pairs.join(',')}}`;
    first = false;
  }
  yield first ? ']\n' : '\n]\n';
}

function shown({ names, rows }: Answer, out: NodeJS.WriteStream, variables: Cli['variables']): string {
  const taken: (readonly SQLOutputValue[])[] = [];
  let more = 0;
  for (const row of rows) {
    if (taken.length < maxShownRows) taken.push(row);
    else more += 1;
  }
  const isNumber = names.map((_, index) =>
    taken.every((row) => row[index] === null || typeof row[index] !== 'string'),
  );
  const colors = colorsFor(out, variables);
  const table = calmTable(
    names.map(oneLine),
    isNumber.map((right) => (right ? 'right' : 'left')),
    colors,
    { gaps: 'close' },
  );
  for (const row of taken) table.push(row.map((value) => shortened(oneLine(textIn(value)))));
  if (taken.length === 0) return 'No row.';
  const left = more === 0 ? '' : `\n${count(more)} more rows: --csv and --json print all of them.`;
  return `${textOf(table)}${left}`;
}

function shortened(text: string): string {
  const characters = Array.from(text);
  return characters.length <= maxShownCharacters
    ? text
    : `${characters.slice(0, maxShownCharacters - 1).join('')}…`;
}

function textIn(value: SQLOutputValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? Buffer.from(value).toString('hex') : String(value);
}

function jsonIn(value: SQLOutputValue): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  return JSON.stringify(textIn(value));
}
