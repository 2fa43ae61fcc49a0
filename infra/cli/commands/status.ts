import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';
import { createLogUpdate } from 'log-update';
import { startCommand } from '../../../lib/operations/words.ts';

import { UsageError } from '../../terminal/usage-error.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { printJson, schemaVersion, type Cli } from './cli-context.ts';
import { countStored, type StoredCount } from './count-stored.ts';
import { statusText } from './print-status.ts';
import { standsStill, wholeStatus, type WholeStatus } from './whole-status.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { printableText } from '../../terminal/printable.ts';
import { writeAll } from '../../terminal/write-all.ts';

type Options = StoreOptions & { readonly watch?: true; readonly fail?: true };

const redrawMs = 3000;
/** What is stored is not counted each time: that reads all of it. */
const countAgainMs = 60_000;

export function addStatus(root: Command, cli: Cli): void {
  withStoreOptions(root.command('status'))
    .description('prints how every stream stands')
    .option('--watch', 'again every few seconds, until Ctrl-C')
    .option('--fail', 'exit status 1 where something stands still')
    .option('--json', 'as one JSON object; with --watch one a line')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper status
  npx pagekeeper status --watch                     also while ${startCommand} runs
  npx pagekeeper status --fail --stack Pagekeeper   in a script: 1 if a person is needed
  npx pagekeeper status --json --stack Pagekeeper`,
    )
    .action(async (options: Options) => {
      const { where, variables, isDeployment, use } = chooseStore(options, cli.variables);
      if (options.watch === true && options.fail === true) {
        throw new UsageError('--fail looks once, and --watch does not end: leave one of them out.');
      }
      const count = countingAtTimes();
      const read = () => use(async (store) => wholeStatus(store, await count(store), Date.now()));
      const colors = colorsFor(cli.out, variables);
      const textOf = (status: WholeStatus) => {
        const ticks = isDeployment || status.streams.some(({ nextTickAt }) => nextTickAt !== null);
        return statusText(status, where, Date.now(), colors, ticks);
      };
      if (options.watch !== true) {
        const status = await read();
        if (options.fail === true && standsStill(status)) cli.end(1);
        if (options.json === true) return printJson(cli.out, status);
        return writeAll(cli.out, `${textOf(status)}\n`);
      }
      if (options.json === true) {
        return repeat(cli.signal, async () => {
          await writeAll(cli.out, `${JSON.stringify({ schemaVersion, ...(await read()) })}\n`);
        });
      }
      if (!cli.out.isTTY) {
        throw new UsageError('--watch redraws a terminal, and this is none: leave it out, or add --json.');
      }
      const log = createLogUpdate(cli.out);
      await repeat(cli.signal, async () => {
        // Each time anew, so that npm start can have the folder in between.
        const until = colors.dim(`${new Date().toISOString()}, Ctrl-C ends it`);
        log(printableText(`${textOf(await read())}\n\n${until}`, true));
      });
      log.done();
    });
}

/** @returns what is stored, counted anew when the last count is a minute old */
function countingAtTimes(): (store: Store) => Promise<ReadonlyMap<string, StoredCount>> {
  let last: { readonly at: number; readonly counts: ReadonlyMap<string, StoredCount> } | null = null;
  return async ({ streams, records }) => {
    if (last === null || Date.now() - last.at > countAgainMs)
      last = { at: Date.now(), counts: await countStored(streams, records) };
    return last.counts;
  };
}

async function repeat(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await act();
    await sleep(redrawMs, undefined, { signal }).catch(() => undefined);
  }
}
