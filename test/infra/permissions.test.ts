import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type * as clients from '../../lib/aws/clients.ts';
import { startEmbeddedEvents } from '../../infra/emulator/embedded/embedded-events.ts';
import { DynamoRecords } from '../../lib/aws/dynamo-records.ts';
import { PowertoolsMeasurements } from '../../lib/aws/powertools-measurements.ts';
import type { RecordImage } from '../../lib/changes/change.ts';
import { followHeartbeats } from '../../lib/changes/heartbeat.ts';
import { changesOf } from '../../lib/changes/object-key.ts';
import { publish } from '../../lib/changes/publish.ts';
import { markerKey, partKey } from '../../lib/changes/snapshot-key.ts';
import { takeSnapshots } from '../../lib/changes/take-snapshots.ts';
import type { UntoldDependencies } from '../../lib/on-call/tell-untold.ts';
import { recordsChanged as recordsChangedOf } from '../../lib/events/of-published.ts';
import { tell } from '../../lib/events/tell.ts';
import { KyVendor } from '../../lib/http/ky-vendor.ts';
import { bindPublishDependencies } from '../../lib/runtime/publish-dependencies.ts';
import { settingsFile } from '../../lib/runtime/settings-document.ts';
import { bindSnapshotsDependencies } from '../../lib/runtime/snapshots-dependencies.ts';
import { bindSyncDependencies } from '../../lib/runtime/sync-dependencies.ts';
import { bindOnCallDependencies, bindUntoldDependencies } from '../../lib/runtime/on-call-dependencies.ts';
import { bindTellDependencies } from '../../lib/runtime/tell-dependencies.ts';
import { bindWatchDependencies } from '../../lib/runtime/watch-dependencies.ts';
import { newBreaker } from '../../lib/sync/breaker.ts';
import { newOutage } from '../../lib/sync/outage.ts';
import { newCheckpoint, newProgress } from '../../lib/sync/checkpoint.ts';
import { learn } from '../../lib/sync/schema.ts';
import { noFields } from '../../lib/tables/field-counts.ts';
import { digestOf } from '../../lib/paging/digest.ts';
import { like, partitionsNamed, type DynamoDbInput } from '../support/dynamodb-partitions.ts';
import { embeddedCredentials } from '../support/embedded-credentials.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';
import { startEmbeddedQueues, type EmbeddedQueues } from '../support/embedded-queues.ts';
import { startEmbeddedS3, type EmbeddedS3 } from '../support/embedded-s3.ts';
import { startSecretsManagerServer, type SecretsManagerServer } from '../support/secrets-manager-server.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { statementsOf, synthesized, text, type Statement } from './synthesized.ts';

/**
 * What the functions really send, held against what their roles allow: each function's own adapters, as they are bound for
 * Lambda, work on embedded servers, and their clients tell what goes out.
 */

interface Sent {
  /** Such as `dynamodb:GetItem`. */
  readonly action: string;
  /** As the function is told of it: the table's name, the queue's URL, the secret's id, the bucket's name; with a key behind it. */
  readonly resource: string;
  /** Of DynamoDB: the partitions that are named. */
  readonly partitions: readonly string[];
}

const sent = vi.hoisted((): Sent[] => []);

vi.mock('../../lib/aws/clients.ts', async (importOriginal) => {
  const original = await importOriginal<typeof clients>();
  const recorded = <Client extends DynamoDBClient | SQSClient | S3Client | SecretsManagerClient | SNSClient>(
    service: keyof typeof requestsOf,
    client: Client,
  ): Client => {
    (client as DynamoDBClient).middlewareStack.add(
      (next, context) => (args) => {
        const { commandName = '' } = context as { commandName?: string };
        const input = args.input as unknown as Input;
        for (const request of requestsOf[service](input, commandName)) {
          // IAM calls a list of objects one of the bucket.
          const name = commandName.replace(/Command$/, '').replace('ListObjectsV2', 'ListBucket');
          sent.push({ action: `${service}:${name}`, ...request });
        }
        // What is published is not looked at here.
        return service === 'sns' ? Promise.resolve({ output: { $metadata: {} }, response: {} }) : next(args);
      },
      { step: 'initialize', name: 'record' },
    );
    return client;
  };
  return {
    ...original,
    dynamoDbClient: () => recorded('dynamodb', original.dynamoDbClient()),
    sqsClient: () => recorded('sqs', original.sqsClient()),
    s3Client: () => recorded('s3', original.s3Client()),
    secretsManagerClient: () => recorded('secretsmanager', original.secretsManagerClient()),
    snsClient: () => recorded('sns', original.snsClient()),
  };
});

