import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import {
  commandsOf,
  needs,
  needsOf,
  type CommandName,
  type Need,
  type Role,
} from '../../../../infra/cli/policy/needs.ts';
import { keyPolicyFor } from '../../../../infra/cli/policy/key-policy.ts';
import type { DeployedNames } from '../../../../infra/cli/policy/deployed-names.ts';
import {
  documentOf,
  statementsFor,
  tooLong,
  type PolicyDocument,
  type Statement,
} from '../../../../infra/cli/policy/policy-document.ts';
import { pagekeeper } from '../../../../infra/cli/program.ts';
import { inWords } from '../../../../infra/end-with.ts';
import { kmsKeyOf } from '../../../../infra/settings/kms-key.ts';
import { queueIdOf, secretIdOf, topicIdOf } from '../../../../infra/settings/names.ts';
import type * as project from '../../../../infra/settings/project.ts';
import type { AskHidden } from '../../../../infra/terminal/ask-hidden.ts';
import {
  startSimulatedVendor,
  type SimulatedVendor,
} from '../../../../infra/simulators/start-simulated-vendor.ts';
import { DynamoBreakers } from '../../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoIdBatches } from '../../../../lib/aws/dynamo-id-batches.ts';
import { DynamoRecords } from '../../../../lib/aws/dynamo-records.ts';
import { changeKey } from '../../../../lib/changes/object-key.ts';
import { partKey } from '../../../../lib/changes/snapshot-key.ts';
import type * as forgetting from '../../../../lib/operations/forget-in-log.ts';
import { systemClock } from '../../../../lib/runtime/clock.ts';
import { newBreaker } from '../../../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../../../lib/sync/checkpoint.ts';
import { startAwsRecorder, type AwsRecorder, type SentCall } from '../../../support/aws-recorder.ts';
import { like } from '../../../support/dynamodb-partitions.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../../support/embedded-dynamodb.ts';
import { startEmbeddedQueues, type EmbeddedQueues } from '../../../support/embedded-queues.ts';
import { startEmbeddedS3, type EmbeddedS3 } from '../../../support/embedded-s3.ts';
import { creationOf, failedBatch, failedBatchKey } from '../../../support/failed-batch.ts';
import { fakeOutput } from '../../../support/fake-output.ts';
import { startStackServer, type StackServer } from '../../../support/stack-server.ts';

/**
 * Each command runs with all of its ways on a deployment of embedded servers, and what it sends is held against its policy, both
 * ways: it sends nothing that is not allowed, and nothing is allowed that it does not send.
 */

const stack = 'Pagekeeper-try';
const connections = ['mobaro', 'bob'] as const;
const users = 'mobaro/users';
const all = [users, 'bob/people', 'bob/actual-payments'];

const kmsKey = 'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef';
/** What stands in cdk.json beside the connections. */
const beside = vi.hoisted((): { settings: { kmsKey?: string } } => ({ settings: {} }));

vi.mock('../../../../infra/settings/project.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof project>()),
  contextOfProject: () => ({
    pagekeeper: {
      ...beside.settings,
      connections: {
        mobaro: { streams: { users: {} } },
        // One of them is requested for one record of another one at a time.
        bob: { streams: { people: {}, 'actual-payments': {} } },
      },
    },
  }),
}));

// Functions would be waited for, two minutes each time, and there are none.
vi.mock('../../../../lib/operations/forget-in-log.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof forgetting>()),
  paceOfFunctions: { skewMs: 0, settleMs: 1 },
}));

const place = 'eu-west-1:123456789012';
const tableName = (part: string): string => `${stack}-Tables${part}1A2B3C4D-AAA`;
const queueName = (connection: string, part: string): string => `${stack}-${connection}-${part}`;
const bucket = `${stack}-changesbucket-1a2b`;
const ofQueues = (part: string): string[] =>
  connections.map((connection) => `arn:aws:sqs:${place}:${queueName(connection, part)}`);
