import { Argument, Option, type Command } from 'commander';

import { formatStreamName } from '../../../lib/connectors/stream-name.ts';
import { startCommand } from '../../../lib/operations/words.ts';
import type { QueuePart, TablePart } from '../../settings/names.ts';
import { contextOfProject } from '../../settings/project.ts';
import { readSettings } from '../../settings/read-settings.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { bootstrapRoles, qualifierOf } from '../policy/bootstrap-roles.ts';
import { arnOf, placeOf, type DeployedNames, type Place } from '../policy/deployed-names.ts';
import { keyPolicyFor } from '../policy/key-policy.ts';
import { keyStatementsFor } from '../policy/key-uses.ts';
import { needsOf, type Role } from '../policy/needs.ts';
import { documentOf, statementsFor, tooLong, type Statement } from '../policy/policy-document.ts';
import type { Catalogue, Entry } from '../store/catalogue.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { streamsOf } from '../store/targets.ts';
import type { Cli } from './cli-context.ts';

interface Options extends StoreOptions {
  readonly stream?: readonly string[];
  readonly account?: string;
}

const subjects = ['operator', 'reader', 'deployer', 'key'] as const satisfies readonly Subject[];

/** `key`: what the policy of the setting `kmsKey` has to say. */
type Subject = Role | 'key';