type Input = DynamoDbInput;

const requestsOf = {
  dynamodb: (input: Input, command: string) =>
    partitionsNamed(input, command).map(({ table, partitions }) => ({ resource: table, partitions })),
  sqs: (input: Input) => [{ resource: String(input['QueueUrl']), partitions: [] }],
  s3: (input: Input) => {
    const { Bucket = '', Key } = input as { readonly Bucket?: string; readonly Key?: string };
    return [{ resource: Key === undefined ? Bucket : `${Bucket}/${Key}`, partitions: [] }];
  },
  secretsmanager: (input: Input) => [{ resource: String(input['SecretId']), partitions: [] }],
  sns: (input: Input) => [{ resource: String(input['TopicArn']), partitions: [] }],
};

const stack = synthesized({ connections: { mobaro: { limitGroup: 'account-1' }, bob: {} } });
/** The same, with a key of somebody else's. */
const keyed = synthesized({
  ...{ connections: { mobaro: { limitGroup: 'account-1' }, bob: {} } },
  kmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef',
});
/** Of the change log. */
const bucket = 'changes';
/** Where events are put, as a policy has it. */
const defaultBus = 'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default';
let dynamoDb: EmbeddedDynamoDb;
let queues: EmbeddedQueues;
let s3: EmbeddedS3;
let secrets: SecretsManagerServer;
let folder: TemporaryFolder;
const { signal } = new AbortController();

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(path.join(folder.path, settingsFile), JSON.stringify(stack.app.stack.settings));
  [dynamoDb, queues, s3, secrets] = await Promise.all([
    startEmbeddedDynamoDb(),
    startEmbeddedQueues(),
    startEmbeddedS3(bucket, embeddedCredentials.credentials.accessKeyId),
    startSecretsManagerServer(),
  ]);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([dynamoDb.stop(), queues.stop(), s3.stop(), secrets.stop()]);
  await folder[Symbol.asyncDispose]();
});

/** By what the function is told: the logical id in the template. */
type Resources = ReadonlyMap<string, string>;

/** Tells this process what the stack tells the function, but for where things are. */
async function becomeFunction(under: string): Promise<Resources> {
  const [found] = stack.ofType('AWS::Lambda::Function', under);
  const { Variables } = found?.[1].Properties['Environment'] as { Variables: Record<string, unknown> };
  const resources = new Map<string, string>();
  const place = new Map<string, string>();
  for (const [id, { Type, Properties }] of Object.entries(stack.resources)) {
    if (Type === 'AWS::DynamoDB::Table') {
      place.set(id, id.includes('Records') ? dynamoDb.recordsTable : dynamoDb.checkpointsTable);
    } else if (Type === 'AWS::SQS::Queue' && id.includes('Pages')) {
      place.set(id, await queues.createQueue(id));
    } else if (Type === 'AWS::S3::Bucket') {
      place.set(id, bucket);
    } else if (Type === 'AWS::SNS::Topic') {
      place.set(id, `arn:of:${id}`);
    } else if (Type === 'AWS::SecretsManager::Secret') {
      // The function knows it by its name.
      resources.set(text(Properties['Name']), id);
      secrets.store(text(Properties['Name']), '{}');
    }
  }
  for (const [id, where] of place) resources.set(where, id);
  const { accessKeyId, secretAccessKey } = embeddedCredentials.credentials;
  const variables = {
    ...Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, text(value)])),
    LAMBDA_TASK_ROOT: folder.path,
    AWS_REGION: embeddedCredentials.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.origin,
  };
  for (const [name, value] of Object.entries(variables)) {
    if (name === 'NODE_OPTIONS') continue;
    vi.stubEnv(
      name,
      value.replaceAll(/<(\w+)>/g, (_, id: string) => place.get(id) ?? id),
    );
  }
  sent.length = 0;
  return resources;
}

