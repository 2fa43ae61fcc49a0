import type { Command } from 'commander';

import { SecretsManagerSecrets } from '../../../lib/aws/secrets-manager-secrets.ts';

import { leftAlone, notDone, type Done } from '../../../lib/operations/done.ts';
import { resumeKey, resumeStream, type Resumed } from '../../../lib/operations/resume.ts';
import { tryAtOnce } from '../../../lib/operations/try-at-once.ts';
import { haltInWords, outcomeInWords, startCommand } from '../../../lib/operations/words.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { missingFields } from '../../../lib/sync/credentials.ts';
import { firstToTry, waitsForKey } from '../../../lib/sync/watch.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { printable } from '../../terminal/printable.ts';
import { writeAll } from '../../terminal/write-all.ts';
import type { Entry } from '../store/catalogue.ts';
import { chooseStore, withStoreOptions, type ChosenStore, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { connectionsOf, mustKnowConnection, streamsOf } from '../store/targets.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { mayGoOn, printDone, type Cli } from './cli-context.ts';
import { runOne } from './run.ts';
import { askForKey, entryOf, putSecret } from './secret.ts';

interface Options extends StoreOptions, WhyOption {
  readonly yes?: true;
}

export function addFix(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('fix')))
    .description(
      'lets a connection go on that stands still: asks for a new key if need be, and waits for a good page',
    )
    .argument('[connection]', 'such as mobaro (default: each that stands still)')
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper fix                                what stands still, one connection after the other
  npx pagekeeper fix mobaro --stack Pagekeeper

