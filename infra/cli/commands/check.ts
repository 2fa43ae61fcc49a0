import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Command } from 'commander';

import { SecretsManagerTokens } from '../../../lib/aws/secrets-manager-tokens.ts';
import { SecretsManagerSecrets } from '../../../lib/aws/secrets-manager-secrets.ts';
import { maskKeyField } from '../../../lib/connectors/connector.ts';
import { KyVendor } from '../../../lib/http/ky-vendor.ts';
import { tokenUrlAt } from '../../../lib/connectors/token-request.ts';
import type { CheckTokens } from '../../../lib/operations/check-access.ts';
import { checkConnection, type Finding } from '../../../lib/operations/check.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import type { Secrets } from '../../../lib/sync/ports.ts';
import { startCommand } from '../../../lib/operations/words.ts';
import { colorsFor, type Colors } from '../../terminal/colors.ts';
import { printable } from '../../terminal/printable.ts';
import { baseUrlsOf, live } from '../../laptop/options/options.ts';
import { askForKeys, noKeys, readKeys, type Keys } from '../../laptop/options/keys.ts';
import { missingKeys, nobodyAnswers, select, type KnownConnection } from '../../laptop/options/selection.ts';
import { startSimulators } from '../../laptop/run/start-simulators.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import type { Entry } from '../store/catalogue.ts';
import { chooseStore, withStoreOptions, type ChosenStore, type StoreOptions } from '../store/choose-store.ts';
import { checkConcurrency } from './check-concurrency.ts';
import { checkOnCall } from './check-on-call.ts';
import { checkTables } from './check-tables.ts';
import { printJson, type Cli } from './cli-context.ts';
import type { Store } from '../store/store.ts';
import { mustKnowConnection } from '../store/targets.ts';
import { writeAll } from '../../terminal/write-all.ts';

type Options = StoreOptions & { readonly baseUrl?: readonly string[]; readonly keysFrom?: string };

/** The vendor's answer to one row; the connectors' functions wait longer, for whole pages. */
const timeoutMs = 20_000;