/** As IAM would judge it by the role of a function. */
function isAllowed(one: Sent, role: readonly Statement[], ids: Resources): boolean {
  const { action, partitions } = one;
  return role.some(
    ({ actions, resources, conditions }) =>
      actions.includes(action) &&
      resources.some((arn) => isMeant(one, arn, ids)) &&
      (conditions === null ||
        (partitions.length > 0 &&
          partitions.every((partition) => keysIn(conditions).some((key) => like(key, partition))))),
  );
}

/** @param arn as a policy has it: with a pattern behind it, of objects of a bucket */
function isMeant({ resource }: Sent, arn: string, ids: Resources): boolean {
  const [bucketName = '', ...key] = resource.split('/');
  const id = ids.get(resource);
  if (id === undefined) return like(arn, `<${ids.get(bucketName) ?? 'nothing'}.Arn>/${key.join('/')}`);
  return arn === `<${id}.Arn>` || arn === `<${id}>`;
}

/** What a role allows beside writing its log, and nobody has sent. */
function notSent(role: readonly Statement[], ids: Resources): string[] {
  return role
    .flatMap(({ actions, resources }) =>
      actions.flatMap((action) =>
        resources
          .filter((arn) => !sent.some((one) => one.action === action && isMeant(one, arn, ids)))
          .map((arn) => `${action} on ${arn.replaceAll(/[0-9A-F]{8}(?=\.)/g, '')}`),
      ),
    )
    .filter((piece) => !piece.startsWith('logs:'))
    .sort();
}

function keysIn(conditions: unknown): readonly string[] {
  const { 'ForAllValues:StringLike': held } = conditions as Record<string, Record<string, string[]>>;
  const keys = held?.['dynamodb:LeadingKeys'];
  if (keys === undefined) throw new Error(`Not known here: ${JSON.stringify(conditions)}`);
  return keys;
}

function roleOf(under: string): Statement[] {
  const [found] = stack.ofType('AWS::IAM::Role', `${under}Role`);
  return statementsOf(stack, found?.[0] ?? '');
}

/** The services that ask a key for something that was sent, and the logs, which are written by Lambda. */
function servicesOfKey(action: 'kms:Decrypt' | 'kms:GenerateDataKey'): string[] {
  const isAsked = (one: string): boolean =>
    action === 'kms:Decrypt'
      ? !one.endsWith(':DescribeSecret')
      : ['sqs:SendMessage', 's3:PutObject', 'sns:Publish'].includes(one);
  const services = sent.filter((one) => isAsked(one.action)).map((one) => one.action.split(':')[0] ?? '');
  return [...new Set([...services, 'logs'])].sort();
}

/** The services by way of which the role of a function may use a key. */
function servicesAllowed(under: string, action: string): string[] {
  const [found] = keyed.ofType('AWS::IAM::Role', `${under}Role`);
  return statementsOf(keyed, found?.[0] ?? '')
    .filter(({ actions }) => actions.includes(action))
    .flatMap(({ conditions }) => {
      const { StringEquals } = conditions as { StringEquals: { 'kms:ViaService': string[] } };
      return StringEquals['kms:ViaService'].map((host) => host.replace('.eu-central-1.amazonaws.com', ''));
    });
}

/** The same adapter, and the names of its methods that nobody has called yet. */
function tracked<Adapter extends object>(adapter: Adapter, notCalled: Set<string>): Adapter {
  const { name } = adapter.constructor;
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(adapter)).filter(
    (method) => method !== 'constructor',
  );
  for (const method of methods) notCalled.add(`${name}.${method}`);
  return new Proxy(adapter, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      notCalled.delete(`${name}.${String(key)}`);
      return value.bind(target) as unknown;
    },
  });
}

/** With a set of what nobody has called. Whatever is bound and is none of these that need no AWS is an adapter. */
function trackedAll<Dependencies extends object>(deps: Dependencies): [Dependencies, Set<string>] {
  const notCalled = new Set<string>();
  const needNone = [KyVendor, PowertoolsMeasurements, Map, Array];
  const entries = Object.entries(deps).map(([name, value]: [string, unknown]) => {
    const isPlain =
      typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Object.prototype;
    return [
      name,
      isPlain || needNone.some((type) => value instanceof type) ? value : tracked(value, notCalled),
    ];
  });
  return [Object.fromEntries(entries) as Dependencies, notCalled];
}

