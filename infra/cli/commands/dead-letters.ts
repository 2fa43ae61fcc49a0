import type { Command } from 'commander';

import { DeadLetters, type DeadLetter } from '../../../lib/aws/dead-letters.ts';
import { decodePageMessage } from '../../../lib/aws/page-message-body.ts';
import { notDone } from '../../../lib/operations/done.ts';
import { ago, startCommand } from '../../../lib/operations/words.ts';
import { count, counted } from '../../terminal/words.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { mayGoOn, printJson, type Cli } from './cli-context.ts';
import type { Queues, Store } from '../store/store.ts';
import { connectionsOf, mustKnowConnection } from '../store/targets.ts';
import { writeAll } from '../../terminal/write-all.ts';

type Options = StoreOptions & WhyOption & { readonly yes?: true };

/** More would be no reading for a person. */
const maxShown = 100;

export function addDeadLetters(root: Command, cli: Cli): void {
  const parent = root
    .command('dead-letters')
    .description('messages that could not be handled: list, show, redrive, discard')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper dead-letters list --stack Pagekeeper
  npx pagekeeper dead-letters show mobaro --stack Pagekeeper
  npx pagekeeper dead-letters redrive mobaro --stack Pagekeeper      once the cause is fixed
  npx pagekeeper dead-letters discard mobaro --yes --stack Pagekeeper

A message is a pointer to a page and nothing more. The watchdog revives the run of a lost one, so no page hangs on it.`,
    );
  addList(parent, cli);
  addShow(parent, cli);
  addRedrive(parent, cli);
  addDiscard(parent, cli);
}

function addList(parent: Command, cli: Cli): void {
  withStoreOptions(parent.command('list'))
    .description('how many there are of each connection, and how old')
    .option('--json', 'as one JSON object')
    .action(async (options: Options) => {
      const rows = await chooseStore(options, cli.variables).use(async (store) => {
        const { queues } = store;
        if (queues === null) return null;
        return Promise.all(
          connectionsOf(store).map(async (connection) => {
            const letters = await lettersOf(queues, connection);
            const messages = await letters.count();
            const oldest = messages === 0 ? undefined : (await letters.look(maxShown))[0];
            return { connection, messages, oldestSentAt: iso(oldest) };
          }),
        );
      });
      if (options.json === true) return printJson(cli.out, { connections: rows ?? [] });
      const lines = rows?.map(({ connection, messages, oldestSentAt }) => {
        const age =
          oldestSentAt === null ? '' : `, the oldest sent ${ago(Date.parse(oldestSentAt), Date.now())}`;
        return `${connection}: ${messages === 0 ? 'none' : counted(messages, 'message')}${age}\n`;
      });
      await writeAll(cli.out, lines === undefined ? `${noQueues}\n` : lines.join(''));
    });
}

function addShow(parent: Command, cli: Cli): void {
  withStoreOptions(parent.command('show'))
    .description('what they point to')
    .argument('<connection>', 'such as mobaro')
    .option('--json', 'as one JSON object')
    .action(async (connection: string, options: Options) => {
      const found = await chooseStore(options, cli.variables).use(async (store) => {
        const queues = queuesOf(store, connection);
        return queues === null ? null : (await lettersOf(queues, connection)).look(maxShown);
      });
      const told = (found ?? []).map((letter) => ({ sentAt: iso(letter), ...pointerIn(letter) }));
      if (options.json === true) return printJson(cli.out, { connection, messages: told });
      const lines = told.map(
        ({ sentAt, words }) => `${sentAt === null ? '' : ago(Date.parse(sentAt), Date.now())}  ${words}\n`,
      );
      const none = found === null ? noQueues : `${connection}: none`;
      await writeAll(cli.out, lines.length === 0 ? `${none}\n` : lines.join(''));
    });
}

function addRedrive(parent: Command, cli: Cli): void {
  withWhy(withStoreOptions(parent.command('redrive')))
    .description('sends them back to their queue; one that is out of date does nothing there')
    .argument('<connection>', 'such as mobaro')
    .option('--json', 'as one JSON object')
    .action(async (connection: string, options: Options) => {
      await chooseStore(options, cli.variables).use(async (store) => {
        const queues = queuesOf(store, connection);
        const redrive = async () => {
          if (queues === null) return [notDone(connection, noQueues)];
          const letters = await lettersOf(queues, connection);
          const sent = await letters.redrive(await queues.urlOf(connection, 'Pages'));
          const sentence = `${counted(sent, 'message')} of ${connection} ${sent === 1 ? 'has' : 'have'} been sent back.`;
          return [{ target: connection, changed: sent > 0, sentence }];
        };
        const asked = { command: 'dead-letters redrive', target: connection, why: options.why } as const;
        await act(asked, [], store, redrive, options.json === true, cli);
      });
    });
}

function addDiscard(parent: Command, cli: Cli): void {
  withWhy(withStoreOptions(parent.command('discard')))
    .description('deletes them; asks first')
    .argument('<connection>', 'such as mobaro')
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .action(async (connection: string, options: Options) => {
      const { place, use } = chooseStore(options, cli.variables);
      const there = await use(async (store) => {
        const queues = queuesOf(store, connection);
        return queues === null ? 0 : (await lettersOf(queues, connection)).count();
      });
      const question = `Delete the ${count(there)} dead letters of ${connection} in ${place}? They cannot be had back.`;
      if (there > 0 && !(await mayGoOn('dead-letters discard', question, options, cli))) return;
      await use(async (store) => {
        const { queues } = store;
        const discard = async () => {
          if (queues === null) return [notDone(connection, noQueues)];
          const gone = await (await lettersOf(queues, connection)).discard();
          const sentence = `${counted(gone, 'message')} of ${connection} ${gone === 1 ? 'has' : 'have'} been deleted.`;
          return [{ target: connection, changed: gone > 0, sentence }];
        };
        const asked = { command: 'dead-letters discard', target: connection, why: options.why } as const;
        await act(asked, [], store, discard, options.json === true, cli);
      });
    });
}

const noQueues = `There are no queues: ${startCommand} does not run on this data, and they end with it.`;

/** @throws UsageError */
function queuesOf(store: Store, connection: string): Queues | null {
  mustKnowConnection(store, connection, 'dead-letters');
  return store.queues;
}

async function lettersOf(queues: Queues, connection: string): Promise<DeadLetters> {
  return new DeadLetters(queues.client, await queues.urlOf(connection, 'DeadLetters'));
}

/** What is not a message of Pagekeeper's may hold anything: it is not repeated. */
function pointerIn({ body }: DeadLetter) {
  const read = decodePageMessage(body);
  switch (read.kind) {
    case 'page': {
      const { stream, run, sequence } = read.message;
      return { stream, run, sequence, words: `${stream}, page ${count(sequence + 1)} of run ${run}` };
    }
    case 'newer':
      return { ...noPointer, words: `a message of a newer version (${String(read.version)})` };
    case 'foreign':
      return { ...noPointer, words: `not one of Pagekeeper's: ${read.reason}` };
  }
}

const noPointer = { stream: null, run: null, sequence: null };

function iso(letter: DeadLetter | undefined): string | null {
  return letter === undefined ? null : new Date(letter.sentAt).toISOString();
}
