import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import type { LocalEvent, LocalRunOptions, LocalView } from '../../../../infra/laptop/run/local-run.ts';
import { readStack, type LocalStack } from '../../../../infra/laptop/run/read-stack.ts';
import { runLocally } from '../../../../infra/laptop/run/run-locally.ts';
import { handMade, lambdaFunction, queuesOf, settingsWith, type RawResources } from '../../hand-made.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** Talks to the embedded servers as an SDK would, for a bundle without one. */
const services = `
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
const call = async (service, target, version, body) => {
  const headers = { 'content-type': 'application/x-amz-json-' + version, 'x-amz-target': target, 'x-amz-date': '20261122T000000Z',
    authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20261122/us-east-1/x/aws4_request, SignedHeaders=host, Signature=0' };
  // As the SDK asks, and not by fetch, which says sec-fetch-mode.
  const response = await new Promise((resolve, reject) => {
    request(process.env['AWS_ENDPOINT_URL_' + service], { method: 'POST', headers }, resolve).on('error', reject).end(JSON.stringify(body));
  });
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(target + ': ' + answer);
  return answer === '' ? null : JSON.parse(answer);
};
const pageQueueUrl = JSON.parse(process.env.PAGEKEEPER_QUEUES).mobaro;
const settings = readFileSync(process.env.PAGEKEEPER_SETTINGS, 'utf8');
const [{ baseUrl, secretName, streams }] = JSON.parse(settings).connections;
const sqs = (name, body) => call('SQS', 'AmazonSQS.' + name, '1.0', { QueueUrl: pageQueueUrl, ...body });
const gauge = (value) => console.log(JSON.stringify({
  _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'Pagekeeper', Dimensions: [['stream']], Metrics: [{ Name: 'Missing' }] }] },
  stream: 'mobaro/users', Missing: value }));
const log = (message) => console.warn(JSON.stringify({ level: 'WARN', message }));
`;

const scheduled = `${services}
export const handler = async ({ stream, scheduledAt }) => {
  const { SecretString } = await call('SECRETS_MANAGER', 'secretsmanager.GetSecretValue', '1.1', { SecretId: secretName });
  log('tick of ' + stream + ' with ' + SecretString + ' at ' + baseUrl);
  await sqs('SendMessage', { MessageBody: '1' });
};`;

/** Three pages; the second one comes back once. */
const queued = `${services}
export const handler = async ({ Records: [{ messageId, receiptHandle, body, attributes }] }) => {
  log('page ' + body + ' receive ' + attributes.ApproximateReceiveCount);
  if (body === '2' && attributes.ApproximateReceiveCount === '1') {
    await sqs('ChangeMessageVisibility', { ReceiptHandle: receiptHandle, VisibilityTimeout: 1 });
    return { batchItemFailures: [{ itemIdentifier: messageId }] };
  }
  if (body !== '3') await sqs('SendMessage', { MessageBody: String(Number(body) + 1) });
  return { batchItemFailures: [] };
};`;

const watchdog = `${services}
export const handler = async () => { log('round over ' + Object.keys(streams)); gauge(1); };`;

async function stackOf(
  folder: string,
  bundles: Partial<Record<'scheduled' | 'queued' | 'watchdog' | 'listener', string>> = {},
  more: RawResources = {},
  alarmActions: readonly unknown[] = [{ Ref: 'OnCall' }],
): Promise<LocalStack> {
  const environment = {
    Environment: {
      Variables: {
        PAGEKEEPER_DEPLOYMENT: 'Test',
        PAGEKEEPER_CHECKPOINTS_TABLE: { Ref: 'Checkpoints' },
        PAGEKEEPER_RECORDS_TABLE: 'Records',
        PAGEKEEPER_QUEUES: queuesOf({ Ref: 'Pages' }),
      },
    },
  };
  const target = (name: string, input: object) => ({
    Arn: { 'Fn::GetAtt': [name, 'Arn'] },
    Input: JSON.stringify(input),
    RoleArn: 'x',
  });
  const schedule = (stream: string) => ({
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      ScheduleExpression: 'rate(15 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: target('Scheduled', { stream, scheduledAt: '<aws.scheduler.scheduled-time>' }),
    },
  });
  const template = await handMade(
    folder,
    {
      Checkpoints: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        },
      },
      Pages: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } },
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: {
          Name: 'pagekeeper/mobaro',
          GenerateSecretString: {
            SecretStringTemplate: '{"apiKey":"REPLACE_ME"}',
            GenerateStringKey: 'unused',
          },
        },
      },
      OnCall: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'on-call' } },
      Scheduled: lambdaFunction('scheduled', environment),
      Queued: lambdaFunction('queued', environment),
      Watchdog: lambdaFunction('watchdog', environment),
      Retries: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: { Ref: 'Scheduled' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Pages', 'Arn'] },
          FunctionName: { Ref: 'Queued' },
          BatchSize: 1,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: 2 },
        },
      },
      Users: schedule('mobaro/users'),
      Webhooks: schedule('mobaro/webhooks'),
      Rounds: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          ScheduleExpression: 'rate(5 minutes)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: target('Watchdog', {}),
        },
      },
      Missing: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: 'mobaro/users missing',
          AlarmActions: alarmActions,
          Namespace: 'Pagekeeper',
          MetricName: 'Missing',
          Dimensions: [{ Name: 'stream', Value: 'mobaro/users' }],
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          TreatMissingData: 'ignore',
        },
      },
      Errors: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: 'scheduled errors',
          Namespace: 'AWS/Lambda',
          MetricName: 'Errors',
          Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'Scheduled' } }],
          Statistic: 'Sum',
          Period: 300,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          TreatMissingData: 'notBreaching',
        },
      },
      ...more,
    },
    { scheduled, queued, watchdog, ...bundles },
    settingsWith({ users: { gapSeconds: 900 }, webhooks: { gapSeconds: 900 } }),
  );
  return readStack(template);
}