const dynamoDbActions = (requests: readonly { readonly action: string }[]): string[] =>
  [...new Set(requests.map(({ action }) => action))]
    .filter((action) => action.startsWith('dynamodb:'))
    .sort();

/** What only a person does, by the command line and with permissions of their own. */
const ofPersons = [
  'DynamoGovernor.use',
  'DynamoIdBatches.remove',
  'DynamoRecords.eraseRecord',
  'DynamoRecords.find',
  'DynamoRecords.scan',
  'DynamoSchemas.readAll',
];
/** What needs a message that was received. */
const ofMessages = ['SqsPageQueue.defer', 'SqsPageQueue.sendAgain'];

describe.each([
  ['mobaro', 'ScheduledSync', ofMessages],
  ['mobaro', 'QueuedSync', []],
  ['bob', 'ScheduledSync', ofMessages],
  ['bob', 'QueuedSync', []],
])('of %s the function %s', (connection, name, neverCalled) => {
  const under = `Connection${connection}${name}`;

  it('may do all that its adapters do, and nothing in the tables that they do not', async () => {
    const resources = await becomeFunction(under);
    const [deps, notCalled] = trackedAll(bindSyncDependencies());
    const {
      checkpoints,
      breakers,
      outages,
      governor,
      records,
      seenRows,
      schemas,
      idBatches,
      queue,
      secrets: keys,
    } = deps;
    const now = deps.clock.now();
    for (const [stream, { limitScope, limits }] of deps.streams) {
      await checkpoints.replace(newCheckpoint(stream));
      await checkpoints.read(stream);
      await checkpoints.readAll([stream]);
      await outages.replace(await outages.read(limitScope));
      await governor.permit(
        limits.map((limit) => ({ ...limit, slot: null })),
        now,
      );
      for (const { scope, terms } of limits) {
        await governor.close(scope, now + 1);
        await governor.learn(scope, terms, {
          ...{ at: now, refused: false, until: null, limit: null, windowMs: null, window: null },
        });
      }
      const rows = ['1', '2'].map((id) => ({ id, json: '{}', hash: 'h' }));
      await records.upsert(stream, rows, { at: now, run: 'run-1' }, signal);
      await records.markDeleted(stream, ['1', '2'], { deletedAt: now, expiresAt: now, run: 'run-1' }, signal);
      const { keys: tombstones } = await records.list(stream, null, signal);
      await records.purge(
        stream,
        [...tombstones.map((key, index) => ({ ...key, erased: index === 0 }))],
        signal,
      );
      await seenRows.remember(stream, 'run-1', 0, { digests: [digestOf('1')], fields: noFields }, 1);
      await seenRows.recall(stream, 'run-1', 1, { until: Infinity, signal });
      await seenRows.fieldsOf(stream, 'run-1', 1, { until: Infinity, signal });
      const { schema } = learn(undefined, stream, {
        ...{ run: 'run-1', at: now, definition: 'd', gave: 'all', counts: noFields },
      })!;
      await schemas.replace(schema, []);
      expect(await schemas.read(stream)).toMatchObject({ run: 'run-1' });
      await idBatches.keep(stream, 'run-1', [['1']], 1);
      expect(await idBatches.read(stream, 'run-1', 0)).toEqual(['1']);
      await queue.send({ v: 1, stream, run: 'run-1', sequence: 1 }, 0);
    }
    await breakers.replace(newBreaker(connection));
    await breakers.read(connection);
    await keys.read({ fresh: true });
    if (name === 'QueuedSync') {
      const url = [...resources].find(([, id]) => id.startsWith(`Connection${connection}Queue`))?.[0] ?? '';
      const received = await queues.receive(url, 1);
      await queue.defer(received?.ReceiptHandle ?? '', 1);
      await queue.sendAgain('{}', 1);
    }

    expect([...notCalled].sort()).toEqual([...ofPersons, ...neverCalled].sort());
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'] as const)
      expect(servicesAllowed(under, action)).toEqual(servicesOfKey(action));
    const role = roleOf(under);
    expect(sent.filter((one) => !isAllowed(one, role, resources))).toEqual([]);
    const allowed = role.flatMap(({ actions }) => actions.map((action) => ({ action })));
    expect(dynamoDbActions(allowed)).toEqual(dynamoDbActions(sent));
  });

  it("may do nothing of it in another connection's partitions", () => {
    const role = roleOf(under);
    const [checkpoints, records] = stack.ofType('AWS::DynamoDB::Table').map(([id]) => id);
    const ids = new Map([
      ['checkpoints', checkpoints ?? ''],
      ['records', records ?? ''],
    ]);
    for (const kind of ['stream#', 'seen#', 'ids#', 'breaker#', '']) {
      const [action, resource] = ['dynamodb:UpdateItem', kind === '' ? 'records' : 'checkpoints'];
      const rest = kind === 'breaker#' ? '' : '/a';
      const may = (whose: string): boolean =>
        isAllowed({ action, resource, partitions: [`${kind}${whose}${rest}`] }, role, ids);
      expect(may(connection)).toBe(true);
      expect(may('another')).toBe(false);
    }
  });
});

