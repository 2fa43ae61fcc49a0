import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { startEmbeddedQueues, type EmbeddedQueues } from '../../infra/emulator/embedded/embedded-queues.ts';
import { localArn } from '../../infra/emulator/template/local-account.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { DynamoIncidents } from '../../lib/aws/dynamo-incidents.ts';
import { noIncidents } from '../../lib/on-call/incident.ts';
import { settingsFile } from '../../lib/runtime/settings-document.ts';
import { newCheckpoint, type Checkpoint } from '../../lib/sync/checkpoint.ts';
import { learn } from '../../lib/sync/schema.ts';
import { FieldCounter } from '../../lib/tables/field-counts.ts';
import { streamOfCheckpoints, streamOfSchemas } from '../support/checkpoint-stream.ts';
import { embeddedCredentials } from '../support/embedded-credentials.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';
import { stopped } from '../support/on-call-world.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { lambdaContext } from '../support/lambda-context.ts';

/** The handlers that tell people, as Lambda would call them, over embedded DynamoDB and SNS. */

type Handler<Event> = (event: Event, context: Context) => Promise<void>;

let dynamoDb: EmbeddedDynamoDb;
let queues: EmbeddedQueues;
let folder: TemporaryFolder;
let tellOnCall: Handler<object>;
let watchdog: Handler<unknown>;
const topics = ['pages', 'tickets', 'pager-pages', 'pager-tickets'];
let round = 0;

