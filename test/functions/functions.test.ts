import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { settingsFile } from '../../lib/runtime/settings-document.ts';
import { newCheckpoint, type Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { PageReport } from '../../lib/sync/report.ts';
import { embeddedCredentials } from '../support/embedded-credentials.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';
import { startEmbeddedQueues, type EmbeddedQueues } from '../support/embedded-queues.ts';
import { startHttpServer, type TestHttpServer } from '../support/http-server.ts';
import { pageOf } from '../support/sync-world.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { lambdaContext } from '../support/lambda-context.ts';

/** The three handlers as Lambda would call them, over embedded DynamoDB and SQS and a vendor of the test's own. */

type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

let dynamoDb: EmbeddedDynamoDb;
let queues: EmbeddedQueues;
let secrets: TestHttpServer;
let vendor: TestHttpServer;
let folder: TemporaryFolder;
let queueUrl: string;
let scheduledSync: Handler<unknown, void>;
let queuedSync: Handler<SQSEvent, SQSBatchResponse>;
let watchdog: Handler<unknown, void>;
let checkpoints: DynamoCheckpoints;
const printed: Record<string, unknown>[] = [];

/** Everything that a function prints is one JSON object a line; Powertools has a console of its own. */
function listen(): void {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      for (const line of String(chunk).split('\n')) {
        if (line.startsWith('{')) printed.push(JSON.parse(line) as Record<string, unknown>);
      }
      return true;
    });
  }
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => {
    printed.push(JSON.parse(String(line)) as Record<string, unknown>);
  });
}