export function addPolicy(root: Command, cli: Cli): void {
  withStoreOptions(root.command('policy'))
    .description('prints the IAM policy with which the commands of a role run, and no more, or that of a key')
    .addArgument(new Argument('<role>', 'whose policy').choices(subjects))
    .addOption(
      new Option(
        '--stream <name>',
        'of reader: a stream or connection whose records it reads; may be repeated',
      ).argParser((name: string, before: readonly string[] | undefined) => [...(before ?? []), name]),
    )
    .option('--account <id>', 'of deployer and key: the AWS account, where the stack is not there yet')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper policy operator --stack Pagekeeper > operator.json
  aws iam create-policy --policy-name PagekeeperOperator --policy-document file://operator.json
  npx pagekeeper policy reader --stream mobaro/users --stream bob --stack Pagekeeper
  npx pagekeeper policy deployer --account 123456789012 --region eu-west-1     before the first deployment
  npx pagekeeper policy key                         before kmsKey is deployed

operator   all that on-call does: every command but records, policy and ${startCommand}
reader     status, explain and events, and records of the streams that are named
deployer   cdk diff, cdk deploy, confirming subscriptions, check, policy
key        what the policy of the key has to say that kmsKey in cdk.json names: the account of the key, unless --account says another

The names in it are those of the stack: print it again after connections have changed.`,
    )
    .action(async (subject: Subject, options: Options) => {
      checkOptions(subject, options);
      const statements =
        subject === 'key' ? keyStatements(options) : await statementsOf(subject, options, cli);
      const document = documentOf(statements);
      await writeAll(cli.out, `${JSON.stringify(document, null, 2)}\n`);
      const sentence = subject === 'key' ? toBeAdded : tooLong(document);
      if (sentence !== null) await writeAll(cli.err, `${sentence}\n`);
    });
}

const toBeAdded =
  'Add these statements to the policy that the key has: in its place they would shut out its administrators.';

/** @throws UsageError */
function checkOptions(role: Subject, { data, stream, account, stack, region, profile }: Options): void {
  if (stream !== undefined && role !== 'reader') {
    throw new UsageError('--stream goes with reader alone: the records of a stream are what it reads.');
  }
  if (account !== undefined && !/^\d{12}$/.test(account))
    throw new UsageError('--account takes the twelve digits of an AWS account.');
  if (role === 'key') {
    if ([data, stack, region, profile].every((option) => option === undefined)) return;
    throw new UsageError('policy key takes --account alone: stack and key are those of cdk.json.');
  }
  if (account === undefined) {
    if (stack !== undefined) return;
    const orElse = role === 'deployer' ? ', or before there is one --account and --region' : '';
    throw new UsageError(`policy ${role} takes --stack, for its names are those of a deployment${orElse}.`);
  }
  if (role !== 'deployer') {
    throw new UsageError(
      '--account goes with deployer and key alone: the others are for a stack that is there.',
    );
  }
  if (stack !== undefined) {
    throw new UsageError('--account is for a stack that is not there yet: leave it out, or --stack.');
  }
  if (region === undefined || !/^[a-z]{2,4}(-[a-z]+)+-\d$/.test(region)) {
    throw new UsageError('--account goes with --region, such as eu-west-1: the roles are of one region.');
  }
}

/** It asks AWS nothing: it is needed before there is a deployment. @throws UsageError */
function keyStatements({ account }: Options): readonly Statement[] {
  const { kmsKey, stackName } = readSettings(contextOfProject().pagekeeper);
  if (kmsKey !== null) return keyPolicyFor(kmsKey, stackName, account ?? kmsKey.account);
  throw new UsageError(
    'pagekeeper.kmsKey is not set in cdk.json: without it there is no policy of a key to be changed.',
  );
}

async function statementsOf(role: Role, options: Options, cli: Cli): Promise<readonly Statement[]> {
  const { account, region = '', stream = [] } = options;
  const ofCdk = (place: Place, qualifier: string): readonly Statement[] =>
    role === 'deployer' ? [bootstrapRoles(place, qualifier)] : [];
  if (account !== undefined) {
    await writeAll(
      cli.err,
      'This is what cdk deploy needs. Print it again with --stack once it is deployed, for check and for confirming subscriptions.\n',
    );
    const place = { partition: partitionOf(region), region, account };
    return ofCdk(place, qualifierOf(contextOfProject()));
  }
  if (role === 'reader' && stream.length === 0) {
    await writeAll(cli.err, 'It may read no records: name streams or connections with --stream.\n');
  }
  return chooseStore(options, cli.variables).use(async (store) => {
    const chosen = [...new Set(stream.flatMap((target) => streamsOf(store, target)))];
    const names = await namesOf(store, chosen);
    const { kmsKey } = store.catalogue.settings;
    const needs = needsOf(role);
    const ofKey = kmsKey === null ? [] : keyStatementsFor(needs, kmsKey);
    // What it was deployed by; before it told, the project that it is deployed from.
    const deployedBy = await store.deployment?.bootstrapQualifier();
    const qualifier = deployedBy ?? qualifierOf(contextOfProject());
    return [...ofCdk(names, qualifier), ...statementsFor(needs, names), ...ofKey];
  });
}

/** @throws UsageError where the stack has not what its settings say */
async function namesOf(
  { deployment, catalogue, tables }: Store,
  chosen: readonly string[],
): Promise<DeployedNames> {
  // Only --stack is let through to here.
  if (deployment === null) throw new Error('A policy is of a deployment');
  const place = placeOf(await deployment.arn());
  const connections = catalogue.connections.map(({ name }) => name);
  const secretArnOf = async ({ name, settings: { secret } }: Entry): Promise<string> =>
    secret === null ? deployment.secretArn(name) : arnOf(place, 'secretsmanager', `secret:${secret}-??????`);
  const ofEach = <Name>(name: (connection: string) => Promise<Name>) => Promise.all(connections.map(name));
  const queuesOf = (part: QueuePart) =>
    ofEach(async (connection) => arnOf(place, 'sqs', lastPart(await deployment.queueUrl(connection, part))));
  const nameOf = (part: TablePart): string => tables.find((table) => table.part === part)?.name ?? '';
  return {
    ...place,
    stack: deployment.stack,
    tables: { Checkpoints: nameOf('Checkpoints'), Records: nameOf('Records') },
    changesBucket: await deployment.changesBucket(),
    queues: { Pages: await queuesOf('Pages'), DeadLetters: await queuesOf('DeadLetters') },
    secrets: await Promise.all(catalogue.connections.map(secretArnOf)),
    // The six characters at its end are not known from its name.
    tokens: catalogue.connections.flatMap(({ tokens }) =>
      tokens === null ? [] : [arnOf(place, 'secretsmanager', `secret:${tokens.secretName}-??????`)],
    ),
    topics: await Promise.all(
      (['people', 'machines'] as const).flatMap((listeners) =>
        (['page', 'ticket'] as const).map((severity) => deployment.topicArn(severity, listeners)),
      ),
    ),
    connections,
    parents: parentsOf(catalogue),
    chosen,
  };
}

function parentsOf({ streams }: Catalogue): readonly string[] {
  const parents = streams.flatMap(({ connection, definition }) =>
    definition.parents !== undefined && 'stream' in definition.parents
      ? [formatStreamName({ connection, stream: definition.parents.stream })]
      : [],
  );
  return [...new Set(parents)];
}

/** Of a queue's URL, its name. */
function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
