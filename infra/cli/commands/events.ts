import { Option, type Command } from 'commander';

import { eventTypes, type EventType, type PagekeeperEvent } from '../../../lib/operations/sent-events.ts';
import { writeAll, writePieces } from '../../terminal/write-all.ts';
import { eventLine } from '../events/event-line.ts';
import { eventsFrom, type EventReader } from '../events/event-reader.ts';
import { KeptEventReader } from '../events/kept-event-reader.ts';
import { LogEventReader } from '../events/log-event-reader.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { descriptionOf } from '../store/data-folder-store.ts';
import type { Store } from '../store/store.ts';
import { streamsOf } from '../store/targets.ts';
import { printJson, type Cli } from './cli-context.ts';
import { sinceOf } from './since.ts';

interface Options extends StoreOptions {
  readonly type?: EventType;
  readonly since?: number;
  readonly follow?: true;
}

export function addEvents(root: Command, cli: Cli): void {
  withStoreOptions(root.command('events'))
    .description('prints the events that were sent to EventBridge, in that order')
    .argument('[target]', 'a stream, such as bob/people, or a connection (default: all)')
    .addOption(new Option('--type <detail-type>', 'of this kind only').choices(eventTypes))
    .addOption(
      new Option(
        '--since <when>',
        'a date, a time, or how long ago (default: all that are kept; of a deployment 1h)',
      ).argParser((text) => sinceOf(text, Date.now())),
    )
    .option('--follow', 'goes on with what comes, until Ctrl-C')
    .option('--json', 'as one JSON object; with --follow one a line')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper events                             what the runs on this machine have sent
  npx pagekeeper events mobaro --follow             also what is sent from now on
  npx pagekeeper events --type 'Run Ended' --since 1d --stack Pagekeeper
  npx pagekeeper events bob/people --follow --json --stack Pagekeeper

An event may be sent twice, with the same id. On this machine the newest are kept, about 5 MB of them; those of a
deployment are read from the logs of the functions that send them.`,
    )
    .action(async (target: string | undefined, options: Options) => {
      await withEvents(options, cli, async ({ reader, known, pauseMs }) => {
        const streams = new Set(streamsOf(known, target));
        const isWanted = ({ type, detail }: PagekeeperEvent): boolean =>
          (options.type === undefined || type === options.type) && streams.has(detail.stream);
        const found = eventsFrom(reader, options.follow === true ? pauseMs : null, cli.signal);
        const events = matching(found, isWanted);
        if (options.follow === true) return follow(events, options, cli);
        return printAll(await Array.fromAsync(events), options, cli);
      });
    });
}

/** FilterLogEvents may be called some times a second only, in the whole account. */
const pollMs = { laptop: 1000, deployment: 15_000 };

const hourMs = 3_600_000;

interface Sent {
  readonly reader: EventReader;
  readonly known: Pick<Store, 'streams'>;
  /** Between two looks. */
  readonly pauseMs: number;
}

/** On a laptop the database stays shut: an `npm start` may begin while somebody follows. @throws UsageError */
async function withEvents(options: Options, cli: Cli, act: (sent: Sent) => Promise<void>): Promise<void> {
  const { since } = options;
  const { dataDir, use } = chooseStore(options, cli.variables);
  if (dataDir !== null) {
    const reader = new KeptEventReader(dataDir, since ?? 0);
    return act({ reader, known: await descriptionOf(dataDir), pauseMs: pollMs.laptop });
  }
  await use(async (store) => {
    // Only --stack leads to here.
    if (store.deployment === null) throw new Error('These are the events of a deployment');
    const { logs, stack } = store.deployment;
    const reader = new LogEventReader(logs, stack, since ?? Date.now() - hourMs);
    await act({ reader, known: store, pauseMs: pollMs.deployment });
  });
}

async function* matching(
  events: AsyncIterable<PagekeeperEvent | null>,
  isWanted: (event: PagekeeperEvent) => boolean,
): AsyncGenerator<PagekeeperEvent | null, void, undefined> {
  for await (const event of events) if (event === null || isWanted(event)) yield event;
}

async function follow(
  events: AsyncIterable<PagekeeperEvent | null>,
  { json }: Options,
  { out }: Cli,
): Promise<void> {
  const lineOf = json === true ? (event: PagekeeperEvent) => JSON.stringify(event) : eventLine;
  const lines = async function* () {
    for await (const event of events) yield event === null ? null : `${lineOf(event)}\n`;
  };
  await writePieces(out, lines(), false);
}

async function printAll(
  found: readonly (PagekeeperEvent | null)[],
  { json }: Options,
  { out }: Cli,
): Promise<void> {
  const events = found.filter((event) => event !== null);
  if (json === true) return printJson(out, { events });
  const lines = events.length === 0 ? [nothing] : events.map(eventLine);
  await writeAll(out, `${lines.join('\n')}\n`);
}

const nothing = 'No such event has been sent in that time.';
