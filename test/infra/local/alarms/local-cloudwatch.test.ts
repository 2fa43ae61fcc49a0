import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { compressedMinuteMs, LocalCloudWatch } from '../../../../infra/local/alarms/local-cloudwatch.ts';
import {
  startEmbeddedQueues,
  type EmbeddedQueues,
} from '../../../../infra/local/embedded/embedded-queues.ts';
import type { MetricValue } from '../../../../infra/local/functions/log-line.ts';
import { localArn } from '../../../../infra/local/template/local-account.ts';
import type { AlarmModel } from '../../../../infra/local/template/template-model.ts';

const topic = { name: 'on-call', arn: localArn('sns', 'on-call') };

const alarm: AlarmModel = {
  name: 'Test mobaro/users missing',
  arn: localArn('cloudwatch', 'alarm:Test mobaro/users missing'),
  AlarmDescription: 'What to do.',
  ActionsEnabled: true,
  AlarmActions: [topic.arn],
  OKActions: [],
  InsufficientDataActions: [],
  Namespace: 'Pagekeeper',
  MetricName: 'Missing',
  Dimensions: [
    { Name: 'stream', Value: 'mobaro/users' },
    { Name: 'deployment', Value: 'Test' },
  ],
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'ignore',
};

function missing(
  value: number,
  dimensions: Record<string, string> = { deployment: 'Test', stream: 'mobaro/users' },
): MetricValue {
  return { namespace: 'Pagekeeper', name: 'Missing', dimensions, values: [value] };
}

let queues: EmbeddedQueues;

beforeEach(async () => {
  queues = await startEmbeddedQueues({ queues: [], topics: [topic], subscriptions: [] });
});

afterEach(async () => {
  await queues.close();
});

function watch(
  alarms: readonly AlarmModel[],
  sample: () => Promise<MetricValue[]> = () => Promise.resolve([]),
) {
  const states: string[] = [];
  const cloudwatch = new LocalCloudWatch({
    alarms,
    minuteMs: compressedMinuteMs,
    sns: queues.sns,
    sample,
    onTransition: ({ state }) => states.push(state),
    onError: (error) => {
      throw error;
    },
  });
  return { cloudwatch, states };
}

describe('the alarms of a local run', () => {
  it('publish to their topic when they go into ALARM, as CloudWatch does', async () => {
    const { cloudwatch, states } = watch([alarm]);
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    await cloudwatch.evaluate();
    expect(states).toEqual(['ALARM']);
    const [notification, ...others] = await queues.takeNotifications();
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
    expect(await queues.takeNotifications()).toHaveLength(1);
  });

  it('keep their state at the end if nothing new is said', async () => {
    const errors = { ...alarm, TreatMissingData: 'notBreaching' as const };
    // So long that one period of it is more than all that the other one looks at.
    const slow = { ...errors, MetricName: 'Other', Period: 3600 };
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

  it('tell nobody when their actions are switched off', async () => {
    const { cloudwatch, states } = watch([{ ...alarm, ActionsEnabled: false }]);
    cloudwatch.record(missing(1));
    await cloudwatch.evaluate();
    expect(states).toEqual(['ALARM']);
    expect(await queues.takeNotifications()).toEqual([]);
  });

  it('see what is measured from outside, and are evaluated by themselves', async () => {
    const depth = {
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: 'dead' },
    };
    const deadLetters: AlarmModel = {
      ...alarm,
      Namespace: depth.namespace,
      MetricName: depth.name,
      Dimensions: [{ Name: 'QueueName', Value: 'dead' }],
    };
    const { cloudwatch, states } = watch([deadLetters], () => Promise.resolve([{ ...depth, values: [2] }]));
    cloudwatch.start();
    await expect.poll(() => states, { timeout: 5_000 }).toEqual(['ALARM']);
    await cloudwatch.stop();
  });
});