export function addCheck(root: Command, cli: Cli): void {
  withStoreOptions(root.command('check'))
    .description('asks each vendor for one row of each stream, and says what is at fault')
    .argument('[connection]', 'such as mobaro; left out, all of them, and who is told of alarms')
    .option(
      '--base-url <connection=url>',
      'another host, or "live" on this machine; may be repeated',
      (url: string, before: readonly string[] | undefined) => [...(before ?? []), url],
    )
    .option('--keys-from <file>', `keys for --base-url on this machine, as ${startCommand} takes them`)
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper check --stack Pagekeeper           secrets, keys, streams, and who is told of alarms
  npx pagekeeper check bob --stack Pagekeeper
  npx pagekeeper check mobaro --base-url mobaro=live   asks for the key, without showing it

Who was asked stands behind each answer. On this machine it is the built-in simulators, or with --base-url what that names,
with the keys that ${startCommand} would take. It never waits out a limit, and a 401 ends it after that one call. Exit status 1: not all is good.`,
    )
    .action(async (name: string | undefined, options: Options) => {
      const chosen = chooseStore(options, cli.variables);
      const { variables, use } = chosen;
      const baseUrls = baseUrlsOf(options.baseUrl ?? []);
      const keys = await keysFor(name, { baseUrls, from: options.keysFrom ?? null }, chosen, cli);
      const findings = await use((store) => checkAll(store, name, baseUrls, { variables, keys }, cli.signal));
      if (findings.some(({ verdict }) => verdict !== 'good')) cli.end(1);
      if (options.json === true) return printJson(cli.out, { results: findings });
      await writeAll(cli.out, checkText(findings, colorsFor(cli.out, variables)));
    });
}

/** Pure. */
export function checkText(findings: readonly Finding[], colors: Colors): string {
  const marks = { good: colors.green('✓'), fault: colors.red('✗'), unknown: colors.yellow('…') };
  return findings
    .map(({ verdict, sentence, asked, limit }) => {
      const { limit: most = null, remaining = null } = limit ?? {};
      const seen = [
        ...(asked === null ? [] : [`asked ${asked}`]),
        ...(most === null ? [] : [`limit ${String(most)}`]),
        ...(remaining === null ? [] : [`${String(remaining)} left`]),
      ].join(', ');
      return `${marks[verdict]} ${printable(sentence)}${seen === '' ? '' : colors.dim(` (${seen})`)}\n`;
    })
    .join('');
}

async function checkAll(
  store: Store,
  name: string | undefined,
  baseUrls: ReadonlyMap<string, string>,
  given: Given,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (name !== undefined) mustKnowConnection(store, name, 'check');
  for (const named of baseUrls.keys()) mustKnowConnection(store, named, '--base-url');
  const chosen = store.catalogue.connections.filter((entry) => name === undefined || entry.name === name);
  const { deployment } = store;
  if (deployment === null) return checkHere(name, chosen, store, baseUrls, given, signal);
  if ([...baseUrls.values()].includes(live))
    throw new UsageError('--base-url: a deployment asks the vendor itself; live is for this machine.');
  const findings: Finding[] = [];
  for (const entry of chosen) {
    const secrets = new SecretsManagerSecrets(deployment.secrets, entry.secretName, systemClock);
    const baseUrl = baseUrls.get(entry.name) ?? entry.settings.baseUrl;
    const tokens = tokensAt(entry, baseUrl, deployment.secrets);
    findings.push(...(await checkOne(entry, baseUrl, secrets, tokens, store, signal)));
  }
  if (name !== undefined) return findings;
  const { settings } = store.catalogue;
  const { onCall, keepsData } = settings;
  return [
    ...findings,
    ...(await checkTables(deployment.dynamoDb, store.tables, { keepsData, account: deployment.options })),
    ...(await checkOnCall(deployment, onCall)),
    await checkConcurrency(deployment, settings),
  ];
}

/** Of this machine, where nothing keeps a key: given in a file, or typed where no variable has it. */
async function keysFor(
  name: string | undefined,
  { baseUrls, from }: { readonly baseUrls: ReadonlyMap<string, string>; readonly from: string | null },
  { isDeployment, variables, use }: ChosenStore,
  { input, askHidden }: Cli,
): Promise<Keys> {
  const given = from === null ? noKeys : await readKeys(from, input);
  if (isDeployment || baseUrls.size === 0) return given;
  const wanted = { connections: name === undefined ? [] : [name], streams: [], baseUrls };
  // The store is not kept open while somebody types.
  const missing = await use((store) =>
    Promise.resolve(missingKeys(wanted, knownTo(store), variables, given)),
  );
  return askForKeys(missing, given, askHidden);
}

/** Where keys come from on this machine. */
interface Given {
  readonly variables: Cli['variables'];
  readonly keys: Keys;
}

function knownTo({ catalogue }: Store): readonly KnownConnection[] {
  return catalogue.connections.map(({ name, settings, streams }) => ({
    name,
    connector: settings.connector,
    streams: streams.map((stream) => stream.name),
  }));
}

/** Against what `npm start` would ask, with the keys that it would take. */
async function checkHere(
  name: string | undefined,
  chosen: readonly Entry[],
  store: Store,
  baseUrls: ReadonlyMap<string, string>,
  given: Given,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { sources } = select(
    { connections: name === undefined ? [] : [name], streams: [], baseUrls },
    knownTo(store),
    given.variables,
    given.keys,
  );
  const simulators = await startSimulators(sources, { faults: [] });
  try {
    const findings: Finding[] = [];
    for (const entry of chosen) {
      const source = sources.find(({ connection }) => connection === entry.name);
      if (source === undefined) {
        const { connector } = entry.settings;
        const sentence = `${entry.name}: not asked. ${nobodyAnswers({ name: entry.name, connector })}`;
        findings.push({ ...nothingSeen, target: entry.name, verdict: 'unknown', sentence });
        continue;
      }
      const named = source.from.kind === 'url' ? source.from.url : undefined;
      const baseUrl = simulators.baseUrls.get(entry.name) ?? named ?? entry.settings.baseUrl;
      const fields = {
        // npm start makes one up for what it stores; here no row is kept.
        [maskKeyField]: 'of a check',
        ...(simulators.secrets.get(entry.name) ?? source.secret),
      };
      const secrets: Secrets = { read: () => Promise.resolve({ version: 'of this shell', fields }) };
      const found = await checkOne(entry, baseUrl, secrets, tokensAt(entry, baseUrl, null), store, signal);
      findings.push(...(simulators.baseUrls.has(entry.name) ? found.map(ofSimulator) : found));
    }
    return findings;
  } finally {
    await simulators.close();
  }
}

/** What a simulator says is no word of the vendor's. */
function ofSimulator(finding: Finding): Finding {
  const { asked } = finding;
  return { ...finding, asked: asked === null ? null : `the built-in simulator at ${asked}` };
}

/** Where a vendor is said to be elsewhere, its token endpoint is there, too. */
function tokensAt(
  { tokens, settings }: Entry,
  baseUrl: string,
  client: SecretsManagerClient | null,
): CheckTokens | null {
  if (tokens === null) return null;
  const url = tokenUrlAt(baseUrl === settings.baseUrl ? undefined : baseUrl, tokens.url);
  return { url, vault: client && new SecretsManagerTokens(client, tokens.secretName) };
}

function checkOne(
  { name, streams, settings: { connector, limitGroup, maxPageMb } }: Entry,
  baseUrl: string,
  secrets: Secrets,
  tokens: CheckTokens | null,
  { breakers, governor, records }: Store,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const vendor = new KyVendor({ timeoutMs, maxPageBytes: maxPageMb * 1024 * 1024, clock: systemClock });
  const ports = { breakers, governor, records, secrets, tokens, vendor, clock: systemClock };
  return checkConnection({ name, connector, limitGroup, baseUrl, streams }, ports, signal);
}

const nothingSeen = { asked: null, limit: null, fault: null } as const;