async function run(folder: string, stack: LocalStack, over: Partial<LocalRunOptions> = {}) {
  const events: LocalEvent[] = [];
  const result = await runLocally({
    stack,
    dataDir: path.join(folder, 'data'),
    selected: new Set(['mobaro/users']),
    baseUrls: new Map([['mobaro', 'http://127.0.0.1:9']]),
    secrets: new Map([['mobaro', { apiKey: 'made-up' }]]),
    dataOption: '',
    timeoutMs: 240_000,
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    ...over,
  });
  const logs = events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));
  const failures = events.flatMap((event) => (event.kind === 'function-failed' ? [event] : []));
  return { ...result, events, logs, failures };
}

describe('a local run', () => {
  it('carries a run through its queue to its end, and tells on-call what it saw', async () => {
    await using folder = await temporaryFolder();
    const { logs, failures, ended, alarms, notifications, checkpoints } = await run(
      folder.path,
      await stackOf(folder.path),
    );
    expect(failures).toEqual([]);
    expect(logs).toEqual([
      'round over users',
      expect.stringMatching(
        /^tick of mobaro\/users with \{"apiKey":"made-up","unused":"[0-9a-f]{32}"\} at http:\/\/127\.0\.0\.1:9$/,
      ),
      'page 1 receive 1',
      'page 2 receive 1',
      'page 2 receive 2',
      'page 3 receive 1',
      'round over users',
    ]);
    expect(ended).toBe('settled');
    expect(alarms).toMatchObject([
      { name: 'mobaro/users missing', state: 'ALARM' },
      { name: 'scheduled errors', state: 'OK' },
    ]);
    expect(notifications.map(({ topic, subject }) => ({ topic, subject }))).toEqual([
      { topic: 'on-call', subject: 'ALARM: "mobaro/users missing" in US East (N. Virginia)' },
    ]);
    expect(checkpoints.size).toBe(0);
    expect(existsSync(path.join(folder.path, 'data', 'running.json'))).toBe(false);
  });

  it('has the placeholder where no secret is given, and all streams where none is named', async () => {
    await using folder = await temporaryFolder();
    const stack = await stackOf(folder.path);
    const { logs } = await run(folder.path, stack, { selected: null, secrets: new Map() });
    const ticks = logs.filter((line) => line.startsWith('tick')).sort();
    expect(ticks).toHaveLength(2);
    expect(ticks[0]).toMatch(/^tick of mobaro\/users with \{"apiKey":"REPLACE_ME","unused":"[0-9a-f]{32}"\}/);
    expect(ticks[1]).toContain('mobaro/webhooks');
    expect(logs[0]).toBe('round over users,webhooks');
  });

  it('tells of a function that fails, by its alarm too', async () => {
    await using folder = await temporaryFolder();
    const stack = await stackOf(folder.path, {
      scheduled: `export const handler = () => { throw new Error('broken'); };`,
    });
    const { failures, alarms, ended } = await run(folder.path, stack);
    expect(failures).toEqual([
      {
        ...{ kind: 'function-failed', functionName: 'Test-Scheduled', stream: 'mobaro/users' },
        reason: 'Error: broken',
      },
    ]);
    expect(alarms[1]).toMatchObject({ name: 'scheduled errors', state: 'ALARM' });
    expect(ended).toBe('settled');
  });

  it('counts what is published and sent, and waits until events have come to who listens, the last ones too', async () => {
    await using folder = await temporaryFolder();
    const Listener = lambdaFunction('listener');
    const Rule = {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['pagekeeper'] },
        Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Listener', 'Arn'] } }],
      },
    };
    const object = { stream: 'mobaro/users', key: 'k', lines: 3 };
    const stack = await stackOf(
      folder.path,
      {
        watchdog: `${services} export const handler = async () => {
          const Entries = [{ Source: 'pagekeeper', DetailType: 'Run Ended', Detail: '{}' }];
          await call('EVENTBRIDGE', 'AWSEvents.PutEvents', '1.1', { Entries });
          console.log(JSON.stringify({ message: 'published', objects: [${JSON.stringify(object)}] }));
        };`,
        listener: `export const handler = async (event) => {
          await new Promise((resolve) => setTimeout(resolve, 700));
          console.log(JSON.stringify({ level: 'WARN', message: 'heard ' + event['detail-type'] }));
        };`,
      },
      { Listener, Rule },
    );
    const { events, logs, failures, ended } = await run(folder.path, stack);
    expect([failures, ended]).toEqual([[], 'settled']);
    // Two rounds: at the beginning and at the end.
    expect(logs.filter((line) => line === 'heard Run Ended')).toHaveLength(2);
    expect(events.filter(({ kind }) => kind === 'event')).toMatchObject(
      Array(2).fill({ event: { 'detail-type': 'Run Ended' } }),
    );
    const published = events.filter(({ kind }) => kind === 'published');
    expect(published).toEqual(Array(2).fill({ kind: 'published', objects: [object] }));
    const kept = await readFile(path.join(folder.path, 'data', 'events.ndjson'), 'utf8');
    expect(kept.trimEnd().split('\n')).toHaveLength(2);
  });

  it('waits for what the functions of its last alarm have to say', async () => {
    await using folder = await temporaryFolder();
    const watchdog = `${services} let rounds = 0; export const handler = async () => { gauge(rounds++); };`;
    const listener = `export const handler = async ({ alarmData }) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      console.warn(JSON.stringify({ level: 'WARN', message: alarmData.alarmName + ' ' + alarmData.state.value }));
    };`;
    const FunctionName = { 'Fn::GetAtt': ['Listener', 'Arn'] };
    const Principal = 'lambda.alarms.cloudwatch.amazonaws.com';
    const { logs, notifications } = await run(
      folder.path,
      await stackOf(
        folder.path,
        { watchdog, listener },
        {
          Listener: lambdaFunction('listener'),
          Permission: {
            Type: 'AWS::Lambda::Permission',
            Properties: { Action: 'lambda:InvokeFunction', FunctionName, Principal },
          },
        },
        [FunctionName],
      ),
    );
    // The watchdog comes at the beginning and at the end.
    expect(logs.at(-1)).toBe('mobaro/users missing ALARM');
    expect(notifications).toEqual([]);
  });

  it('ends when its time is up, with a message still waiting', async () => {
    await using folder = await temporaryFolder();
    const stack = await stackOf(folder.path, {
      queued: `export const handler = ({ Records: [{ messageId }] }) => ({ batchItemFailures: [{ itemIdentifier: messageId }] });`,
    });
    const { ended, logs } = await run(folder.path, stack, { timeoutMs: 1_500 });
    expect(ended).toBe('timed-out');
    expect(logs.at(-1)).toBe('round over users');
    expect(existsSync(path.join(folder.path, 'data', 'running.json'))).toBe(false);
  });

  it('goes on with an observer when all is done, and tells it what is stored and planned', async () => {
    await using folder = await temporaryFolder();
    const abort = new AbortController();
    const seen: unknown[] = [];
    const looking = Promise.withResolvers<LocalView>();
    let looksAway = false;
    const { ended, logs } = await run(folder.path, await stackOf(folder.path), {
      timeoutMs: null,
      signal: abort.signal,
      observer: {
        attach: (view) => {
          looking.resolve(view);
          return async () => {
            looksAway = true;
            // What is stored can still be read when it is told to look away.
            seen.push((await view.status()).streams.map(({ stream }) => stream));
          };
        },
      },
      onEvent: (event) => {
        if (event.kind !== 'log' || event.message !== 'page 3 receive 1') return;
        void looking.promise.then(async (view) => {
          // Longer than a run without an observer would wait before it calls itself settled.
          await new Promise((resolve) => setTimeout(resolve, 500));
          seen.push((await view.limits()).map(({ scope, calls }) => ({ scope, calls })));
          seen.push((view.nextTick('mobaro/users') ?? 0) - Date.now() > 800_000);
          seen.push(looksAway);
          abort.abort();
        });
      },
    });
    expect(ended).toBe('interrupted');
    expect(logs).toEqual([]);
    expect(seen).toEqual([[{ scope: 'mobaro', calls: 0 }], true, false, ['mobaro/users']]);
  });

  it('ends when it is interrupted, after what has begun', async () => {
    await using folder = await temporaryFolder();
    const stack = await stackOf(folder.path, {
      queued: `${services} export const handler = async () => { log('begun'); await new Promise((r) => setTimeout(r, 500)); log('done'); };`,
    });
    const abort = new AbortController();
    const logs: string[] = [];
    const { ended } = await run(folder.path, stack, {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.kind !== 'log') return;
        logs.push(event.message);
        if (event.message === 'begun') abort.abort();
      },
    });
    expect(ended).toBe('interrupted');
    expect(logs.slice(-3)).toEqual(['begun', 'done', 'round over users']);
  });
});
