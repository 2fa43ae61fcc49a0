import { expect, it } from 'vitest';

import { alarmChangeOf } from '../../../lib/aws/alarm-event.ts';

/** As AWS documents it. */
const event = {
  source: 'aws.cloudwatch',
  alarmArn: 'arn:aws:cloudwatch:us-east-1:444455556666:alarm:Pagekeeper mobaro missing',
  accountId: '444455556666',
  time: '2023-08-04T12:36:15.490+0000',
  region: 'us-east-1',
  alarmData: {
    alarmName: 'Pagekeeper mobaro missing',
    state: {
      value: 'ALARM',
      reason: 'Threshold Crossed: 1 datapoint was 1.0',
      reasonData: '{"version":"1.0"}',
      timestamp: '2023-08-04T12:36:15.490+0000',
    },
    previousState: { value: 'OK', reason: 'fine', timestamp: '2023-08-04T12:31:29.591+0000' },
    configuration: {
      description: 'A stream does not exist.',
      metrics: [{ id: 'm1', metricStat: { metric: { namespace: 'Pagekeeper' } }, returnData: true }],
    },
  },
};

it('an alarm is understood as CloudWatch gives it to a function', () => {
  expect(alarmChangeOf(event)).toEqual({
    name: 'Pagekeeper mobaro missing',
    arn: event.alarmArn,
    account: '444455556666',
    region: 'us-east-1',
    state: 'ALARM',
    stateBefore: 'OK',
    at: Date.parse('2023-08-04T12:36:15.490Z'),
    reason: 'Threshold Crossed: 1 datapoint was 1.0',
    description: 'A stream does not exist.',
  });
});

it('what it leaves out is no reason to be silent', () => {
  const { alarmData, ...rest } = event;
  const { previousState, configuration, ...less } = alarmData;
  expect([previousState, configuration]).toBeDefined();
  const bare = { ...less, state: { value: 'OK', timestamp: '2023-08-04T12:36:15.490+0200' } };
  expect(alarmChangeOf({ ...rest, alarmData: bare })).toMatchObject({
    ...{ state: 'OK', stateBefore: null, reason: '', description: '' },
    at: Date.parse('2023-08-04T10:36:15.490Z'),
  });
});

it('anything else is refused', () => {
  expect(() => alarmChangeOf({ ...event, source: 'aws.events' })).toThrow();
});
