import type { Command } from 'commander';

import { connectionOf, parseStreamName } from '../../../lib/connectors/stream-name.ts';
import type { Done } from '../../../lib/operations/done.ts';
import {
  resumeAll,
  resumeConnection,
  resumeStream,
  type Resumed,
  type ResumePorts,
} from '../../../lib/operations/resume.ts';
import { tryAtOnce, type WaitsFor } from '../../../lib/operations/try-at-once.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { runOne } from './run.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { mayGoOn, type Cli } from './cli-context.ts';
import type { Store } from '../store/store.ts';
import { mustChoose, streamsOf } from '../store/targets.ts';

interface Options extends StoreOptions, WhyOption {
  readonly all?: true;
  readonly yes?: true;
  readonly wait: boolean;
}

export function addResume(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('resume')))
    .description('lets a connection or a stream go on that was halted, paused or given up')
    .argument('[target]', 'a connection, such as mobaro, or a stream, such as mobaro/users')
    .option('--all', 'everything that stands still; asks first')
    .option('-y, --yes', 'without asking first')
    .option('--no-wait', 'without waiting for what comes of it')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper resume mobaro                      after a refused key (401), or after pause mobaro
  npx pagekeeper resume mobaro/timesheets           after a 403, 404 or another halt, or a pause
  npx pagekeeper resume --all --yes --stack Pagekeeper

Each is tried at once with one page, and what comes of it is said within seconds. A refused key is tried with one page, and
the others follow if it gets through. A new key needs no resume: it is noticed within five minutes.`,
    )
    .action(async (target: string | undefined, options: Options) => {
      mustChoose('resume', target, options.all);
      const { place, where, use } = chooseStore(options, cli.variables);
      const question = `Resume everything that stands still in ${place}? Refused keys are tried again, and halted streams are asked for once more.`;
      if (target === undefined && !(await mayGoOn('resume --all', question, options, cli))) return;
      await use(async (store) => {
        const nothing = { target: 'all', changed: false, sentence: 'Nothing stands still.' };
        const resumeThem = async () => {
          const results = await resume(store, target, options.wait ? 'a try' : 'nothing', where);
          return results.length === 0 ? [nothing] : results;
        };
        const asked = { command: 'resume', target, why: options.why } as const;
        await act(asked, resumable(store, target), store, resumeThem, options.json === true, cli);
      });
    });
}

async function resume(
  store: Store,
  target: string | undefined,
  waitsFor: WaitsFor,
  where: string,
): Promise<readonly Done[]> {
  const { checkpoints, breakers, tickSource, queues } = store;
  const ports = { checkpoints, breakers, tickSource, clock: systemClock };
  const run = queues === null ? null : (stream: string) => runOne(stream, store);
  return tryAtOnce(await release(store, target, ports), store.streams, { ...ports, run, waitsFor, where });
}

async function release(
  store: Store,
  target: string | undefined,
  ports: ResumePorts,
): Promise<readonly Resumed[]> {
  if (target === undefined) return resumeAll(store.streams, ports);
  if (parseStreamName(target) === null) return resumeConnection(target, streamsOf(store, target), ports);
  return [await resumeStream(target, ports)];
}

/** The keys of connections among them, but where it is about one stream. @throws UsageError */
function resumable(store: Store, target: string | undefined): readonly string[] {
  const streams = streamsOf(store, target);
  if (target !== undefined && parseStreamName(target) !== null) return streams;
  return [...new Set(streams.map(connectionOf)), ...streams];
}
