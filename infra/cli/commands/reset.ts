import { randomUUID } from 'node:crypto';

import { InvalidArgumentError, type Command } from 'commander';

import { parseStreamName } from '../../../lib/connectors/stream-name.ts';
import type { Done } from '../../../lib/operations/done.ts';
import { resetStream } from '../../../lib/operations/reset.ts';
import { count } from '../../terminal/words.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { mayGoOn, type Cli } from './cli-context.ts';
import type { Store } from '../store/store.ts';
import { mustChoose, streamsOf } from '../store/targets.ts';

interface Options extends StoreOptions, WhyOption {
  readonly all?: true;
  readonly yes?: true;
  readonly position?: number;
}

export function addReset(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('reset')))
    .description('gives the open run up and begins a new one')
    .argument('[target]', 'a stream, such as mobaro/users, or a connection: all of its streams')
    .option('--all', 'every stream')
    .option('--position <offset>', 'rows to leave out, of a plain list that is paged by offset', offsetOf)
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper reset mobaro/users                 from the beginning; asks first
  npx pagekeeper reset mobaro/users --position 400 --yes --stack Pagekeeper

A stream that is read by time begins at its history again, without --position.

The records are kept, and nothing that is still under way for the old run can change anything. What is paused or halted
stays so. A run that leaves rows out deletes nothing and ends as partial; the one after it is whole again. A stream that writes
nothing for want of a category of fields goes on waiting for it: see allow-empty-fields.`,
    )
    .action(async (target: string | undefined, options: Options) => {
      mustChoose('reset', target, options.all);
      const { position = 0 } = options;
      if (position > 0 && (target === undefined || parseStreamName(target) === null)) {
        throw new UsageError('--position is for one stream, such as mobaro/users: each has its own.');
      }
      const { place, use } = chooseStore(options, cli.variables);
      const question = `Begin ${target ?? 'every stream'} in ${place} anew at ${position === 0 ? 'the beginning' : `offset ${count(position)}`}? An open run is given up, and its pages are asked for again.`;
      if (!(await mayGoOn('reset', question, options, cli))) return;
      await use(async (store) => {
        const streams = streamsOf(store, target);
        const resetAll = async () => {
          const results: Done[] = [];
          for (const stream of streams) results.push(await resetOne(stream, position, store));
          return results;
        };
        const where = position === 0 ? {} : { options: `--position ${String(position)}` };
        const asked = { command: 'reset', target, ...where, why: options.why } as const;
        await act(asked, streams, store, resetAll, options.json === true, cli);
      });
    });
}

async function resetOne(
  name: string,
  offset: number,
  { catalogue, checkpoints, tickSource }: Store,
): Promise<Done> {
  return resetStream({ name, definition: catalogue.stream(name)?.definition }, offset, {
    checkpoints,
    tickSource,
    clock: { now: Date.now },
    newId: randomUUID,
  });
}

function offsetOf(text: string): number {
  const offset = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(offset)) throw new InvalidArgumentError('It takes a whole number of rows, 0 or more.');
  return offset;
}