const names: DeployedNames = {
  ...{ partition: 'aws', region: 'eu-west-1', account: '123456789012', stack, connections },
  tables: { Checkpoints: tableName('Checkpoints'), Records: tableName('Records') },
  changesBucket: bucket,
  queues: { Pages: ofQueues('Pages'), DeadLetters: ofQueues('DeadLetters') },
  tokens: [],
  secrets: connections.map((name) => `arn:aws:secretsmanager:${place}:secret:${stack}/${name}-AbCdEf`),
  topics: ['Topic', 'Tickets', 'PagesOfMachines', 'TicketsOfMachines'].map(
    (name) => `arn:aws:sns:${place}:${stack}-OnCall${name}`,
  ),
  parents: ['bob/people'],
  chosen: [],
};

/** The access key that commands sign with. */
const person = 'PERSON';
const { signal } = new AbortController();

let home: string;
let dynamoDb: EmbeddedDynamoDb;
let queues: EmbeddedQueues;
let s3: EmbeddedS3;
let aws: StackServer;
let recorder: AwsRecorder;
let vendors: Readonly<Record<(typeof connections)[number], SimulatedVendor>>;
let checkpoints: DynamoCheckpoints;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
  dynamoDb = await startEmbeddedDynamoDb();
  queues = await startEmbeddedQueues();
  s3 = await startEmbeddedS3(bucket, person);
  aws = await startStackServer(stack);
  aws.outputs.set('ChangesBucketName', bucket);
  recorder = await startAwsRecorder({
    dynamodb: dynamoDb.endpoint,
    sqs: queues.endpoint,
    s3: s3.endpoint,
    others: aws.origin,
  });
  vendors = {
    mobaro: await startSimulatedVendor('mobaro', { faults: [] }),
    bob: await startSimulatedVendor('bob', { faults: [] }),
  };
  for (const [part, keys] of [
    ['Checkpoints', ['pk']],
    ['Records', ['stream', 'id']],
  ] as const) {
    aws.outputs.set(`${part}TableName`, tableName(part));
    await dynamoDb.client.send(
      new CreateTableCommand({
        TableName: tableName(part),
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
        KeySchema: keys.map((key, index) => ({
          AttributeName: key,
          KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
        })),
      }),
    );
  }
  checkpoints = new DynamoCheckpoints(dynamoDb.client, tableName('Checkpoints'));
  const nested = `arn:aws:cloudformation:${place}:stack/${stack}-Connectionmobaro-1A2B/3c4d`;
  aws.resources.push({ type: 'AWS::CloudFormation::Stack', logicalId: 'Nested', physicalId: nested });
  aws.nested.set(nested, []);
  for (const [index, connection] of connections.entries()) {
    for (const part of ['Pages', 'DeadLetters'] as const) {
      const name = queueName(connection, part);
      await queues.createQueue(name);
      const physicalId = `${recorder.origin}/000000000000/${name}`;
      aws.resources.push({ type: 'AWS::SQS::Queue', logicalId: queueIdOf(connection, part), physicalId });
    }
    aws.secrets.set(`${stack}/${connection}`, JSON.stringify(vendors[connection].secret));
    const secret = { logicalId: secretIdOf(connection), physicalId: names.secrets[index] ?? '' };
    aws.resources.push({ type: 'AWS::SecretsManager::Secret', ...secret });
  }
  const topicIds = (['people', 'machines'] as const).flatMap((listeners) =>
    (['page', 'ticket'] as const).map((severity) => topicIdOf(severity, listeners)),
  );
  for (const [index, logicalId] of topicIds.entries()) {
    const topic = { logicalId, physicalId: names.topics[index] ?? '' };
    aws.resources.push({ type: 'AWS::SNS::Topic', ...topic });
  }
  for (const [logicalId, of] of Object.entries({
    A: 'watchdog silent',
    B: 'bob unauthorized',
    C: 'bob stale',
  })) {
    aws.resources.push({ type: 'AWS::CloudWatch::Alarm', logicalId, physicalId: `${stack} ${of}` });
  }
  const variables = {
    ...{ HOME: home, AWS_REGION: 'eu-west-1', AWS_MAX_ATTEMPTS: '1', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_ACCESS_KEY_ID: person, AWS_SECRET_ACCESS_KEY: 'made-up', AWS_ENDPOINT_URL: recorder.origin },
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([recorder.stop(), dynamoDb.stop(), queues.stop(), s3.stop(), aws.stop()]);
  await Promise.all(Object.values(vendors).map((vendor) => vendor.close()));
  await rm(home, { recursive: true });
});

