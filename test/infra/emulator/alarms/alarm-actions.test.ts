import path from 'node:path';

import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';

import { invokeAsynchronously } from '../../../../infra/emulator/functions/asynchronously.ts';
import { LocalAws, type AwsEvent } from '../../../../infra/emulator/local-aws.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { handMade, lambdaFunction } from '../../hand-made.ts';

const notify = { 'Fn::GetAtt': ['Notify', 'Arn'] };

const alarm = (metric: object, actions: object) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    ...metric,
    ...{ Statistic: 'Maximum', Period: 60, EvaluationPeriods: 1, Threshold: 1 },
    ...{ ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'ignore' },
    ...actions,
  },
});

const ofNotify = (MetricName: string) => ({
  ...{ Namespace: 'AWS/Lambda', MetricName },
  Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'Notify' } }],
});

const resourcesWith = (destination: unknown) => ({
  Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
  Failures: { Type: 'AWS::SQS::Queue', Properties: {} },
  Notify: lambdaFunction('notify', { Timeout: 20 }),
  Config: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      ...{ FunctionName: { Ref: 'Notify' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
      DestinationConfig: { OnFailure: { Destination: destination } },
    },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      ...{ Action: 'lambda:InvokeFunction', FunctionName: notify },
      ...{ Principal: 'lambda.alarms.cloudwatch.amazonaws.com', SourceAccount: { Ref: 'AWS::AccountId' } },
    },
  },
  Missing: alarm(
    { Namespace: 'Own', MetricName: 'Missing', AlarmName: 'missing' },
    { AlarmActions: [notify, { Ref: 'Topic' }], OKActions: [notify] },
  ),
  Errors: alarm({ ...ofNotify('Errors'), AlarmName: 'errors' }, {}),
  Dropped: alarm({ ...ofNotify('AsyncEventsDropped'), AlarmName: 'dropped' }, {}),
});

const code = `export const handler = async ({ alarmData, sleepMs }) => {
  if (sleepMs !== undefined) await new Promise((resolve) => setTimeout(resolve, sleepMs));
  console.log(JSON.stringify({ heard: alarmData?.state.value, was: alarmData?.previousState.value }));
  if (alarmData?.state.value === 'ALARM') throw new Error('nobody answers');
};`;

async function start(folder: string, destination: unknown = { Ref: 'Topic' }) {
  const events: AwsEvent[] = [];
  const errors: unknown[] = [];
  const aws = await LocalAws.start({
    template: await handMade(folder, resourcesWith(destination), { notify: code }),
    ...{ dataDir: path.join(folder, 'data'), secrets: new Map(), minuteMs: 60_000 },
    adapt: (variables) => variables,
    onEvent: (event) => events.push(event),
    onError: (error) => errors.push(error),
  });
  /** Has the alarm see a value, and waits until its function has had its say. */
  const measure = async (value: number) => {
    aws.cloudwatch.record({ namespace: 'Own', name: 'Missing', dimensions: {}, values: [value] });
    await aws.cloudwatch.evaluate();
    await expect.poll(() => aws.eventsAreDelivered).toBe(true);
    await aws.cloudwatch.evaluate();
  };
  const heard = () => events.flatMap((event) => (event.kind === 'line' ? [event.line.entry] : []));
  const states = () => Object.fromEntries(aws.cloudwatch.results().map(({ name, state }) => [name, state]));
  return { aws, errors, measure, heard, states };
}

const record = {
  version: '1.0',
  timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
  requestContext: {
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:Test-Notify:$LATEST',
    condition: 'RetriesExhausted',
    approximateInvokeCount: 1,
  },
  requestPayload: expect.objectContaining({ source: 'aws.cloudwatch' }) as unknown,
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  responsePayload: { errorMessage: 'Error: nobody answers' },
};

describe('a function that is an action of an alarm', () => {
  it('is invoked when the alarm comes to a state, a new alarm that is well, too', async () => {
    await using folder = await temporaryFolder();
    const { aws, errors, measure, heard, states } = await start(folder.path);
    await measure(0);
    expect(heard()).toEqual([{ heard: 'OK', was: 'INSUFFICIENT_DATA' }]);
    expect(aws.queues.takeNotifications()).toEqual([]);
    expect(states()).toEqual({ missing: 'OK', errors: 'OK', dropped: 'INSUFFICIENT_DATA' });
    expect(errors).toEqual([]);
    await aws.close();
  });

  it('has its failures told to a topic, and counted', async () => {
    await using folder = await temporaryFolder();
    const { aws, errors, measure, heard, states } = await start(folder.path);
    await measure(1);
    expect(heard()).toEqual([{ heard: 'ALARM', was: 'INSUFFICIENT_DATA' }]);
    const [ofAlarm, ofFailure, ...more] = aws.queues.takeNotifications();
    expect(ofAlarm).toMatchObject({ subject: 'ALARM: "missing" in US East (N. Virginia)' });
    expect(ofFailure).toMatchObject({ topic: 'Test-Topic', subject: 'AWS Notification Message' });
    expect(JSON.parse(ofFailure?.message ?? '')).toEqual(record);
    expect(more).toEqual([]);
    expect(states()).toEqual({ missing: 'ALARM', errors: 'ALARM', dropped: 'ALARM' });
    expect(errors).toEqual([]);
    await aws.close();
  });

  it('has its failures told to a queue', async () => {
    await using folder = await temporaryFolder();
    const { aws, measure } = await start(folder.path, { 'Fn::GetAtt': ['Failures', 'Arn'] });
    await measure(1);
    const { sqs, urlOf } = aws.queues;
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf('Test-Failures') }));
    expect(Messages?.map(({ Body }) => JSON.parse(Body ?? '') as unknown)).toEqual([record]);
    await aws.close();
  });

  it('has failed at nothing that ends with the runner', async () => {
    await using folder = await temporaryFolder();
    const { aws, errors, states } = await start(folder.path);
    const { signal } = new AbortController();
    const event = { sleepMs: 20_000 };
    const invoked = invokeAsynchronously('Test-Notify', event, { ...aws.asynchronous, signal });
    await expect.poll(() => aws.functions.inFlight).toBe(1);
    await aws.close();
    await invoked;
    await aws.cloudwatch.evaluate();
    expect(states()['dropped']).toBe('INSUFFICIENT_DATA');
    expect(errors).toEqual([]);
  });
});
