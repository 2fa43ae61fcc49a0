import { randomUUID } from 'node:crypto';

import type { Command } from 'commander';

import { SqsPageQueue } from '../../../lib/aws/sqs-page-queue.ts';
import { connectionOf, parseStreamName } from '../../../lib/connectors/stream-name.ts';
import type { Done } from '../../../lib/operations/done.ts';
import { runStream } from '../../../lib/operations/run.ts';
import { continuedBy } from '../../../lib/sync/step.ts';
import { startCommand } from '../../../lib/operations/words.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { mustChoose, streamsOf } from '../store/targets.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { mayGoOn, type Cli } from './cli-context.ts';

interface Options extends StoreOptions, WhyOption {
  readonly all?: true;
  readonly yes?: true;
}

export function addRun(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('run')))
    .description('starts a run now, or lets an open one go on, as a tick would')
    .argument('[target]', 'a stream, such as mobaro/users, or a connection: all of its streams')
    .option('--all', 'every stream')
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper run mobaro/users                   one stream
  npx pagekeeper run mobaro                         all of a connection; asks first, for it uses the vendor's limit
  npx pagekeeper run --all --yes --stack Pagekeeper

What is halted or paused is not started, and no wait that the vendor asked for is cut short. On this machine the run
goes to the ${startCommand} that is running, and otherwise begins with the next one.`,
    )
    .action(async (target: string | undefined, options: Options) => {
      mustChoose('run', target, options.all);
      const { place, use } = chooseStore(options, cli.variables);
      const many = target === undefined || parseStreamName(target) === null;
      const what = target === undefined ? 'every stream' : `every stream of ${target}`;
      const question = `Start ${what} in ${place} now? It asks the vendor for whole lists, within its limit.`;
      if (many && !(await mayGoOn('run', question, options, cli))) return;
      await use(async (store) => {
        const streams = streamsOf(store, target);
        const runAll = async () => {
          const results: Done[] = [];
          for (const stream of streams) results.push(await runOne(stream, store));
          return results;
        };
        const asked = { command: 'run', target, why: options.why } as const;
        await act(asked, streams, store, runAll, options.json === true, cli);
      });
    });
}

export async function runOne(name: string, store: Store): Promise<Done> {
  const { checkpoints, breakers, queues, catalogue } = store;
  const stream = catalogue.stream(name);
  return runStream(
    {
      name,
      byTick: ({ position }) => stream !== undefined && continuedBy(stream, position) === 'tick',
    },
    {
      checkpoints,
      breakers,
      queue: queues && new SqsPageQueue(queues.client, await queues.urlOf(connectionOf(name), 'Pages')),
      clock: { now: Date.now },
      newId: randomUUID,
    },
  );
}