describe('the watchdog', () => {
  it('may do all that its adapters do, and nothing in the tables that they do not', async () => {
    const resources = await becomeFunction('WatchdogFunction');
    const [deps, notCalled] = trackedAll(bindWatchDependencies());
    for (const { name, streams, queue: untracked, secretVersion } of deps.connections) {
      const queue = tracked(untracked, notCalled);
      for (const { name: stream } of streams) {
        await deps.checkpoints.replace(newCheckpoint(stream));
        await deps.checkpoints.read(stream);
        await deps.checkpoints.readAll([stream]);
        await queue.send({ v: 1, stream, run: 'run-1', sequence: 1 }, 0);
      }
      await deps.breakers.replace(newBreaker(name));
      await deps.breakers.read(name);
      await deps.outages.replace(newOutage(name));
      await deps.outages.read(name);
      await secretVersion();
    }

    const [untold, notTold] = trackedAll(bindUntoldDependencies() ?? {});
    await useAll(untold as UntoldDependencies);

    expect([...notCalled, ...notTold].sort()).toEqual([...ofMessages, ...ofOthers].sort());
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'] as const)
      expect(servicesAllowed('WatchdogFunction', action)).toEqual(servicesOfKey(action));
    const role = roleOf('WatchdogFunction');
    expect(sent.filter((one) => !isAllowed(one, role, resources))).toEqual([]);
    const allowed = role.flatMap(({ actions }) => actions.map((action) => ({ action })));
    expect(dynamoDbActions(allowed)).toEqual(dynamoDbActions(sent));
  });

  it('may touch checkpoints, breakers, outages and what people are told, and no other kind of item', () => {
    const role = roleOf('WatchdogFunction');
    const ids = new Map([['checkpoints', stack.ofType('AWS::DynamoDB::Table')[0]?.[0] ?? '']]);
    const may = (partition: string): boolean =>
      isAllowed(
        { action: 'dynamodb:UpdateItem', resource: 'checkpoints', partitions: [partition] },
        role,
        ids,
      );
    const partitions = [
      'stream#bob/people',
      'breaker#bob',
      'outage#bob:GET /people',
      'seen#bob/people#r#1',
      'ids#bob/people#1',
      'gate#bob',
      'incidents#bob',
      'alarm#Pagekeeper bob sync errors',
    ];
    expect(partitions.filter(may)).toEqual([
      ...['stream#bob/people', 'breaker#bob', 'outage#bob:GET /people', 'incidents#bob'],
    ]);
  });
});

