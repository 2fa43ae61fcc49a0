import type { Command } from 'commander';

import type { Done } from '../../../lib/operations/done.ts';
import { forgetInLog, lookedInWords } from '../../../lib/operations/forget-in-log.ts';
import { eraseRecord, forgottenOf, type Erased } from '../../../lib/operations/forget.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { changeCheckpoint } from '../../../lib/sync/compare-and-swap.ts';
import { toBeReadWhole } from '../../../lib/sync/transitions/person.ts';
import { oneLine } from '../../terminal/words.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { printJson, type Cli } from './cli-context.ts';
import { writeAll } from '../../terminal/write-all.ts';

type Options = StoreOptions & WhyOption & { readonly yes?: true };

/** What was typed for a record and cannot be understood, told without repeating it. */
export const howToForget =
  'forget takes a stream and an id, such as npx pagekeeper forget mobaro/users users/1-A; an id that begins with a dash goes behind a --, and one with spaces into quotes.';

/** An id is a field of somebody's record: it is asked about on the terminal, and stands in no output and no error. */
export function addForget(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('forget')))
    .description('erases one stored record now')
    .argument('<stream>', 'such as mobaro/users')
    .argument('<id>', "the record's, as records shows it; behind -- if it begins with a dash")
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper forget mobaro/users users/1-A      asks first
  npx pagekeeper forget mobaro/users --yes -- -1    the id begins with a dash

If the vendor still gives it, the next run stores it again. What it was is taken out of the change log, too, where there is
one: in a deployment that takes some minutes. Interrupted, it can be given again, and goes on.`,
    )
    .action(async (stream: string, id: string, options: Options) => {
      const { place, use } = chooseStore(options, cli.variables);
      const asJson = options.json === true;
      if (!(await mayForget(stream, id, options.yes === true, place, cli))) {
        cli.end(1);
        await (asJson
          ? printJson(cli.out, { results: [] })
          : writeAll(cli.out, 'Nothing has been erased.\n'));
        return;
      }
      await use(async (store) => {
        if (!store.streams.includes(stream)) {
          // With the two in the wrong order, the id stands here.
          throw new UsageError(`There is no such stream; known are ${store.streams.join(', ')}.`);
        }
        const erase = () => forget({ stream, id }, store, cli);
        // Which record it was is not written down: the audit would keep for a year what is to be gone now. A digest is no way
        // round it, for ids are few enough to try them all. The number of the request to erase it fits into --why.
        const asked = { command: 'forget', target: stream, options: 'ID', why: options.why } as const;
        await act(asked, [stream], store, erase, asJson, cli);
      });
    });
}

/** In the tables, and in the change log where there is one. */
async function forget(
  record: { readonly stream: string; readonly id: string },
  store: Store,
  { err, signal }: Cli,
): Promise<readonly Done[]> {
  const { stream: target } = record;
  const erase = async (): Promise<Erased> => {
    const erased = await eraseRecord(record, store.eraser);
    await changeCheckpoint(store.checkpoints, target, toBeReadWhole);
    return erased;
  };
  const work = await store.logWork();
  if (work === null) return [doneInTables(target, await erase(), store.remains)];
  const tell = (sentence: string) => writeAll(err, `${sentence}\n`);
  const { erased, looked } = await forgetInLog(record, erase, { ...work, clock: systemClock, tell }, signal);
  return [
    doneInTables(target, erased, store.remains),
    {
      ...{ target, changed: looked.rewritten > 0, sentence: lookedInWords(looked) },
      ...(looked.unreadable > 0 && { refused: true as const }),
    },
  ];
}

function doneInTables(target: string, erased: Erased, remains: string): Done {
  const { changed, text } = forgottenOf(target, erased, remains);
  return { target, changed, sentence: text };
}

/** Asked before the store is opened, for nobody else can open a data folder while somebody thinks. */
async function mayForget(
  stream: string,
  id: string,
  yes: boolean,
  place: string,
  { confirm }: Cli,
): Promise<boolean> {
  if (id === '') throw new UsageError(howToForget);
  if (yes) return true;
  if (confirm === null) {
    throw new UsageError('forget asks before it erases, and there is no terminal to ask on: add --yes.');
  }
  return confirm(`Erase the record ${oneLine(id)} of ${stream} in ${place}? It cannot be had back. [y/N] `);
}