beforeAll(async () => {
  const { accessKeyId, secretAccessKey } = embeddedCredentials.credentials;
  [dynamoDb, queues] = await Promise.all([
    startEmbeddedDynamoDb(),
    startEmbeddedQueues(
      { queues: [], subscriptions: [], topics: topics.map((name) => ({ name, arn: localArn('sns', name) })) },
      accessKeyId,
    ),
  ]);
  folder = await temporaryFolder();
  const connections = ['one', 'two', 'three', 'four', 'broken'].map((name) => ({
    ...{ name, connector: 'mobaro', baseUrl: 'https://vendor.example/api', timeoutSeconds: 30 },
    secretName: name,
    streams: { users: { gapSeconds: 900 }, locations: { gapSeconds: 900 } },
  }));
  await writeFile(path.join(folder.path, settingsFile), JSON.stringify({ connections }));
  const variables = {
    AWS_REGION: embeddedCredentials.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
    AWS_ENDPOINT_URL_SNS: queues.endpoint,
    // Nothing is revived here.
    AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9',
    PAGEKEEPER_DEPLOYMENT: 'Test',
    PAGEKEEPER_CHECKPOINTS_TABLE: dynamoDb.checkpointsTable,
    PAGEKEEPER_PAGES_TOPIC: localArn('sns', 'pages'),
    PAGEKEEPER_TICKETS_TOPIC: localArn('sns', 'tickets'),
    PAGEKEEPER_PAGER_PAGES_TOPIC: localArn('sns', 'pager-pages'),
    PAGEKEEPER_PAGER_TICKETS_TOPIC: localArn('sns', 'pager-tickets'),
    PAGEKEEPER_RUNBOOK: 'https://example.org/runbook',
    PAGEKEEPER_GATHER_SECONDS: '0',
    PAGEKEEPER_QUEUES: JSON.stringify({ one: 'x', two: 'x', three: 'x', four: 'x', broken: 'x' }),
    LAMBDA_TASK_ROOT: folder.path,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  // Another test may have them with variables of its own.
  vi.resetModules();
  ({ handler: tellOnCall } = await import('../../functions/tell-on-call.ts'));
  ({ handler: watchdog } = await import('../../functions/watchdog.ts'));
});

beforeEach(() => {
  round += 1;
  queues.takeNotifications();
});

afterAll(async () => {
  vi.resetModules();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await Promise.all([dynamoDb.stop(), queues.close()]);
  await folder[Symbol.asyncDispose]();
});

/** A connection that no other test has. */
const connection = (): string => ['one', 'two', 'three', 'four', 'broken'][round - 1] ?? '';

async function stored(more: Partial<Checkpoint>): Promise<Checkpoint> {
  const stream = `${connection()}/users`;
  const checkpoint = { ...newCheckpoint(stream), ...more };
  await new DynamoCheckpoints(dynamoDb.client, dynamoDb.checkpointsTable).replace(checkpoint);
  return checkpoint;
}

function heard(): readonly string[] {
  return queues.takeNotifications().map(({ topic, subject }) => `${topic}: ${subject}`);
}

function alarmOf(state: string): object {
  const timestamp = '2026-11-30T12:36:15.490+0000';
  const alarmName = `Test ${connection()} missing`;
  return {
    source: 'aws.cloudwatch',
    alarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${alarmName}`,
    ...{ accountId: '000000000000', time: timestamp, region: 'us-east-1' },
    alarmData: {
      alarmName,
      state: { value: state, reason: 'Threshold Crossed', timestamp },
      previousState: { value: 'OK' },
      configuration: { description: 'It is missing.' },
    },
  };
}

describe('tell-on-call', () => {
  it('tells people by the writes of the table, and pagers by the alarm, whichever comes first', async () => {
    const checkpoint = await stored(stopped('missing', Date.now()));
    const Records = [...(await streamOfCheckpoints([checkpoint]))];
    await tellOnCall({ Records } satisfies DynamoDBStreamEvent, lambdaContext);
    const subject = `PAGE Test: ${connection()} not found (404): users`;
    expect(heard()).toEqual([`pages: ${subject}`]);
    await tellOnCall(alarmOf('ALARM'), lambdaContext);
    expect(heard()).toEqual([`pager-pages: ALARM: "Test ${connection()} missing" in us-east-1`]);
    await tellOnCall({ Records } satisfies DynamoDBStreamEvent, lambdaContext);
    expect(heard()).toEqual([]);
  });

  it('tells of a connection though what was told of another cannot be understood', async () => {
    const checkpoint = await stored(stopped('missing', Date.now()));
    const other = { ...newCheckpoint('broken/users'), ...stopped('missing', Date.now()) };
    const damaged = { pk: { S: 'incidents#broken' }, v: { N: '1' }, open: { S: 'odd' } };
    await dynamoDb.client.send(new PutItemCommand({ TableName: dynamoDb.checkpointsTable, Item: damaged }));
    const Records = [...(await streamOfCheckpoints([other])), ...(await streamOfCheckpoints([checkpoint]))];
    await tellOnCall({ Records } satisfies DynamoDBStreamEvent, lambdaContext);
    expect(heard()).toEqual([`pages: PAGE Test: ${connection()} not found (404): users`]);
  });

  it('tells people of fields that have another type', async () => {
    const learned = (value: unknown, run: string, before?: Parameters<typeof learn>[0]) => {
      const counter = new FieldCounter();
      counter.add({ id: '1', badge: value });
      const counts = counter.counted();
      return learn(before, `${connection()}/users`, { run, at: 5, definition: 'd', gave: 'all', counts })!;
    };
    const first = learned(1, 'run-1').schema;
    const { schema, changes } = learned('one', 'run-2', first);
    const Records = [
      ...(await streamOfSchemas([
        [first, []],
        [schema, changes],
      ])),
    ];
    await tellOnCall({ Records } satisfies DynamoDBStreamEvent, lambdaContext);
    expect(heard()).toEqual([`tickets: TICKET Test: ${connection()} fields of another type: users`]);
  });
});

describe('watchdog', () => {
  it('tells people what nobody has told them, though it fails at its other work', async () => {
    const since = Date.now() - 11 * 60_000;
    const { stream } = await stored({ ...stopped('missing', since), freshFrom: Date.now() });
    // An earlier round has noticed it.
    await new DynamoIncidents(dynamoDb.client, dynamoDb.checkpointsTable).replace({
      ...noIncidents(connection()),
      open: [
        {
          ...{ kind: 'missing', since, seenAt: since, pageSince: since, told: null, mayBeTold: null },
          streams: { [stream]: { since, left: null } },
        },
      ],
    });
    const { DynamoCheckpoints: used } = await import('../../lib/aws/dynamo-checkpoints.ts');
    vi.spyOn(used.prototype, 'replace').mockRejectedValue(new Error('refused'));
    await expect(watchdog({}, lambdaContext)).rejects.toThrow('Not everything could be watched');
    expect(heard()).toContain(`pages: PAGE Test: ${connection()} not found (404): users`);
  });
});
