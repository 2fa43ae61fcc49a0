import { PublishCommand } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { compressedMinuteMs, LocalCloudWatch } from '../../../../infra/emulator/alarms/local-cloudwatch.ts';
import type { MetricValue } from '../../../../infra/emulator/alarms/metric-store.ts';
import {
  startEmbeddedQueues,
  type EmbeddedQueues,
} from '../../../../infra/emulator/embedded/embedded-queues.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import { localArn } from '../../../../infra/emulator/template/local-account.ts';
import { parseExpression } from '../../../../infra/emulator/template/metric-math.ts';
import type { AlarmModel } from '../../../../infra/emulator/template/template-model.ts';

const topic = { name: 'on-call', arn: localArn('sns', 'on-call') };

const alarm: AlarmModel = {
  name: 'Test mobaro/users missing',
  arn: localArn('cloudwatch', 'alarm:Test mobaro/users missing'),
  AlarmDescription: 'What to do.',
  ActionsEnabled: true,
  AlarmActions: [{ topicArn: topic.arn }],
  OKActions: [],
  InsufficientDataActions: [],
  metrics: [
    {
      id: 'm1',
      namespace: 'Pagekeeper',
      name: 'Missing',
      dimensions: { stream: 'mobaro/users', deployment: 'Test' },
      statistic: 'Maximum',
    },
  ],
  formula: null,
  period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'ignore',
};

const [metric] = alarm.metrics as [AlarmModel['metrics'][0]];

function missing(
  value: number,
  dimensions: Record<string, string> = { deployment: 'Test', stream: 'mobaro/users' },
): MetricValue {
  return { namespace: 'Pagekeeper', name: 'Missing', dimensions, values: [value] };
}

let queues: EmbeddedQueues;
let now: number;

beforeEach(async () => {
  now = Date.parse('2026-11-22T07:00:00Z');
  queues = await startEmbeddedQueues({ queues: [], topics: [topic], subscriptions: [] }, newAccessKey());
});

afterEach(async () => {
  await queues.close();
});

function watch(
  alarms: readonly AlarmModel[],
  sample: () => Promise<MetricValue[]> = () => Promise.resolve([]),
) {
  const states: string[] = [];
  const invoked: [functionName: string, event: unknown][] = [];
  const cloudwatch = new LocalCloudWatch({
    alarms,
    minuteMs: compressedMinuteMs,
    now: () => now,
    publish: async (TopicArn, Subject, Message) => {
      await queues.sns.send(new PublishCommand({ TopicArn, Subject, Message }));
    },
    invoke: (...invocation) => {
      invoked.push(invocation);
      return Promise.resolve();
    },
    sample,
    onTransition: ({ state }) => states.push(state),
    onError: (error) => {
      throw error;
    },
  });
  return { cloudwatch, states, invoked };
}