beforeAll(async () => {
  [dynamoDb, queues, secrets, vendor] = await Promise.all([
    startEmbeddedDynamoDb(),
    startEmbeddedQueues(),
    startHttpServer((request, response) => {
      const describing = String(request.headers['x-amz-target']).endsWith('DescribeSecret');
      const body = describing
        ? { VersionIdsToStages: { 'version-1': ['AWSCURRENT'] } }
        : { VersionId: 'version-1', SecretString: '{"apiKey":"made-up"}' };
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    }),
    startHttpServer(),
  ]);
  queueUrl = await queues.createQueue('pages', { VisibilityTimeout: '180' });
  folder = await temporaryFolder();
  const mobaro = {
    ...{ name: 'mobaro', connector: 'mobaro', baseUrl: vendor.origin, timeoutSeconds: 30 },
    secretName: 'mobaro-secret',
    streams: {
      users: { gapSeconds: 900 },
      locations: { gapSeconds: 900 },
      webhooks: { gapSeconds: 900 },
    },
  };
  await writeFile(path.join(folder.path, settingsFile), JSON.stringify({ connections: [mobaro] }));
  const { accessKeyId, secretAccessKey } = embeddedCredentials.credentials;
  const variables = {
    AWS_REGION: embeddedCredentials.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.origin,
    PAGEKEEPER_DEPLOYMENT: 'Test',
    PAGEKEEPER_CHECKPOINTS_TABLE: dynamoDb.checkpointsTable,
    PAGEKEEPER_RECORDS_TABLE: dynamoDb.recordsTable,
    PAGEKEEPER_QUEUES: JSON.stringify({ mobaro: queueUrl }),
    LAMBDA_TASK_ROOT: folder.path,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  listen();
  ({ handler: scheduledSync } = await import('../../functions/scheduled-sync.ts'));
  ({ handler: queuedSync } = await import('../../functions/queued-sync.ts'));
  ({ handler: watchdog } = await import('../../functions/watchdog.ts'));
  checkpoints = new DynamoCheckpoints(dynamoDb.client, dynamoDb.checkpointsTable);
});

beforeEach(async () => {
  await queues.client.send(new PurgeQueueCommand({ QueueUrl: queueUrl }));
  vi.restoreAllMocks();
  listen();
  printed.length = 0;
  vendor.handle((request, response) => {
    const { searchParams } = new URL(request.url, vendor.origin);
    const { body } = pageOf(45, Number(searchParams.get('Offset')), Number(searchParams.get('Limit')));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
});

afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await Promise.all([dynamoDb.stop(), queues.stop(), secrets.stop(), vendor.stop()]);
  await folder[Symbol.asyncDispose]();
});

function answer(status: number, headers: Record<string, string> = {}): void {
  vendor.handle((_request, response) => response.writeHead(status, headers).end());
}

const tick = (stream: string): Promise<void> =>
  scheduledSync({ stream, scheduledAt: new Date().toISOString() }, lambdaContext);

/** Receives the next message as the event source mapping would. */
async function receive(count = 1): Promise<SQSEvent> {
  const message = await queues.receive(queueUrl, 5);
  if (message === undefined) throw new Error('The queue is empty');
  return eventOf(message.Body ?? '', message.ReceiptHandle ?? '', count);
}

function eventOf(body: string, receiptHandle: string, count = 1): SQSEvent {
  const attributes = { ApproximateReceiveCount: String(count) };
  const eventSource = { eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:pages' };
  const record = { messageId: 'message-1', body, receiptHandle, attributes, ...eventSource };
  // Of what AWS says of a message, only what the functions read.
  return { Records: [record] } as unknown as SQSEvent;
}

function pages(): PageReport[] {
  return printed.flatMap(({ page }) => (page === undefined ? [] : [page as PageReport]));
}

async function fresh(stream: string, part: Partial<Checkpoint> = {}): Promise<Checkpoint> {
  const stored = (await checkpoints.read(stream)) ?? newCheckpoint(stream);
  const { revision } = stored;
  const next = await checkpoints.replace({ ...newCheckpoint(stream), ...part, revision });
  if (next === undefined) throw new Error('Contended');
  return next;
}

describe('scheduled-sync', () => {
  it('fetches one page, logs one line, and sends the continuation', async () => {
    await tick('mobaro/users');
    expect(pages()).toMatchObject([
      {
        stream: 'mobaro/users',
        trigger: 'tick',
        outcome: 'fetched',
        next: 'continue',
        endpoint: 'GET /users',
        written: 20,
      },
    ]);
    expect(vendor.requests.at(-1)?.headers['x-api-key']).toBe('made-up');
    expect(JSON.stringify(printed)).not.toContain('made-up');
    expect(JSON.stringify(printed)).not.toContain('row-1');
    const event = await receive();
    expect(await queuedSync(event, lambdaContext)).toEqual({ batchItemFailures: [] });
    expect(await checkpoints.read('mobaro/users')).toMatchObject({
      position: { kind: 'offset', offset: 39 },
    });
    await receive();
  });

  it('re-drives a page by one message that waits', async () => {
    answer(429, { 'retry-after': '60' });
    await tick('mobaro/locations');
    expect(pages()).toMatchObject([{ outcome: 'deferred', next: 'redrive', status: 429 }]);
    const { messages } = await queues.inspect('pages');
    const [delayed] = messages.delayed;
    expect(messages.delayed).toHaveLength(1);
    expect(JSON.parse(delayed?.body ?? '')).toMatchObject({ v: 1, stream: 'mobaro/locations', sequence: 0 });
    expect(delayed?.delayUntil).toBeGreaterThan(Date.now() + 55_000);
  });

  it('refuses an event that is not a tick', async () => {
    await expect(scheduledSync({ stream: 'mobaro/users' }, lambdaContext)).rejects.toThrow('scheduledAt');
  });
});

describe('queued-sync', () => {
  const run = 'run-1';
  const message = { v: 1, stream: 'mobaro/webhooks', run, sequence: 0 };

  async function send(body: object): Promise<SQSEvent> {
    await queues.client.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(body) }),
    );
    return receive();
  }

  it('keeps a message that must wait, invisible until then, and reports it as failed', async () => {
    await fresh(message.stream, { state: 'running', run, retryAt: Date.now() + 30_000 });
    const event = await send(message);
    expect(await queuedSync(event, lambdaContext)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }],
    });
    expect(pages()).toMatchObject([{ outcome: 'refused', next: 'redrive', delaySeconds: 30 }]);
    const { messages } = await queues.inspect('pages');
    const deadlines = messages.inflight.map(({ visibilityDeadline }) => visibilityDeadline - Date.now());
    expect(deadlines.some((left) => left > 25_000 && left <= 31_000)).toBe(true);
  });

  it('replaces a message that has been received nearly too often by a fresh one', async () => {
    await fresh(message.stream, { state: 'running', run, retryAt: Date.now() + 30_000 });
    const event = eventOf(JSON.stringify(message), 'gone', 95);
    expect(await queuedSync(event, lambdaContext)).toEqual({ batchItemFailures: [] });
    const { messages } = await queues.inspect('pages');
    expect(messages.delayed.map(({ body }) => JSON.parse(body) as unknown)).toContainEqual(message);
  });

  it('lets a message go that is past', async () => {
    await fresh(message.stream, { state: 'running', run: 'another' });
    expect(await queuedSync(await send(message), lambdaContext)).toEqual({ batchItemFailures: [] });
    expect(pages()).toMatchObject([{ outcome: 'stale', requests: 0 }]);
  });

  it('leaves the message of a newer version to that version', async () => {
    const event = await send({ ...message, v: 2 });
    expect(await queuedSync(event, lambdaContext)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }],
    });
    expect(pages()).toEqual([]);
  });

  it('throws on what is not a message, so that it counts as an error and comes to the dead letters', async () => {
    const event = eventOf('{"name":"Ann Example"}', 'none');
    await expect(queuedSync(event, lambdaContext)).rejects.toThrow(
      "Message message-1 is not one of Pagekeeper's",
    );
    await expect(queuedSync(event, lambdaContext)).rejects.not.toThrow('Ann');
  });

  it('throws on a fault of its own', async () => {
    await fresh(message.stream, { state: 'running', run });
    vi.spyOn(DynamoCheckpoints.prototype, 'read').mockRejectedValue(new Error('throttled'));
    await expect(queuedSync(eventOf(JSON.stringify(message), 'none'), lambdaContext)).rejects.toThrow(
      'throttled',
    );
  });
});

describe('watchdog', () => {
  it('publishes what is wrong in the embedded metric format, and revives what is stranded', async () => {
    const halt = { outcome: 'missing', at: 1, definition: 'older' } as const;
    await fresh('mobaro/users', { state: 'running', run: 'run-9', sequence: 4, movedAt: 1 });
    await fresh('mobaro/locations', { state: 'idle' });
    await fresh('mobaro/webhooks', { state: 'paused', halt });
    await watchdog({}, lambdaContext);
    const gauges = printed.filter((line) => '_aws' in line);
    expect(gauges).toMatchObject([{ deployment: 'Test', connection: 'mobaro' }]);
    // Below the time of reading no flag is raised.
    expect(Number(gauges[0]?.['Troubles']) % 256).toBe(0);
    expect(printed.find(({ message }) => message === 'watched')).toMatchObject({
      revivals: [{ stream: 'mobaro/users', reason: 'stranded' }],
    });
    const { messages } = await queues.inspect('pages');
    expect(messages.ready.map(({ body }) => JSON.parse(body) as unknown)).toContainEqual({
      v: 1,
      stream: 'mobaro/users',
      run: 'run-9',
      sequence: 4,
    });
  });
});
