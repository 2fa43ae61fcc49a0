import { randomBytes, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';

import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Command } from 'commander';

import {
  generatedField,
  maskKeyField,
  maskKeyIn,
  secretFields,
  type Connector,
} from '../../../lib/connectors/connector.ts';
import { isObject, parseJson, type JsonObject } from '../../../lib/connectors/json.ts';
import { readSecretValue } from '../../../lib/operations/secret-value.ts';
import { startCommand } from '../../../lib/operations/words.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import type { Entry } from '../store/catalogue.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { printDone, type Cli } from './cli-context.ts';
import { keyOf } from '../store/data-folder-store.ts';
import type { Store } from '../store/store.ts';
import { mustKnowConnection } from '../store/targets.ts';

export function addSecret(root: Command, cli: Cli): void {
  const secret = root.command('secret').description("puts a vendor's credentials in place");
  withWhy(withStoreOptions(secret.command('set')))
    .description('stores a new version of the secret of a connection')
    .argument('<connection>', 'such as mobaro')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper secret set mobaro --stack Pagekeeper            asks for each field, without showing it
  npx pagekeeper secret set mobaro                               for the ${startCommand} that runs here
  npx pagekeeper secret set bob --stack Pagekeeper < bob.json    {"serviceUserId":"...","serviceUserToken":"..."}

A secret is never an argument: the shell's history and the list of processes would keep it. The sync notices the new
version within five minutes, and a connection that was halted by a 401 then tries it with one page.`,
    )
    .action(async (name: string, options: StoreOptions & WhyOption) => {
      const { isDeployment, use } = chooseStore(options, cli.variables);
      const { entry, refused } = await use(async (store) => {
        mustKnowConnection(store, name, 'secret set');
        if (store.secrets === null) throw keysComeFromTheShell(name, store);
        const breaker = await store.breakers.read(name);
        return { entry: entryOf(name, store), refused: breaker.state !== 'closed' };
      });
      // The store is not kept open while somebody types.
      const fields = await readFields(entry.settings.connector, cli);
      if (fields === null) {
        cli.end(1);
        const sentence = 'Nothing has been stored.';
        return printDone([{ target: name, changed: false, sentence }], options.json === true, cli);
      }
      const then = refused ? ', tries it with one page, and goes on if that gets through' : '';
      const kept = isDeployment ? '' : ` The next ${startCommand} is given its keys as before.`;
      const sentence = `A new version of ${entry.secretName} is stored: the sync notices it within five minutes${then}.${kept}`;
      await use(async (store) => {
        const { secrets } = store;
        if (secrets === null) throw keysComeFromTheShell(name, store);
        const put = async () => {
          await putSecret(entry, fields, secrets);
          return [{ target: name, changed: true, sentence }];
        };
        const asked = { command: 'secret set', target: name, why: options.why } as const;
        await act(asked, [name], store, put, options.json === true, cli);
      });
    });
}

/** @throws UsageError where there is none to store a version of, or one of a user's own would lose what is in it */
export async function putSecret(
  { secretName, settings: { name, secret } }: Entry,
  fields: Readonly<Record<string, string>>,
  secrets: SecretsManagerClient,
): Promise<void> {
  try {
    const stored = await storedFields(secrets, secretName);
    if (stored === null && secret !== null) {
      throw new UsageError(
        `--stack: what is in the secret ${secretName} is no JSON object, and is left as it is; connections.${name}.secret of cdk.json names it.`,
      );
    }
    const others = Object.entries(stored ?? {}).filter(([field]) => field !== generatedField);
    await secrets.send(
      new PutSecretValueCommand({
        SecretId: secretName,
        SecretString: JSON.stringify({
          ...Object.fromEntries(others),
          ...fields,
          [maskKeyField]: maskKeyOf(stored ?? {}),
        }),
        ClientRequestToken: randomUUID(),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    const named = secret === null ? '' : `, or at connections.${name}.secret in cdk.json`;
    throw new UsageError(
      `--stack: there is no secret ${secretName} in this account and region; look at --profile and --region${named}.`,
    );
  }
}

/** Null where it is no JSON object. */
async function storedFields(secrets: SecretsManagerClient, secretId: string): Promise<JsonObject | null> {
  const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
  try {
    // With every digit: what else is in it is a user's own.
    const stored = parseJson(SecretString);
    return isObject(stored) ? stored : null;
  } catch {
    return null;
  }
}

/** What is masked must stay comparable with what was masked before, so the key outlives the credentials. */
function maskKeyOf(stored: JsonObject): string {
  const texts = Object.entries(stored).filter(
    (field): field is [string, string] => typeof field[1] === 'string',
  );
  const key = maskKeyIn(Object.fromEntries(texts));
  return key === null || key === '' ? randomBytes(32).toString('base64url') : key;
}

export function entryOf(name: string, { catalogue }: Store): Entry {
  const entry = catalogue.connections.find((one) => one.name === name);
  if (entry === undefined) throw new UsageError(`The settings have no connection ${name}.`);
  return entry;
}

function keysComeFromTheShell(name: string, { catalogue }: Store): UsageError {
  return new UsageError(
    `No ${startCommand} runs on this data, and nothing else keeps a secret here: ${startCommand} asks for it, or takes it from --keys-from or ${keyOf(name, catalogue)}. For a deployment add --stack.`,
  );
}

/** @returns null if the person gives up @throws UsageError that repeats nothing of what was given */
async function readFields(
  connector: Connector,
  { input, askHidden }: Cli,
): Promise<Readonly<Record<string, string>> | null> {
  // A terminal whose other side is a file: nobody would know that something is waited for.
  if (askHidden === null && input.isTTY === true) {
    throw new UsageError('The secret is not stored: pipe it in, or leave standard error on the terminal.');
  }
  return askHidden === null ? checked(connector, parsed(await text(input))) : askForKey(connector, askHidden);
}

/** @throws UsageError */
function checked(connector: Connector, value: unknown): Readonly<Record<string, string>> {
  const reading = readSecretValue(connector, value);
  if (reading.kind === 'value') return reading.fields;
  throw new UsageError(`The secret is not stored: ${reading.reason}.`);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    // The parser's message quotes the text.
    throw new UsageError('The secret is not stored: what came on standard input is not JSON.');
  }
}

/**
 * Asks for each field, without showing it.
 *
 * @param hint what else the person may do
 * @returns null if the person types nothing
 * @throws UsageError that repeats nothing of what was typed
 */
export async function askForKey(
  connector: Connector,
  askHidden: NonNullable<Cli['askHidden']>,
  hint = '',
): Promise<Readonly<Record<string, string>> | null> {
  const fields: [string, string][] = [];
  for (const field of secretFields(connector)) {
    const value = await askHidden(`${connector.title}'s ${field} (not shown${hint}): `);
    if (value === null || value === '') return null;
    fields.push([field, value]);
  }
  return checked(connector, Object.fromEntries(fields));
}