describe('the alarms of a local run', () => {
  it('publish to their topic when they go into ALARM, as CloudWatch does', async () => {
    const { cloudwatch, states } = watch([alarm]);
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    await cloudwatch.evaluate();
    expect(states).toEqual(['ALARM']);
    const [notification, ...others] = queues.takeNotifications();
    expect(others).toEqual([]);
    expect(notification?.topic).toBe('on-call');
    expect(notification?.subject).toBe('ALARM: "Test mobaro/users missing" in US East (N. Virginia)');
    expect(JSON.parse(notification?.message ?? '')).toMatchObject({
      AlarmName: 'Test mobaro/users missing',
      AlarmDescription: 'What to do.',
      AWSAccountId: '000000000000',
      OldStateValue: 'INSUFFICIENT_DATA',
      NewStateValue: 'ALARM',
      StateChangeTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+0000$/) as string,
      Trigger: {
        MetricName: 'Missing',
        Statistic: 'MAXIMUM',
        Dimensions: [{ name: 'stream', value: 'mobaro/users' }, {}],
      },
    });
  });

  it('only hear of the metric with all of their dimensions', async () => {
    const { cloudwatch } = watch([alarm]);
    cloudwatch.record(missing(1, { deployment: 'Test', stream: 'mobaro/webhooks' }));
    cloudwatch.record(missing(1, { deployment: 'Test' }));
    await cloudwatch.evaluate();
    expect(cloudwatch.results()).toMatchObject([{ state: 'INSUFFICIENT_DATA' }]);
  });

  it('are not drowned at the end by what was before', async () => {
    const { cloudwatch, states } = watch([alarm]);
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    cloudwatch.beginNewPeriod();
    cloudwatch.record(missing(0));
    await cloudwatch.evaluate();
    expect(states).toEqual(['ALARM', 'OK']);
    // No OKActions: the end of an alarm is not told.
    expect(queues.takeNotifications()).toHaveLength(1);
  });

  it('keep their state at the end if nothing new is said', async () => {
    const errors = { ...alarm, TreatMissingData: 'notBreaching' as const };
    // So long that one period of it is more than all that the other one looks at.
    const slow = { ...errors, metrics: [{ ...metric, name: 'Other' }], period: 3600 };
    const { cloudwatch } = watch([errors, slow]);
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    cloudwatch.beginNewPeriod();
    await cloudwatch.evaluate();
    expect(cloudwatch.results()).toMatchObject([
      { state: 'ALARM', description: 'What to do.' },
      { state: 'OK' },
    ]);
  });

  it('tell topics and functions of each state that they come to, in any mix', async () => {
    const target = { topicArn: topic.arn };
    const mixed: AlarmModel = {
      ...alarm,
      AlarmActions: [{ functionName: 'one' }, target, { functionName: 'other' }],
      OKActions: [target, { functionName: 'one' }],
      InsufficientDataActions: [{ functionName: 'other' }],
      TreatMissingData: 'missing',
    };
    const { cloudwatch, states, invoked } = watch([mixed]);
    const told: unknown[] = [];
    for (const value of [0, 1, null]) {
      if (value !== null) cloudwatch.record(missing(value));
      await cloudwatch.evaluate();
      now += 10 * compressedMinuteMs;
      const subjects = queues.takeNotifications().map(({ subject }) => subject);
      told.push([states.at(-1), subjects, invoked.splice(0).map(([name]) => name)]);
    }
    const subject = (state: string) => `${state}: "Test mobaro/users missing" in US East (N. Virginia)`;
    expect(told).toEqual([
      // That a new alarm is well is told, too.
      ['OK', [subject('OK')], ['one']],
      ['ALARM', [subject('ALARM')], ['one', 'other']],
      ['INSUFFICIENT_DATA', [], ['other']],
    ]);
  });

  it('name the functions among their actions in what they publish', async () => {
    const { cloudwatch } = watch([
      { ...alarm, AlarmActions: [...alarm.AlarmActions, { functionName: 'one' }] },
    ]);
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    const [notification] = queues.takeNotifications();
    expect(JSON.parse(notification?.message ?? '')).toMatchObject({
      AlarmActions: [topic.arn, localArn('lambda', 'function:one')],
      OKActions: [],
      InsufficientDataActions: [],
    });
  });

  it('invoke functions with CloudWatch’s own event', async () => {
    const { cloudwatch, invoked } = watch([{ ...alarm, AlarmActions: [{ functionName: 'one' }] }]);
    now += 500;
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    const timestamp = '2026-11-22T07:00:00.500+0000';
    expect(invoked).toEqual([
      [
        'one',
        {
          source: 'aws.cloudwatch',
          alarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:Test mobaro/users missing',
          accountId: '000000000000',
          time: timestamp,
          region: 'us-east-1',
          alarmData: {
            alarmName: 'Test mobaro/users missing',
            state: {
              value: 'ALARM',
              reason: expect.stringContaining('Threshold Crossed: 1 out of the last 1 datapoint') as string,
              timestamp,
            },
            previousState: {
              value: 'INSUFFICIENT_DATA',
              reason: 'Unchecked: Initial alarm creation',
              timestamp: '2026-11-22T07:00:00.000+0000',
            },
            configuration: {
              description: 'What to do.',
              metrics: [
                {
                  id: 'm1',
                  metricStat: {
                    metric: { namespace: 'Pagekeeper', name: 'Missing', dimensions: metric.dimensions },
                    period: 60,
                    stat: 'Maximum',
                  },
                  returnData: true,
                },
              ],
            },
          },
        },
      ],
    ]);
  });

  it('say in their event what they make of several metrics, with its label if it has one', async () => {
    const metricsWith = async (label: string | null) => {
      const formula = { id: 'e', text: 'm1*2', label, expression: parseExpression('m1*2') };
      const { cloudwatch, invoked } = watch([{ ...alarm, formula, AlarmActions: [{ functionName: 'one' }] }]);
      cloudwatch.record(missing(1));
      await cloudwatch.evaluate();
      const [[, event] = []] = invoked;
      return (event as { alarmData: { configuration: { metrics: object[] } } }).alarmData.configuration
        .metrics;
    };
    const watched = { id: 'm1', returnData: false };
    expect(await metricsWith('twice')).toEqual([
      { id: 'e', expression: 'm1*2', label: 'twice', returnData: true },
      expect.objectContaining(watched),
    ]);
    expect(await metricsWith(null)).toEqual([
      { id: 'e', expression: 'm1*2', returnData: true },
      expect.objectContaining(watched),
    ]);
  });

  it('make one number of several metrics, and say how in their notification', async () => {
    const text = 'FILL(a,0)+FILL(b,0)';
    const both: AlarmModel = {
      ...alarm,
      metrics: [
        { ...metric, id: 'a' },
        { ...metric, id: 'b', name: 'Other' },
      ],
      formula: { id: 'sum', text, label: null, expression: parseExpression(text) },
      Threshold: 3,
    };
    const { cloudwatch, states } = watch([both]);
    cloudwatch.record(missing(2));
    await cloudwatch.evaluate();
    cloudwatch.record({ ...missing(1), name: 'Other' });
    await cloudwatch.evaluate();
    expect(states).toEqual(['OK', 'ALARM']);
    const [notification] = queues.takeNotifications();
    expect(JSON.parse(notification?.message ?? '')).toMatchObject({
      Trigger: { Metrics: [{ Id: 'sum', Expression: text }, { Id: 'a' }, { Id: 'b' }] },
    });
  });

  it('listen for silence at the pace of schedules, which is not compressed', async () => {
    const silent: AlarmModel = {
      ...alarm,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    };
    const { cloudwatch, states } = watch([silent]);
    await cloudwatch.evaluate();
    expect(states).toEqual([]);
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    now += 3 * compressedMinuteMs + 100;
    await cloudwatch.evaluate();
    expect(states).toEqual(['OK']);
  });

  it('tell nobody when their actions are switched off', async () => {
    const AlarmActions = [...alarm.AlarmActions, { functionName: 'one' }];
    const { cloudwatch, states, invoked } = watch([{ ...alarm, AlarmActions, ActionsEnabled: false }]);
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    expect(states).toEqual(['ALARM']);
    expect(invoked).toEqual([]);
    expect(queues.takeNotifications()).toEqual([]);
  });

  it('see what is measured from outside, and are evaluated by themselves', async () => {
    const depth = {
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: 'dead' },
    };
    const deadLetters: AlarmModel = {
      ...alarm,
      metrics: [{ ...depth, id: 'm1', statistic: 'Maximum' }],
    };
    const { cloudwatch, states } = watch([deadLetters], () => Promise.resolve([{ ...depth, values: [2] }]));
    cloudwatch.start();
    await expect.poll(() => states).toEqual(['ALARM']);
    await cloudwatch.stop();
  });
});