describe('tell-on-call', () => {
  it('may read what is stored, keep what people were told, and publish to the four topics', async () => {
    const resources = await becomeFunction('TellOnCallFunction');
    const [deps, notCalled] = trackedAll(bindOnCallDependencies());
    await useAll(deps);
    await deps.alarms.replace({ name: 'Pagekeeper event errors', revision: 0, onSince: null, at: 0 });
    await deps.alarms.read('Pagekeeper event errors');
    for (const severity of ['page', 'ticket'] as const) {
      const change = { name: 'a', arn: 'arn', region: 'r', account: '1', at: 0, reason: '', description: '' };
      await deps.machines.repeat({ ...change, state: 'OK', stateBefore: 'ALARM' }, severity, 'over');
      await deps.machines.end(['a'], severity, 'over', 0);
    }

    expect([...notCalled].sort()).toEqual(ofOthers);
    const role = roleOf('TellOnCallFunction');
    expect(sent.filter((one) => !isAllowed(one, role, resources))).toEqual([]);
    expect(notSent(role, resources)).toEqual([
      ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
        (action) => `dynamodb:${action} on <TablesCheckpoints.StreamArn>`,
      ),
      // SNS asks the key of the topics for it.
      ...['Decrypt', 'GenerateDataKey'].map((action) => `kms:${action} on <OnCallKey.Arn>`),
    ]);
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'] as const)
      expect(servicesAllowed('TellOnCallFunction', action)).toEqual(servicesOfKey(action));
  });

  it('is invoked by the alarms of its deployment alone', () => {
    const [permission, ...others] = stack.ofType('AWS::Lambda::Permission').map(([, one]) => one.Properties);
    expect(others).toEqual([]);
    expect(permission).toMatchObject({
      Action: 'lambda:InvokeFunction',
      Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
    expect(text(permission?.['SourceArn'])).toMatch(/:alarm:Pagekeeper \*$/);
  });
});

/** What is read and written of what people are told. */
async function useAll(deps: UntoldDependencies): Promise<void> {
  await deps.checkpoints.readAll(['bob/people']);
  await deps.breakers.read('bob');
  await deps.mutes.read('bob');
  await deps.incidents.replace(await deps.incidents.read('bob'));
  for (const severity of ['page', 'ticket'] as const)
    await deps.people.send({ severity, subject: 'a', text: 'b', thread: 'c' });
}

/** What others do with the same adapters. */
const ofOthers = [
  ...['DynamoBreakers.replace', 'DynamoCheckpoints.read', 'DynamoCheckpoints.replace', 'DynamoMutes.replace'],
];

describe('the change log', () => {
  it('lets publish-changes write changes, and Lambda read the stream for it and keep what failed', async () => {
    const resources = await becomeFunction('ChangesPublish');
    const after: RecordImage = {
      ...{ stream: 'mobaro/users', id: '1', hash: 'h', json: '{}', deletedAt: null, run: 'run-1' },
      changedAt: '2026-11-30T09:42:05.123Z',
    };
    const deps = bindPublishDependencies();
    const beat = { source: 'the stream', count: 1, at: 0 };
    await followHeartbeats({ heartbeats: [beat], oldest: null }, deps, signal);
    const published = await publish([{ before: null, after, sequence: '1', writtenAt: 0 }], deps, signal);

    expect(await Promise.all(published.map(({ key }) => s3.log.read(key)))).toEqual([[expect.any(String)]]);
    const role = roleOf('ChangesPublish');
    expect(sent.filter((one) => !isAllowed(one, role, resources))).toEqual([]);
    expect(notSent(role, resources)).toEqual([
      ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
        (action) => `dynamodb:${action} on <TablesRecords.StreamArn>`,
      ),
      `events:PutEvents on ${defaultBus}`,
      's3:ListBucket on <ChangesBucket.Arn>',
      's3:PutObject on <ChangesBucket.Arn>/aws/lambda/*',
    ]);
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'] as const)
      expect(servicesAllowed('ChangesPublish', action)).toEqual(servicesOfKey(action));
  });

  it('lets take-snapshots read records and keep snapshots, and nothing else', async () => {
    const resources = await becomeFunction('ChangesSnapshots');
    const { timeMs, ...deps } = bindSnapshotsDependencies();
    const now = deps.clock.now();
    const rows = [{ id: '1', json: '{}', hash: 'h' }];
    const records = new DynamoRecords(dynamoDb.client, dynamoDb.recordsTable);
    await records.upsert('bob/people', rows, { at: now, run: 'run-1' }, signal);
    // One that was begun is gone on with, and its parts are read for that.
    await deps.store.putNew(partKey('mobaro/users', now - 1, 1), ['{"id":"1"}'], signal);
    await takeSnapshots(deps, now + timeMs, signal);
    // The markers are read when the next one is due.
    await takeSnapshots(deps, now + timeMs, signal);

    expect(await s3.log.readMarker(markerKey('mobaro/users', now - 1))).not.toBeNull();
    const role = roleOf('ChangesSnapshots');
    expect(sent.filter((one) => !isAllowed(one, role, resources))).toEqual([]);
    expect(notSent(role, resources)).toEqual([]);
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey'] as const)
      expect(servicesAllowed('ChangesSnapshots', action)).toEqual(servicesOfKey(action));
  });

  it('lets neither of them touch what is not theirs', () => {
    const ids = new Map([[bucket, stack.ofType('AWS::S3::Bucket')[0]?.[0] ?? '']]);
    const may = (under: string, action: string, key: string): boolean =>
      isAllowed({ action, resource: `${bucket}/${key}`, partitions: [] }, roleOf(under), ids);
    expect(may('ChangesPublish', 's3:PutObject', 'changes/mobaro/users/a')).toBe(true);
    expect(may('ChangesPublish', 's3:PutObject', 'snapshots/mobaro/users/a')).toBe(false);
    expect(may('ChangesPublish', 's3:GetObject', 'changes/mobaro/users/a')).toBe(false);
    expect(may('ChangesSnapshots', 's3:PutObject', 'changes/mobaro/users/a')).toBe(false);
    expect(may('ChangesSnapshots', 's3:GetObject', 'changes/mobaro/users/a')).toBe(false);
  });
});