/** As a shell would have it. */
async function cli(args: readonly string[], input = '', askHidden: AskHidden | null = null) {
  const [out, err] = [fakeOutput(), fakeOutput()];
  const context = { err, askHidden, input: Object.assign(Readable.from([input]), { isTTY: false }) };
  const told = (status: number, error: string) => ({
    ...{ status, error, stdout: String(out.read() ?? ''), stderr: String(err.read() ?? '') },
  });
  try {
    return told(await pagekeeper(args, out, process.env, null, context), '');
  } catch (error) {
    return told(2, inWords(error));
  }
}

const onStack = (args: readonly string[], input = '') => cli([...args, '--stack', stack], input);

async function store(stream: string, more: Partial<Checkpoint>): Promise<void> {
  const revision = (await checkpoints.read(stream))?.revision ?? 0;
  await checkpoints.replace({ ...newCheckpoint(stream), ...more, revision });
}

async function open(connection: string, secretVersion = 'v0'): Promise<void> {
  const breakers = new DynamoBreakers(dynamoDb.client, tableName('Checkpoints'));
  const { revision } = await breakers.read(connection);
  await breakers.replace({
    ...newBreaker(connection),
    ...{ state: 'open', secretVersion, openedAt: 1, revision },
  });
}

const letter = (connection: string) =>
  queues.client.send(
    new SendMessageCommand({
      QueueUrl: `${queues.endpoint}/000000000000/${queueName(connection, 'DeadLetters')}`,
      MessageBody: '{}',
    }),
  );

/** One call of this action is refused, so that the command goes the way of failures. */
function refuseOnce(action: string): void {
  recorder.onCall = (call) => {
    if (call.action !== action) return Promise.resolve(true);
    recorder.onCall = () => Promise.resolve(true);
    return Promise.resolve(false);
  };
}

/** Runs it on each connection, once as it should be and once where a call fails halfway. */
async function workOnLetters(name: 'redrive' | 'discard', options: readonly string[]): Promise<void> {
  for (const connection of connections) {
    await letter(connection);
    await onStack(['dead-letters', name, connection, ...options]);
    await letter(connection);
    refuseOnce('sqs:DeleteMessage');
    await onStack(['dead-letters', name, connection, ...options]);
  }
}

/** In each part of the change log one object that has nothing but a record, and one that has another one as well. */
async function storeInLog(stream: string, id: string): Promise<void> {
  const at = Date.now();
  for (const [index, ids] of [[id], [id, 'another']].entries()) {
    const sequence = String(index).padStart(40, '0');
    const change = {
      stream,
      op: 'created',
      at: new Date(at).toISOString(),
      run: 'run-1',
      sequence,
      data: {},
    };
    const changes = ids.map((one) => JSON.stringify({ ...change, id: one }));
    await s3.log.put(changeKey(stream, at, sequence), changes, signal);
    const lines = ids.map((one) => JSON.stringify({ stream, id: one, data: {} }));
    await s3.log.put(partKey(stream, at, index + 1), lines, signal);
    const writes = ids.map((one) => creationOf(stream, one, { json: '{}', sequence: index + 1, at }));
    await s3.log.putMarker(failedBatchKey(`${stream}-${index}`), failedBatch(writes), signal);
  }
}

/** @returns what it has beside its content */
async function putLine(stream: string): Promise<object> {
  const sequence = '1'.padStart(40, '0');
  const at = '2026-11-30T09:42:05.123Z';
  const line = { stream, id: '1', op: 'created', at, run: 'run-1', sequence };
  await s3.log.put(
    changeKey(stream, Date.parse(at), sequence),
    [JSON.stringify({ ...line, data: {} })],
    signal,
  );
  return line;
}

