import type { Command } from 'commander';

import { notDone, type Done } from '../../../lib/operations/done.ts';
import { replayBatches, type Replayed } from '../../../lib/operations/replay-batches.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { counted } from '../../terminal/words.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import type { Cli } from './cli-context.ts';

/** What its results are about: no stream alone. */
const target = 'changes';

/** @param changes the command that it is a part of */
export function addReplay(changes: Command, cli: Cli): void {
  withWhy(withStoreOptions(changes.command('replay')))
    .description('publishes the changes that the publisher could not, once its fault is mended')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper changes replay --stack Pagekeeper
  npx pagekeeper changes replay --stack Pagekeeper --why "the bucket was closed, incident 12"

What the publisher fails at for a day is kept in the bucket, under aws/lambda/. Its lines come behind what has been published
since, with the sequence that they had: of two lines of one record the one with the higher sequence is the later.`,
    )
    .action(async (options: StoreOptions & WhyOption) => {
      const { color, ...misplaced } = changes.opts<StoreOptions>();
      if (color === false || Object.keys(misplaced).length > 0) {
        throw new UsageError('The options of changes replay go behind the word replay.');
      }
      await chooseStore(options, cli.variables).use(async (store) => {
        const work = await store.logWork();
        if (work === null) throw new UsageError('There is no change log, so there is nothing to publish.');
        const replay = async () => doneOf(await replayBatches(work.log, { ...work, clock: systemClock }));
        const asked = { command: 'changes replay', target: null, why: options.why } as const;
        await act(asked, [], store, replay, options.json === true, cli);
      });
    });
}

function doneOf({ batches, lines, unreadable }: Replayed): readonly Done[] {
  const sentence =
    batches === 0
      ? 'Nothing has been published: there is no failed batch that could be.'
      : `${counted(batches, 'failed batch', 'failed batches')} with ${counted(lines, 'line')} ${batches === 1 ? 'has' : 'have'} been published.`;
  const done = { target, changed: batches > 0, sentence };
  if (unreadable === 0) return [done];
  return [
    done,
    notDone(
      target,
      `${counted(unreadable, 'object')} under aws/lambda/ could not be read by this version, and ${unreadable === 1 ? 'is' : 'are'} left there.`,
    ),
  ];
}