It says what stands still, asks for a new key where the vendor refused the stored one or there is none, has one page tried,
and waits up to two minutes for a good one. Where nothing runs on this machine, the next ${startCommand} tries it. What was paused
stays so. Exit status 1: something stands still all the same.`,
    )
    .action(async (name: string | undefined, options: Options) => {
      const chosen = chooseStore(options, cli.variables);
      const { troubles, paused } = await chosen.use(async (store) => ({
        troubles: await troublesIn(store, name),
        paused: await pausedOf(store, name),
      }));
      if (troubles.length === 0) {
        const but = paused.length === 0 ? '' : ' but what a person has paused';
        const sentence = `Nothing stands still${name === undefined ? '' : ` of ${name}`}${but}.`;
        const nothing = { target: name ?? 'all', changed: false, sentence };
        const left = paused.map((stream) =>
          leftAlone(stream, `${stream} is paused: npx pagekeeper resume ${stream}${chosen.where}`),
        );
        return printDone([nothing, ...left], options.json === true, cli);
      }
      for (const trouble of troubles) await fixOne(trouble, chosen, options, cli);
    });
}

/** What stands still of one connection. */
interface Trouble {
  readonly connection: string;
  readonly entry: Entry;
  /** Why its key cannot be used; null where it can. */
  readonly key: 'refused' | 'missing' | null;
  /** Streams that are tried each for itself. */
  readonly streams: readonly Checkpoint[];
  /** In words, one sentence without its full stop. */
  readonly words: string;
}

/** @throws UsageError */
async function troublesIn(store: Store, name: string | undefined): Promise<readonly Trouble[]> {
  if (name !== undefined) mustKnowConnection(store, name, 'fix');
  const troubles: Trouble[] = [];
  for (const connection of name === undefined ? connectionsOf(store) : [name]) {
    const breaker = await store.breakers.read(connection);
    const entry = entryOf(connection, store);
    const checkpoints = [...(await store.checkpoints.readAll(streamsOf(store, connection))).values()];
    const streams = checkpoints.filter(
      (checkpoint) =>
        checkpoint.state === 'exhausted' ||
        (checkpoint.state === 'halted' && !(waitsForKey(checkpoint) && breaker.state !== 'closed')),
    );
    const secret = await secretOf(entry, store);
    const masks = entry.streams.some(({ settings }) => settings.mask.length > 0);
    // One that nobody has asked for is not needed yet: on this machine it may not run at all.
    const isAsked = name !== undefined || checkpoints.some(({ outcome }) => outcome === 'unconfigured');
    const missing = isAsked && secret ? missingFields(entry.settings.connector, masks, secret) : null;
    const isRefused = breaker.state !== 'closed';
    // Another version than the refused one is there already: it has only to be tried.
    const isSame = secret === null || secret.version === breaker.secretVersion;
    const words = [
      ...(missing === null ? [] : [`its secret is not filled in`]),
      ...(isRefused ? ['the vendor refused its key (401)'] : []),
      ...streams.map(
        (one) =>
          `${one.stream} ${one.state === 'halted' ? `is halted: ${haltInWords(one)}` : outcomeInWords('exhausted')}`,
      ),
    ];
    if (words.length === 0) continue;
    // Where nothing keeps a secret none is asked for: the next start is given it.
    const key =
      secret === null ? null : missing !== null ? 'missing' : isRefused && isSame ? 'refused' : null;
    troubles.push({ connection, entry, key, streams, words: words.join('; ') });
  }
  return troubles;
}

/** A person has stopped them, and ends it. */
async function pausedOf(store: Store, name: string | undefined): Promise<readonly string[]> {
  const checkpoints = await store.checkpoints.readAll(streamsOf(store, name));
  return [...checkpoints.values()].filter(({ state }) => state === 'paused').map(({ stream }) => stream);
}

/** @returns null where nothing keeps it */
async function secretOf({ secretName }: Entry, { secrets }: Store) {
  return secrets && new SecretsManagerSecrets(secrets, secretName, systemClock).read({ fresh: true });
}

async function fixOne(trouble: Trouble, chosen: ChosenStore, options: Options, cli: Cli): Promise<void> {
  const { connection, entry, key, words } = trouble;
  const tries = `One page${trouble.streams.length > 1 ? ' of each' : ''} is tried then.`;
  // Nothing but the vendor gives a key that is good another right.
  const isForbidden = key === null && trouble.streams.some(({ halt }) => halt?.outcome === 'forbidden');
  const ask = isForbidden
    ? `Its key has to be given the access at the vendor first. ${tries} Try it now?`
    : `${tries} Fix it now?`;
  const question = `${connection} in ${chosen.place}: ${words}. ${ask}`;
  if (!(await mayGoOn('fix', question, options, cli))) return;
  // The store is not kept open while somebody types.
  const hint = key === 'refused' ? '; Enter alone tries the stored one again' : '';
  const fields =
    key === null || cli.askHidden === null
      ? null
      : await askForKey(entry.settings.connector, cli.askHidden, hint);
  await chosen.use(async (store) => {
    const work = () => fixWith(trouble, fields, store, chosen.where);
    const about = [connection, ...streamsOf(store, connection)];
    const asked = { command: 'fix', target: connection, why: options.why } as const;
    await act(asked, about, store, work, options.json === true, cli, printMarked(chosen));
  });
}

async function fixWith(
  { connection, entry, key, streams }: Trouble,
  fields: Readonly<Record<string, string>> | null,
  store: Store,
  where: string,
): Promise<readonly Done[]> {
  const { checkpoints, breakers, tickSource, secrets, queues } = store;
  if (key === 'missing' && fields === null) {
    return [notDone(connection, `The secret of ${connection} is not filled in, and no key was given.`)];
  }
  const changed: Done[] = [];
  if (fields !== null && secrets !== null) {
    await putSecret(entry, fields, secrets);
    changed.push({ target: connection, changed: true, sentence: `A new key of ${connection} is stored.` });
  }
  const ports = { checkpoints, breakers, tickSource, clock: systemClock };
  const own = streamsOf(store, connection);
  const tried: Resumed[] = [];
  const breaker = await breakers.read(connection);
  const stored = await checkpoints.readAll(own);
  // Any may try a key that nobody has stopped.
  const other =
    own.find((stream) => !['halted', 'paused'].includes(stored.get(stream)?.state ?? 'idle')) ?? null;
  if (breaker.state !== 'closed') {
    const resumed = await resumeKey(connection, own, ports);
    const first = firstToTry([...stored.values()], breaker)?.stream;
    const given = queues === null ? ' A new key is given to that start.' : '';
    const sentence = `${resumed.sentence}${given}`;
    tried.push({ ...resumed, sentence, toTry: resumed.toTry ?? first ?? other });
  } else if (key === 'missing') {
    // The key is tried by one page: the others have their ticks.
    tried.push({ target: connection, changed: true, sentence: `${connection} has its key.`, toTry: other });
  }
  for (const { stream } of streams) tried.push(await resumeStream(stream, ports));
  // Where nothing runs the next start tries it.
  const run = queues === null ? null : (stream: string) => runOne(stream, store);
  const results = await tryAtOnce(tried, own, { ...ports, run, waitsFor: 'a good page', where });
  return [...changed, ...results];
}

/** Green where it is well, and red with what keeps it from being so. */
const printMarked =
  ({ variables }: ChosenStore): typeof printDone =>
  async (results, asJson, cli) => {
    if (asJson) return printDone(results, asJson, cli);
    const colors = colorsFor(cli.out, variables);
    if (results.some(({ refused }) => refused)) cli.end(1);
    const lines = results.map(
      ({ refused, sentence }) => `${refused ? colors.red('✗') : colors.green('✓')} ${printable(sentence)}\n`,
    );
    await writeAll(cli.out, lines.join(''));
  };