/** Every way of each command that sends something of its own. */
const runs: Readonly<Record<CommandName, () => Promise<unknown>>> = {
  status: () => onStack(['status']),
  explain: () => onStack(['explain', users]),
  check: () =>
    onStack(['check', ...connections.flatMap((name) => ['--base-url', `${name}=${vendors[name].url}`])]),
  run: async () => {
    for (const stream of [users, 'bob/people', 'bob/actual-payments']) await store(stream, {});
    await onStack(['run', '--all', '--yes']);
  },
  pause: () => onStack(['pause', '--all', '--yes']),
  resume: async () => {
    for (const connection of connections) {
      await open(connection);
      await store(`${connection}/${connection === 'bob' ? 'people' : 'users'}`, {
        ...{ state: 'halted', outcome: 'unauthorized', run: 'run-1', outcomeAt: 1 },
        halt: { outcome: 'unauthorized', at: 1, definition: 'd' },
      });
    }
    await onStack(['resume', '--all', '--yes', '--no-wait']);
    await onStack(['resume', users, '--no-wait']);
  },
  fix: async () => {
    const halt = { outcome: 'unauthorized', at: 1, definition: 'd' } as const;
    const halted = { state: 'halted', outcome: 'unauthorized', run: 'run-1', halt } as const;
    // As a page would that the message has brought.
    recorder.onCall = async ({ action }) => {
      if (action === 'sqs:SendMessage')
        for (const stream of [users, 'bob/people']) await store(stream, halted);
      return true;
    };
    for (const stream of [users, 'bob/people']) await store(stream, halted);
    for (const connection of connections) {
      await open(connection, 'v1');
      await cli(['fix', connection, '--yes', '--stack', stack], '', () => Promise.resolve('typed'));
    }
  },
  mute: async () => {
    await onStack(['mute', 'bob', '--for', '2h', '--why', 'it moves']);
    await onStack(['mute', 'bob', '--off']);
  },
  reset: () => onStack(['reset', '--all', '--yes']),
  records: () => onStack(['records', users]),
  events: () => onStack(['events']),
  export: async () => {
    await putLine(users);
    const form = ['--format', 'ndjson', '--out', join(home, 'tables')];
    await onStack(['export', users, ...form]);
    // Who may not look at the log has the records all the same, and no cursor.
    refuseOnce('s3:ListBucket');
    const { stderr } = await onStack(['export', users, ...form]);
    expect(stderr).not.toContain('--since');
    await onStack(['export', users, ...form, '--since', `c1.${String(Date.now() - 60_000)}`]);
  },
  query: () => onStack(['query', 'select * from mobaro_users']),
  schema: () => onStack(['schema', users]),
  streams: () => onStack(['streams', users]),
  changes: async () => {
    const line = await putLine(users);
    const { stdout } = await onStack(['changes', users, '--ids']);
    expect(stdout.split('\n')).toContain(JSON.stringify(line));
  },
  'changes replay': async () => {
    const batch = failedBatch([creationOf(users, '1', { json: '{}', sequence: 9, at: Date.now() })]);
    await s3.log.putMarker(failedBatchKey('replayed'), batch, signal);
    expect((await onStack(['changes', 'replay'])).stdout).toContain(' been published.');
  },
  forget: async () => {
    const id = 'to-forget';
    const validators = { etag: '"7"', lastModified: null, fingerprint: 'f', wholeAt: 1 };
    for (const stream of [users, 'bob/people']) {
      // Of a list that is requested whole next.
      await store(stream, { validators });
      await storeInLog(stream, id);
      const records = new DynamoRecords(dynamoDb.client, tableName('Records'));
      const row = { id, json: '{}', hash: 'h' };
      await records.upsert(stream, [row], { at: Date.now(), run: 'run-1' }, signal);
      const lists = new DynamoIdBatches(dynamoDb.client, tableName('Checkpoints'), systemClock);
      await lists.keep(stream, 'run-1', [[id, '2']], 1);
      // The list is replaced while the id is taken off it, and has to be read again.
      recorder.onCall = async ({ action, partitions: [partition = ''] }) => {
        if (action !== 'dynamodb:UpdateItem' || !partition.startsWith('ids#')) return true;
        recorder.onCall = () => Promise.resolve(true);
        await lists.keep(stream, 'run-1', [['2', id]], 2);
        return true;
      };
      const { stdout } = await onStack(['forget', stream, id, '--yes']);
      expect(stdout).toMatch(/and 6 of them \([^)]*\) have been written again without it\./);
    }
  },
  'allow-deletions': async () => {
    await store(users, { heldDeletions: { rows: 20, of: 60, since: 1 } });
    await onStack(['allow-deletions', users, '--yes']);
  },
  'allow-empty-fields': async () => {
    const coverage = { absent: [], first: null, definition: 'd', withheld: ['work.title'] };
    await store('bob/people', { coverage });
    await onStack(['allow-empty-fields', 'bob/people', '--yes']);
  },
  'secret set': async () => {
    for (const connection of connections)
      await onStack(['secret', 'set', connection], JSON.stringify(vendors[connection].secret));
  },
  'dead-letters list': async () => {
    for (const connection of connections) await letter(connection);
    await onStack(['dead-letters', 'list']);
  },
  'dead-letters show': async () => {
    for (const connection of connections) {
      await letter(connection);
      await onStack(['dead-letters', 'show', connection]);
    }
  },
  'dead-letters redrive': () => workOnLetters('redrive', []),
  'dead-letters discard': () => workOnLetters('discard', ['--yes']),
  'test-alarm': () => onStack(['test-alarm', '--yes']),
  audit: () => onStack(['audit']),
  size: () => Promise.resolve(),
  'connector new': () => Promise.resolve(),
  'connector try': () => Promise.resolve(),
  policy: () => onStack(['policy', 'operator']),
};

