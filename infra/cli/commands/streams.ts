import type { Command } from 'commander';

import { countRecords, type Stored } from '../../../lib/operations/count-records.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { calmTable, textOf } from '../../terminal/table.ts';
import { count, wrapped } from '../../terminal/words.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { streamsOf } from '../store/targets.ts';
import { printJson, type Cli } from './cli-context.ts';

interface StoredStream extends Stored {
  readonly stream: string;
}

/** Of a connection: the streams of its vendor that it does not sync. */
interface Further {
  readonly connection: string;
  readonly streams: readonly string[];
}

export function addStreams(root: Command, cli: Cli): void {
  withStoreOptions(root.command('streams'))
    .description('tells what is synced, how much of it is stored, and what else could be synced')
    .argument('[target]', 'a stream, such as mobaro/users, or a connection (default: all)')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper streams
  npx pagekeeper streams bob --stack Pagekeeper

The records are counted, which reads all of them. docs/streams.md has what each stream is.`,
    )
    .action(async (target: string | undefined, options: StoreOptions) => {
      const { use, variables } = chooseStore(options, cli.variables);
      const { stored, further } = await use(async (store) => {
        const found: StoredStream[] = [];
        for (const stream of streamsOf(store, target))
          found.push({ stream, ...(await countRecords(store.records.scan(stream))) });
        return { stored: found, further: target === undefined ? furtherIn(store) : [] };
      });
      if (options.json === true) return printJson(cli.out, { streams: stored, further });
      await writeAll(cli.out, `${inTable(stored, cli.out, variables)}\n${inWords(further)}`);
    });
}

function furtherIn({ catalogue }: Pick<Store, 'catalogue'>): readonly Further[] {
  return catalogue.connections.map(({ name, settings: { connector, streams } }) => {
    const synced = new Set(streams.map(({ name: stream, config }) => config.of ?? stream));
    const all = Object.keys(connector.streams);
    return { connection: name, streams: all.filter((one) => !synced.has(one)) };
  });
}

function inTable(
  stored: readonly StoredStream[],
  out: NodeJS.WriteStream,
  variables: Cli['variables'],
): string {
  const table = calmTable(
    ['stream', 'stored', 'deleted', 'last change'],
    ['left', 'right', 'right', 'left'],
    colorsFor(out, variables),
  );
  for (const { stream, rows, deleted, lastChangeAt } of stored)
    table.push([stream, count(rows), deleted === 0 ? '' : count(deleted), shortTime(lastChangeAt)]);
  return textOf(table);
}

/** To a second. */
function shortTime(at: string | null): string {
  return at === null ? '' : `${at.slice(0, 19)}Z`;
}

function inWords(further: readonly Further[]): string {
  return further
    .filter(({ streams }) => streams.length > 0)
    .flatMap(({ connection, streams }) => [
      '',
      ...wrapped(`${connection} can also sync: ${streams.join(', ')}.`, 78, '  '),
    ])
    .concat('')
    .join('\n');
}
