import { Option, type Command } from 'commander';

import type { Schema } from '../../../lib/sync/schema.ts';
import { nameOf, pathOf } from '../../../lib/tables/cells.ts';
import type { Column } from '../../../lib/tables/columns.ts';
import { typeInWords } from '../../../lib/tables/column-type.ts';
import { jsonSchemaOf, postgresOf, typeScriptOf } from '../../../lib/tables/schema.ts';
import { viewOf } from '../../../lib/tables/lake-sql.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { calmTable, textOf } from '../../terminal/table.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { counted, oneLine } from '../../terminal/words.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { mustKnowStream } from '../store/targets.ts';
import { createView, type LakeNames } from '../tables/create-view.ts';
import { SourceLearner } from '../tables/lake-columns.ts';
import { loadStream } from '../tables/load-stream.ts';
import { withStaging } from '../tables/staging.ts';
import { tableNamesOf } from '../tables/table-name.ts';
import { printJson, type Cli } from './cli-context.ts';

interface Options extends StoreOptions {
  readonly format: Format;
  readonly create?: true;
}

const formats = ['table', 'json-schema', 'typescript', 'postgres', 'athena'] as const;
type Format = (typeof formats)[number];

export function addSchema(root: Command, cli: Cli): void {
  withStoreOptions(root.command('schema'))
    .description('tells which fields the stored records of a stream have, and of which types')
    .argument('<stream>', 'such as bob/people')
    .addOption(new Option('--format <format>', 'in whose words').choices(formats).default('table'))
    .option('--create', 'with --format athena: has Athena make the view, in the lake of the deployment')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper schema bob/people
  npx pagekeeper schema bob/people --format typescript > people.ts
  npx pagekeeper schema bob/people --format postgres --stack Pagekeeper
  npx pagekeeper schema bob/people --format athena --create --stack Pagekeeper

It reads all records of the stream that are not deleted, and shows no value of any. The columns are those of export.
since and last are the days of the first and the last run that was given the field, as far as that is known.
athena is a view over the tables of pagekeeper.lake, with the newest snapshot and what has changed since.`,
    )
    .action(async (stream: string, options: Options) => {
      const { format, create = false, json = false } = options;
      if (create && format !== 'athena')
        throw new UsageError('--create goes with --format athena, and with --stack.');
      const { use, variables } = chooseStore(options, cli.variables);
      const { columns, rows, name, fields, lake } = await use(async (store) => {
        mustKnowStream(store, stream, 'schema');
        const lakeNames = create ? await lakeOf(store) : null;
        const sources = new SourceLearner();
        const name = tableNamesOf(store.streams).get(stream) ?? stream;
        const fields = timesOf((await store.schemas.readAll([stream])).get(stream));
        return withStaging(async (database) => {
          const wanted = { deleted: false, since: null };
          const onCell = format === 'athena' ? sources.add.bind(sources) : undefined;
          const table = await loadStream(database, stream, store.records, wanted, cli.err, onCell);
          const { columns, count: rows } = table;
          const lake = sources.columns(columns);
          if (lakeNames !== null && store.deployment !== null) {
            await createView(viewOf(name, stream, lake), lakeNames, store.deployment.athena, cli.signal);
          }
          return { columns, rows, name, fields, lake };
        });
      });
      if (create) {
        return writeAll(
          cli.out,
          `The view ${name} is there, with ${counted(lake.length, 'column')} of the records.\n`,
        );
      }
      if (json) {
        const described = columns.map((column) => ({ ...jsonOf(column), ...fields.get(column.name) }));
        return printJson(cli.out, { stream, rows, columns: described });
      }
      const text =
        format === 'athena' ? viewOf(name, stream, lake) : textIn(format, { stream, name }, columns, rows);
      await writeAll(cli.out, text ?? inTable(columns, fields, rows, cli.out, variables));
    });
}

/** @throws UsageError where there is none */
async function lakeOf({ deployment }: Store): Promise<LakeNames> {
  if (deployment === null) throw new UsageError('--create is for a deployment: name it with --stack.');
  const lake = await deployment.lake();
  if (lake !== null) return lake;
  throw new UsageError(
    `--create: ${deployment.stack} has no lake. Set pagekeeper.lake to true in cdk.json, and deploy.`,
  );
}

function jsonOf({ name, type, filled }: Column): object {
  return { name, type: typeInWords(type), filled };
}

/** When runs were given a field, ISO 8601 in UTC. */
interface FieldTimes {
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** By column. */
function timesOf(schema: Schema | undefined): ReadonlyMap<string, FieldTimes> {
  return new Map(
    [...(schema?.fields ?? [])].map(([key, { firstSeen, lastSeen }]) => [
      nameOf(pathOf(key)),
      { firstSeen: new Date(firstSeen).toISOString(), lastSeen: new Date(lastSeen).toISOString() },
    ]),
  );
}

/** Null for the table. */
function textIn(
  format: Exclude<Format, 'athena'>,
  { stream, name }: { readonly stream: string; readonly name: string },
  columns: readonly Column[],
  rows: number,
): string | null {
  switch (format) {
    case 'json-schema':
      return `${JSON.stringify(jsonSchemaOf(stream, columns, rows), null, 2)}\n`;
    case 'typescript':
      return typeScriptOf(name, columns, rows);
    case 'postgres':
      return postgresOf(name, columns);
    case 'table':
      return null;
  }
}

function inTable(
  columns: readonly Column[],
  fields: ReadonlyMap<string, FieldTimes>,
  rows: number,
  out: NodeJS.WriteStream,
  variables: Cli['variables'],
): string {
  const table = calmTable(
    ['column', 'type', 'filled', 'since', 'last'],
    ['left', 'left', 'right', 'left', 'left'],
    colorsFor(out, variables),
  );
  for (const { name, type, filled } of columns) {
    const { firstSeen = '', lastSeen = '' } = fields.get(name) ?? {};
    const days = [firstSeen, lastSeen].map((time) => time.slice(0, 10));
    table.push([oneLine(name), typeInWords(type), share(filled, rows), ...days]);
  }
  return `${textOf(table)}\n\nLearned from ${counted(rows, 'record')}.\n`;
}

/** Of the rows; nothing where it has not been counted. */
function share(filled: number | null, rows: number): string {
  if (filled === null || rows === 0) return '';
  const percent = (100 * filled) / rows;
  // Neither all nor none is said of what is almost so.
  return `${String(filled === rows || filled === 0 ? percent : Math.min(99, Math.max(1, Math.round(percent))))} %`;
}