/** What a command sends, once for all tests of it. */
const known = new Map<CommandName, readonly SentCall[]>();
async function sentBy(command: CommandName): Promise<readonly SentCall[]> {
  const before = known.get(command);
  if (before !== undefined) return before;
  recorder.onCall = () => Promise.resolve(true);
  recorder.sent.length = 0;
  await runs[command]();
  const sent = recorder.sent.map((call) => ({ ...call, resource: arnOfResource(call) }));
  known.set(command, sent);
  return sent;
}

/** As IAM sees what the caller has named. */
function arnOfResource({ action, resource }: SentCall): string {
  switch (action.split(':')[0]) {
    case 'dynamodb':
      return `arn:aws:dynamodb:${place}:table/${resource}`;
    case 'sqs':
      return `arn:aws:sqs:${place}:${resource.split('/').at(-1) ?? ''}`;
    case 'secretsmanager':
      return `arn:aws:secretsmanager:${place}:secret:${resource}-AbCdEf`;
    case 'cloudwatch':
      return `arn:aws:cloudwatch:${place}:${resource}`;
    case 's3':
      return `arn:aws:s3:::${resource}`;
    case 'cloudformation':
      return resource.startsWith('arn:')
        ? resource
        : `arn:aws:cloudformation:${place}:stack/${resource}/1a2b`;
    case 'logs':
      return `arn:aws:logs:${place}:log-group:${resource}:*`;
    default:
      return resource;
  }
}

function partitionsIn({ Condition }: Statement): readonly string[] | null {
  if (Condition === undefined) return null;
  // A list without a prefix does not hold to it.
  if (Condition['StringLike'] !== undefined) {
    expect(Object.keys(Condition)).toEqual(['StringLike']);
    return [Condition['StringLike']['s3:prefix'] ?? []].flat();
  }
  // Without it a request that names no partition would be let through.
  expect(Condition['Null']).toEqual({ 'dynamodb:LeadingKeys': 'false' });
  expect(Object.keys(Condition)).toEqual(['ForAllValues:StringLike', 'Null']);
  return [Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []].flat();
}

function isAllowed(call: SentCall, statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    const partitions = partitionsIn(statement);
    return (
      statement.Action.includes(call.action) &&
      statement.Resource.some((pattern) => like(pattern, call.resource)) &&
      (partitions === null ||
        (call.partitions.length > 0 &&
          call.partitions.every((one) => partitions.some((pattern) => like(pattern, one)))))
    );
  });
}

/** What is allowed, piece by piece, and that nobody sends. */
function unused(statements: readonly Statement[], sent: readonly SentCall[]): string[] {
  return statements.flatMap((statement) =>
    statement.Action.flatMap((action) => {
      const own = sent.filter((call) => call.action === action);
      const resources = statement.Resource.filter((arn) => !own.some(({ resource }) => like(arn, resource)));
      const partitions = (partitionsIn(statement) ?? []).filter(
        (pattern) =>
          !own.some(
            (call) =>
              statement.Resource.some((arn) => like(arn, call.resource)) &&
              call.partitions.some((one) => like(pattern, one)),
          ),
      );
      return [...resources, ...partitions].map((piece) => `${action} on ${piece}`);
    }),
  );
}

