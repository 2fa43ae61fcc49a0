import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';
import { createLogUpdate } from 'log-update';

import { UsageError } from '../../terminal/usage-error.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { printJson, schemaVersion, type Cli } from './cli-context.ts';
import { statusText } from './print-status.ts';
import { wholeStatus } from './whole-status.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { printableText } from '../../terminal/printable.ts';
import { writeAll } from '../../terminal/write-all.ts';

type Options = StoreOptions & { readonly watch?: true };

const redrawMs = 3000;

export function addStatus(root: Command, cli: Cli): void {
  withStoreOptions(root.command('status'))
    .description('prints how every stream stands')
    .option('--watch', 'again every few seconds, until Ctrl-C')
    .option('--json', 'as one JSON object; with --watch one a line')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper status
  npx pagekeeper status --watch                     also while npm start runs
  npx pagekeeper status --json --stack Pagekeeper`,
    )
    .action(async (options: Options) => {
      const { where, variables, isDeployment, use } = chooseStore(options, cli.variables);
      const read = () => use((store) => wholeStatus(store, Date.now()));
      const colors = colorsFor(cli.out, variables);
      const text = async () => {
        const status = await read();
        const ticks = isDeployment || status.streams.some(({ nextTickAt }) => nextTickAt !== null);
        return statusText(status, where, Date.now(), colors, ticks);
      };
      if (options.watch !== true) {
        if (options.json === true) return printJson(cli.out, await read());
        return writeAll(cli.out, `${await text()}\n`);
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
        log(printableText(`${await text()}\n\n${until}`, true));
      });
      log.done();
    });
}

async function repeat(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await act();
    await sleep(redrawMs, undefined, { signal }).catch(() => undefined);
  }
}
