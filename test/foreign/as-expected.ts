import assert from 'node:assert/strict';

import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';

import { logicalIdOf, queueIdOf } from '../../infra/settings/names.ts';
import {
  readEnvironment,
  readOnCallEnvironment,
  readPublishEnvironment,
  readSnapshotsEnvironment,
  readSyncEnvironment,
  readTellEnvironment,
  type ServedConnection,
} from '../../lib/runtime/environment.ts';
import { region, type Account, type FunctionConfiguration } from './account.ts';
import type { StackTemplate } from './gaps.ts';
import type { Published } from './publish.ts';
import type { StackResource } from './stacks.ts';

/** @throws AssertionError unless exactly the resources of the templates are there, and none is in between */
export function expectAllResources(published: Published, there: readonly StackResource[]): void {
  const wanted = stacksIn(published).flatMap(([nestedIn, { Resources }]) =>
    Object.keys(Resources).map((logicalId) => nameOf(nestedIn, logicalId)),
  );
  const found = there.map(({ nestedIn, logicalId }) => nameOf(nestedIn, logicalId));
  assert.deepEqual(found.toSorted(), wanted.toSorted());
  const unfinished = there.filter(
    ({ status, physicalId }) => physicalId === '' || !/^(CREATE|UPDATE)_COMPLETE$/.test(status),
  );
  assert.deepEqual(unfinished, []);
}

/** The logical ids of nested stacks are often the same. */
function nameOf(nestedIn: string | null, logicalId: string): string {
  return nestedIn === null ? logicalId : `${nestedIn}/${logicalId}`;
}

type Templates = Pick<Published, 'template' | 'nested'>;

function stacksIn({ template, nested }: Templates): readonly (readonly [string | null, StackTemplate])[] {
  return [[null, template], ...nested];
}

/** Asks the services themselves, and not CloudFormation. @throws what a service says of one that it does not know */
export async function expectEachToAnswer(account: Account, there: readonly StackResource[]): Promise<void> {
  for (const { type, physicalId } of there) {
    if (type === 'AWS::DynamoDB::Table')
      await account.dynamoDb.send(new DescribeTableCommand({ TableName: physicalId }));
    if (type === 'AWS::SQS::Queue')
      await account.sqs.send(new GetQueueAttributesCommand({ QueueUrl: physicalId }));
    if (type === 'AWS::SNS::Topic')
      await account.sns.send(new GetTopicAttributesCommand({ TopicArn: physicalId }));
    if (type === 'AWS::Lambda::Function') await account.configurationOf(physicalId);
    if (type === 'AWS::SecretsManager::Secret') await expectPlaceholders(account, physicalId);
  }
}

/** The generated key among them. */
async function expectPlaceholders(account: Account, secret: string): Promise<void> {
  const { SecretString = '' } = await account.secrets.send(new GetSecretValueCommand({ SecretId: secret }));
  const values = Object.values(JSON.parse(SecretString) as Record<string, string>);
  assert.ok(values.length > 1, `${secret} has no more than ${String(values.length)} fields`);
  assert.ok(values.every((value) => value.length > 0));
}

/**
 * Of every function what it is told: the names that are only known at deploy, as they came through parameters of nested stacks,
 * and the rest as the template has it. The product itself reads them.
 * @throws AssertionError
 */
export async function expectEnvironments(
  account: Account,
  published: Published,
  there: readonly StackResource[],
  tables: TableNames = ownTables(there),
): Promise<void> {
  const wanted = {
    deployment: published.stackName,
    checkpointsTable: tables.checkpoints,
    recordsTable: tables.records,
    changesBucket: physicalIdOf(there, logicalIdOf('Changes', 'Bucket')),
  };
  const served: string[] = [];
  let all: readonly string[] = [];
  for (const { logicalId, nestedIn, properties } of functionsIn(published)) {
    const deployed = await account.configurationOf(physicalIdOf(there, logicalId, nestedIn));
    const variables = deployed.Environment.Variables;
    expectWritten(properties, deployed);
    const told = { ...variables, LAMBDA_TASK_ROOT: published.code.get(assetOf(properties)) ?? '' };
    const read: Read = (readers.get(logicalId) ?? readSyncEnvironment)(told);
    for (const [name, value] of Object.entries(wanted))
      if (name in read) assert.equal(read[name as keyof Read], value, `${logicalId}: ${name}`);
    if (read.source !== undefined) assert.match(read.source, new RegExp(`:table/${tables.records}/stream/`));
    if (read.topics !== undefined) {
      const topics = there.filter(({ type }) => type === 'AWS::SNS::Topic');
      assert.deepEqual(read.topics.toSorted(), topics.map(({ physicalId }) => physicalId).toSorted());
    }
    const connections = read.connection === undefined ? (read.connections ?? []) : [read.connection];
    for (const { name, pageQueueUrl } of connections)
      assert.equal(pageQueueUrl, physicalIdOf(there, queueIdOf(name, 'Pages')), name);
    const names = connections.map(({ name }) => name);
    if (read.connections !== undefined) all = names;
    else served.push(...names);
  }
  // Two functions each, and the watchdog knows them all.
  assert.deepEqual(served.toSorted(), [...all, ...all].toSorted());
  assert.ok(all.length > 0);
}