const commands = Object.keys(needs) as CommandName[];

/** The commands that the help of one lists, and whether it does something without them. */
async function listed(
  ...group: readonly string[]
): Promise<{ readonly below: readonly string[]; readonly isCommand: boolean }> {
  const { stdout } = await cli([...group, '--help']);
  const [, list = ''] = /\nCommands:\n([\s\S]*?)\n\n/.exec(`${stdout}\n\n`) ?? [];
  const below = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
  // Behind what only groups other commands nothing but one of them can stand.
  return { below, isCommand: !/^Usage: .* \[command\]\n/.test(stdout) };
}

describe('the policy of a command', () => {
  it('is there for each command that there is', async () => {
    const top = await listed();
    const parts = await Promise.all(
      top.below.map(async (name) => {
        const { below, isCommand } = await listed(name);
        return [...(isCommand ? [name] : []), ...below.map((part) => `${name} ${part}`)];
      }),
    );
    const all = parts.flat();
    expect(all.length).toBeGreaterThan(15);
    // These two write files and run on this machine.
    expect([...commands, 'init', 'start'].toSorted()).toEqual(all.toSorted());
  });

  it.each(commands)('lets %s do all that it does, and nothing else', async (command) => {
    const sent = await sentBy(command);
    // It counts what is stored of all that it may read.
    const chosen = command === 'status' ? all : [users];
    const statements = statementsFor(needs[command], { ...names, chosen });
    expect(sent.length > 0).toBe(needs[command].length > 0);
    expect(sent.filter((call) => !isAllowed(call, statements))).toEqual([]);
    expect(unused(statements, sent)).toEqual([]);
  });
});

async function printed(...args: readonly string[]): Promise<PolicyDocument> {
  const { status, stdout, error } = await onStack(['policy', ...args]);
  expect([status, error]).toEqual([0, '']);
  return JSON.parse(stdout) as PolicyDocument;
}

