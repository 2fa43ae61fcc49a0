import type { Command } from 'commander';

import type { Done } from '../../../lib/operations/done.ts';
import { pauseStream } from '../../../lib/operations/pause.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { mayGoOn, type Cli } from './cli-context.ts';
import { mustChoose, streamsOf } from '../store/targets.ts';

interface Options extends StoreOptions, WhyOption {
  readonly all?: true;
  readonly yes?: true;
}

export function addPause(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('pause')))
    .description('lets a stream stand still until it is resumed')
    .argument('[target]', 'a stream, such as mobaro/users, or a connection: all of its streams')
    .option('--all', 'every stream; asks first')
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper pause mobaro/users
  npx pagekeeper pause mobaro --stack Pagekeeper
  npx pagekeeper resume mobaro                      ends it

A page that is under way is still stored. A paused run goes on where it stands; the time does not count against it.`,
    )
    .action(async (target: string | undefined, options: Options) => {
      mustChoose('pause', target, options.all);
      const { place, use } = chooseStore(options, cli.variables);
      const question = `Pause every stream in ${place}? Their records grow stale until they are resumed.`;
      if (target === undefined && !(await mayGoOn('pause --all', question, options, cli))) return;
      await use(async (store) => {
        const streams = streamsOf(store, target);
        const { checkpoints } = store;
        const pauseAll = async () => {
          const results: Done[] = [];
          for (const stream of streams) {
            results.push(await pauseStream(stream, { checkpoints, clock: { now: Date.now } }));
          }
          return results;
        };
        const asked = { command: 'pause', target, why: options.why } as const;
        await act(asked, streams, store, pauseAll, options.json === true, cli);
      });
    });
}