interface Read {
  readonly deployment?: string;
  readonly checkpointsTable?: string;
  readonly recordsTable?: string;
  readonly changesBucket?: string | null;
  /** The ARN of the records table's stream. */
  readonly source?: string;
  /** Of the function that tells people: the ARNs of its topics. */
  readonly topics?: readonly string[];
  /** Of a sync function. */
  readonly connection?: ServedConnection;
  /** Of the watchdog. */
  readonly connections?: readonly ServedConnection[];
}

type Reader = (variables: Readonly<Record<string, string>>) => Read;

/** Of the functions that the deployment has once; all others are sync functions. */
const readers = new Map<string, Reader>([
  [logicalIdOf('Watchdog', 'Function'), readEnvironment],
  [logicalIdOf('Changes', 'Publish'), readPublishEnvironment],
  [logicalIdOf('Changes', 'Snapshots'), readSnapshotsEnvironment],
  [logicalIdOf('Events', 'Publish'), readTellEnvironment],
  [logicalIdOf('TellOnCall', 'Function'), readTeller],
]);

/** It needs no queues. */
function readTeller(variables: Readonly<Record<string, string | undefined>>): Read {
  const { deployment, checkpointsTable, topics, machines } = readOnCallEnvironment({
    ...variables,
    AWS_REGION: region,
  });
  return {
    deployment,
    checkpointsTable,
    topics: [topics.page, topics.ticket, machines.page, machines.ticket],
  };
}

/** What does not have to be found out at deploy is as it stands in the template. */
function expectWritten(properties: Properties, deployed: FunctionConfiguration): void {
  const { Environment: environment, ...others } = deployed;
  for (const [name, value] of Object.entries(others)) assert.equal(value, properties[name], name);
  const { Variables: wanted } = properties['Environment'] as { Variables: Properties };
  assert.deepEqual(Object.keys(environment.Variables).toSorted(), Object.keys(wanted).toSorted());
  for (const [name, value] of Object.entries(wanted))
    if (typeof value === 'string') assert.equal(environment.Variables[name], value, name);
}

export interface TableNames {
  readonly records: string;
  readonly checkpoints: string;
}

type Properties = Readonly<Record<string, unknown>>;

interface FunctionInTemplate {
  readonly logicalId: string;
  readonly nestedIn: string | null;
  readonly properties: Properties;
}

export function functionsIn(published: Templates): readonly FunctionInTemplate[] {
  return stacksIn(published).flatMap(([nestedIn, { Resources }]) =>
    Object.entries(Resources).flatMap(([logicalId, { Type, Properties: properties = {} }]) =>
      Type === 'AWS::Lambda::Function' ? [{ logicalId, nestedIn, properties }] : [],
    ),
  );
}

export function ownTables(there: readonly StackResource[]): TableNames {
  return {
    records: physicalIdOf(there, logicalIdOf('Tables', 'Records')),
    checkpoints: physicalIdOf(there, logicalIdOf('Tables', 'Checkpoints')),
  };
}

export function physicalIdOf(
  there: readonly StackResource[],
  logicalId: string,
  nestedIn: string | null = null,
): string {
  const found = there.find((one) => one.logicalId === logicalId && one.nestedIn === nestedIn);
  if (found === undefined) throw new Error(`There is no ${nameOf(nestedIn, logicalId)}`);
  return found.physicalId;
}

/** The hash of the bundle. */
export function assetOf(properties: Properties): string {
  return (properties['Code'] as { S3Key: string }).S3Key.replace(/\.zip$/, '');
}