describe('pagekeeper policy', () => {
  it.each(['operator', 'reader', 'deployer'] as const)(
    'prints for %s what its commands need, by the names of the stack',
    async (role) => {
      const { Version, Statement } = await printed(role, ...(role === 'reader' ? ['--stream', users] : []));
      const sent = (await Promise.all(commandsOf[role].map(sentBy))).flat();
      expect(Version).toBe('2012-10-17');
      const notAllowed = sent.filter((call) => !isAllowed(call, Statement));
      // The status does without the number of what a reader may not read.
      const counted = role === 'reader' ? ['bob/actual-payments', 'bob/people'] : [];
      expect(
        notAllowed.flatMap(({ action, partitions: [one] }) => `${action} ${String(one)}`).sort(),
      ).toEqual(counted.map((one) => `dynamodb:Query ${one}`));
      const ofOthers = {
        operator: [],
        reader: [],
        deployer: [
          ...['deploy', 'file-publishing', 'lookup'].map(
            (name) =>
              `sts:AssumeRole on arn:aws:iam::123456789012:role/cdk-hnb659fds-${name}-role-123456789012-eu-west-1`,
          ),
          ...names.topics.map((topic) => `sns:ConfirmSubscription on ${topic}`),
        ],
      };
      expect(unused(Statement, sent)).toEqual(ofOthers[role]);
    },
  );

  it('prints for each of them no more than IAM takes', async () => {
    for (const role of ['operator', 'reader', 'deployer'] as const) {
      expect((await onStack(['policy', role])).stderr).not.toContain('characters');
    }
  });

  it('lets a reader read the records of the streams that are named, and of no others', async () => {
    const reads = (document: PolicyDocument, stream: string): boolean =>
      isAllowed(
        {
          ...{ by: '', action: 'dynamodb:Query', partitions: [stream] },
          resource: `arn:aws:dynamodb:${place}:table/${tableName('Records')}`,
        },
        document.Statement,
      );
    const one = await printed('reader', '--stream', users);
    expect([users, 'mobaro/users2', 'bob/people'].map((stream) => reads(one, stream))).toEqual([
      true,
      false,
      false,
    ]);
    const two = await printed('reader', '--stream', users, '--stream', 'bob');
    expect([users, 'bob/people', 'bob/actual-payments'].every((stream) => reads(two, stream))).toBe(true);
    const none = await onStack(['policy', 'reader']);
    expect(none.stderr).toBe('It may read no records: name streams or connections with --stream.\n');
    expect(none.stdout).not.toContain('Query');
  });

  it('lets a reader see the status where the records of a stream may not be counted', async () => {
    recorder.onCall = ({ partitions }) => Promise.resolve(!partitions.includes('bob/people'));
    const { status, stdout } = await onStack(['status', '--json']);
    recorder.onCall = () => Promise.resolve(true);
    const { streams } = JSON.parse(stdout) as { streams: { stream: string; stored: object | null }[] };
    const counted = streams.filter(({ stored }) => stored !== null).map(({ stream }) => stream);
    expect([status, counted]).toEqual([0, [users, 'bob/actual-payments']]);
  });

  it('lets a reader list and read the changes of the streams that are named, and of no others', async () => {
    const { Statement } = await printed('reader', '--stream', users);
    const ofChanges = ({ Sid }: Statement): boolean => Sid.startsWith('Change');
    expect(Statement.filter(ofChanges)).toEqual([
      {
        ...{ Sid: 'ChangeLog', Effect: 'Allow', Action: ['s3:ListBucket'] },
        Resource: [`arn:aws:s3:::${bucket}`],
        Condition: { StringLike: { 's3:prefix': ['*/mobaro/users/*'] } },
      },
      {
        ...{ Sid: 'ChangeObjects', Effect: 'Allow', Action: ['s3:GetObject'] },
        Resource: [`arn:aws:s3:::${bucket}/*/mobaro/users/*`],
      },
    ]);
    expect((await printed('reader')).Statement.filter(ofChanges)).toEqual([]);
  });

  it('leaves the bucket out where there is no change log, and the command says so', async () => {
    aws.outputs.delete('ChangesBucketName');
    const { Statement } = await printed('reader', '--stream', users);
    const { status, error } = await onStack(['changes', users]);
    aws.outputs.set('ChangesBucketName', bucket);
    expect(JSON.stringify(Statement)).not.toContain('s3');
    expect([status, error]).toEqual([2, expect.stringContaining(`${stack} has no change log.`)]);
  });

  it('names the roles of the bootstrap that the stack was deployed by', async () => {
    aws.parameters.set('BootstrapVersion', '/cdk-bootstrap/ours/version');
    const { Statement } = await printed('deployer');
    aws.parameters.clear();
    expect(Statement[0]?.Resource[0]).toBe(
      'arn:aws:iam::123456789012:role/cdk-ours-deploy-role-123456789012-eu-west-1',
    );
  });

  it('lets nobody but an operator change anything that is stored', async () => {
    for (const role of ['reader', 'deployer'] as const) {
      const { Statement } = await printed(role);
      const changing = Statement.flatMap(({ Action, Condition }) =>
        Action.filter((action) => /:(Update|Delete|Put|Set|Send)/.test(action)).map((action) => [
          action,
          Condition,
        ]),
      );
      // A call of check counts against the vendor's limit.
      const gates = {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['gate#*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      };
      expect(changing).toEqual(role === 'reader' ? [] : [['dynamodb:UpdateItem', gates]]);
    }
  });

  it('prints for a deployer what comes before the first deployment, and asks nobody', async () => {
    recorder.sent.length = 0;
    const { stdout, stderr } = await cli([
      'policy',
      'deployer',
      '--account',
      '210987654321',
      '--region',
      'us-gov-west-1',
    ]);
    expect(recorder.sent).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({
      Statement: [
        {
          Action: ['sts:AssumeRole'],
          Resource: [
            'arn:aws-us-gov:iam::210987654321:role/cdk-hnb659fds-deploy-role-210987654321-us-gov-west-1',
            {},
            {},
          ].map((arn): unknown => (typeof arn === 'string' ? arn : expect.any(String))),
        },
      ],
    });
    expect(stderr).toMatch(/^This is what cdk deploy needs\. Print it again with --stack/);
  });

  it.each([
    [[], /^Missing required argument 'role'/],
    [['owner', '--stack', stack], /argument 'role'\. Allowed choices are operator, reader, deployer/],
    [['operator'], 'policy operator takes --stack, for its names are those of a deployment.'],
    [['deployer'], /, or before there is one --account and --region\.$/],
    [['operator', '--stack', stack, '--stream', users], /^--stream goes with reader alone/],
    [['reader', '--stack', stack, '--stream', 'mobaro/user'], /^There is no such stream \(did you mean/],
    [['reader', '--account', '123456789012'], /^--account goes with deployer and key alone/],
    [
      ['deployer', '--account', '123456789012', '--stack', stack],
      /^--account is for a stack that is not there/,
    ],
    [['deployer', '--account', '12345'], '--account takes the twelve digits of an AWS account.'],
    [['deployer', '--account', '123456789012', '--region', 'x'], /goes with --region, such as eu-west-1/],
    [['key'], /^pagekeeper\.kmsKey is not set in cdk\.json/],
    [['key', '--stack', stack], 'policy key takes --account alone: stack and key are those of cdk.json.'],
    [['key', '--account', 'x'], '--account takes the twelve digits of an AWS account.'],
  ])('says what is wrong with %j', async (args, words) => {
    const { status, stdout, error } = await cli(['policy', ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(error).toMatch(words);
  });

  it('says what the stack has not that its settings say', async () => {
    const [removed] = aws.resources.splice(
      aws.resources.findIndex(({ logicalId }) => logicalId === secretIdOf('bob')),
      1,
    );
    const { status, error } = await onStack(['policy', 'operator']);
    if (removed !== undefined) aws.resources.push(removed);
    expect([status, error]).toEqual([
      2,
      `--stack: ${stack} has no secret of bob; it may have been deployed by another version.`,
    ]);
  });

  it('says how to divide what IAM does not take', () => {
    const long = { ...names, chosen: Array.from({ length: 60 }, (_, index) => `mobaro/stream-${index}`) };
    const sentence = (role: Role, of: DeployedNames) => tooLong(documentOf(statementsFor(needsOf(role), of)));
    expect(sentence('reader', names)).toBeNull();
    expect(sentence('reader', long)).toMatch(
      /^This policy has [89],\d{3} characters without white space, and IAM takes 6,144 in a managed policy\. Put its statements into 2 policies/,
    );
  });

  it('leaves a table out of which no partition is meant', () => {
    const needed: readonly Need[] = [{ on: 'records', actions: ['dynamodb:Query'], of: 'chosen' }];
    expect(statementsFor(needed, names)).toEqual([]);
  });
});

describe('pagekeeper policy, where kmsKey names a key', () => {
  beforeAll(() => {
    beside.settings = { kmsKey };
  });
  afterAll(() => {
    beside.settings = {};
  });

  const via = (Action: string, ...services: readonly string[]) => ({
    ...{ Sid: `Key${Action.replace('kms:', '')}`, Effect: 'Allow', Action: [Action], Resource: [kmsKey] },
    Condition: {
      StringEquals: { 'kms:ViaService': services.map((service) => `${service}.eu-west-1.amazonaws.com`) },
    },
  });

  it.each([
    [
      'operator',
      via('kms:Decrypt', 'dynamodb', 's3', 'secretsmanager', 'sqs'),
      via('kms:GenerateDataKey', 's3', 'secretsmanager', 'sqs'),
    ],
    ['reader', via('kms:Decrypt', 'dynamodb', 's3')],
    ['deployer', via('kms:Decrypt', 'dynamodb', 'secretsmanager')],
  ] as const)('lets %s use it by way of the services that it calls', async (role, ...ofKey) => {
    const { Statement } = await printed(role);
    expect(Statement.filter(({ Resource }) => Resource.includes(kmsKey))).toEqual(ofKey);
    const { stderr } = await onStack(['policy', role]);
    expect(stderr).not.toContain('characters');
  });

  it('prints what the policy of the key has to say, and asks nobody', async () => {
    recorder.sent.length = 0;
    const { status, stdout, stderr } = await cli(['policy', 'key']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^Add these statements to the policy that the key has/);
    expect(recorder.sent).toEqual([]);
    expect(JSON.parse(stdout)).toEqual(
      documentOf(keyPolicyFor(kmsKeyOf(kmsKey), 'Pagekeeper', '123456789012')),
    );
    expect((await cli(['policy', 'key', '--account', '210987654321'])).stdout).toContain(
      '"arn:aws:iam::210987654321:root"',
    );
  });
});