describe('the audit', () => {
  const functions = ['ScheduledSync', 'QueuedSync']
    .flatMap((name) => ['mobaro', 'bob'].map((connection) => `Connection${connection}${name}`))
    .concat('WatchdogFunction');
  const checkpoints =
    stack.ofType('AWS::DynamoDB::Table').find(([id]) => id.includes('Checkpoints'))?.[0] ?? '';
  const ids = new Map([['checkpoints', checkpoints]]);
  const ofCheckpoints = (role: readonly Statement[]): readonly Statement[] =>
    role.filter(
      ({ actions, resources }) =>
        actions.some((action) => /^(dynamodb:|\*)/.test(action)) &&
        resources.some((arn) => arn.includes(checkpoints) || arn === '*'),
    );

  it.each(functions)('is out of reach of %s, whatever it is called to do', (under) => {
    const role = roleOf(under);
    const actions = ofCheckpoints(role).flatMap((statement) => statement.actions);
    expect(actions).toContain('dynamodb:UpdateItem');
    for (const action of [...actions, 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:BatchWriteItem']) {
      for (const partition of ['audit#2026-03', 'audit#2026-03#1']) {
        const one: Sent = { action, resource: 'checkpoints', partitions: [partition] };
        expect(isAllowed(one, role, ids), `${action} of ${partition}`).toBe(false);
      }
    }
  });

  it('is out of reach of the publisher, which reads what was forgotten', () => {
    const role = roleOf('ChangesPublish');
    const of = (action: string, partition: string): boolean =>
      isAllowed({ action, resource: 'checkpoints', partitions: [partition] }, role, ids);
    expect(of('dynamodb:GetItem', 'forgotten#records')).toBe(true);
    expect(of('dynamodb:GetItem', 'audit#2026-03')).toBe(false);
    expect(of('dynamodb:UpdateItem', 'forgotten#records')).toBe(false);
  });

  it('is the same for all roles of the stack that reach the checkpoints', () => {
    const roles = stack.ofType('AWS::IAM::Role').map(([id]) => id);
    const reaching = roles.filter((id) => ofCheckpoints(statementsOf(stack, id)).length > 0);
    expect(reaching.toSorted()).toEqual(
      // Lambda reads the table's stream with the role of the last one, which reaches no item.
      [...functions, 'ChangesPublish', 'EventsPublish', 'TellOnCallFunction']
        .map((under) => stack.ofType('AWS::IAM::Role', `${under}Role`)[0]?.[0] ?? '')
        .toSorted(),
    );
  });
});

describe('events', () => {
  const { accessKeyId: accessKey } = embeddedCredentials.credentials;
  /** The detail-types of what comes to the default bus meanwhile. */
  async function toTheBus(use: () => Promise<void>): Promise<readonly string[]> {
    const types: string[] = [];
    const server = await startEmbeddedEvents({
      accessKey,
      onEvents: (events) => types.push(...events.map((event) => event['detail-type'])),
    });
    try {
      vi.stubEnv('AWS_ENDPOINT_URL_EVENTBRIDGE', server.endpoint);
      await use();
      return types;
    } finally {
      await server.close();
    }
  }

  const run = { stream: 'mobaro/users', run: 'run-1', startedAt: Date.now() };
  /** A write of a record in that run. */
  const write = (sequence: string) => {
    const after: RecordImage = {
      ...{ stream: run.stream, id: sequence, hash: 'h', json: '{}', deletedAt: null, run: run.run },
      changedAt: '2026-11-30T09:42:05.123Z',
    };
    return { before: null, after, sequence, writtenAt: run.startedAt };
  };
  /** Its end, after so many of them. */
  const end = (written: number) => {
    const before = {
      ...newCheckpoint(run.stream),
      ...({ state: 'running', run: run.run, outcome: 'running', outcomeAt: run.startedAt } as const),
      progress: { ...newProgress(run.startedAt), written },
    };
    const idle = { state: 'idle', run: null, outcome: 'complete' } as const;
    return { before, after: { ...before, ...idle, revision: 2 } };
  };

  it('may be put on the default bus by publish-changes, once it has published', async () => {
    await becomeFunction('ChangesPublish');
    const types = await toTheBus(async () => {
      const deps = bindPublishDependencies();
      const published = await publish([write('1'), write('2')], deps, signal);
      await deps.bus.send(recordsChangedOf(published, deps.deployment, deps.clock.now()), signal);
    });
    expect(types).toEqual(['Records Changed']);
    expect(roleOf('ChangesPublish').filter(({ actions }) => actions.includes('events:PutEvents'))).toEqual([
      { actions: ['events:PutEvents'], resources: [defaultBus], conditions: null },
    ]);
  });

  it('may be put by publish-events, which finds the lines of a run in the log, and nothing else', async () => {
    await becomeFunction('ChangesPublish');
    const { log } = bindPublishDependencies();
    const keys: string[] = [];
    await publish(
      [write('3'), write('4')],
      {
        ...{ forgotten: { read: () => Promise.resolve(new Map()) }, keepsBefore: false },
        clock: { now: () => Date.now() },
        // Without a summary: then the object itself is read, too.
        log: { put: (key, lines) => (keys.push(key), log.put(key, lines, signal)) },
      },
      signal,
    );
    const resources = await becomeFunction('EventsPublish');
    const types = await toTheBus(async () => {
      await tell([end(2)], bindTellDependencies(), signal);
    });

    expect(types).toEqual(['Run Ended', 'Stream State Changed']);
    expect(keys[0]).toContain(changesOf(run.stream));
    const role = roleOf('EventsPublish');
    // To ask for an object's metadata is to read it.
    const judged = sent.map((one) => ({
      ...one,
      action: one.action.replace('s3:HeadObject', 's3:GetObject'),
    }));
    expect(new Set(sent.map(({ action }) => action))).toEqual(
      new Set(['s3:ListBucket', 's3:HeadObject', 's3:GetObject']),
    );
    expect(judged.filter((one) => !isAllowed(one, role, resources))).toEqual([]);
    expect(notSent(role, resources)).toEqual([
      ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
        (action) => `dynamodb:${action} on <TablesCheckpoints.StreamArn>`,
      ),
      `events:PutEvents on ${defaultBus}`,
    ]);
    expect(servicesAllowed('EventsPublish', 'kms:Decrypt')).toEqual([
      'dynamodb',
      ...servicesOfKey('kms:Decrypt'),
    ]);
    expect(servicesAllowed('EventsPublish', 'kms:GenerateDataKey')).toEqual(['logs']);
  });

  it('are all that publish-events may write, and it touches no table', () => {
    const ids = new Map([[bucket, stack.ofType('AWS::S3::Bucket')[0]?.[0] ?? '']]);
    const may = (action: string, key: string): boolean =>
      isAllowed({ action, resource: `${bucket}/${key}`, partitions: [] }, roleOf('EventsPublish'), ids);
    expect(may('s3:GetObject', 'changes/mobaro/users/a')).toBe(true);
    expect(may('s3:PutObject', 'changes/mobaro/users/a')).toBe(false);
    expect(may('s3:GetObject', 'snapshots/mobaro/users/a')).toBe(false);
    const actions = roleOf('EventsPublish').flatMap((statement) => statement.actions);
    expect(actions.filter((action) => /Item|Query|Scan/.test(action))).toEqual([]);
  });
});
