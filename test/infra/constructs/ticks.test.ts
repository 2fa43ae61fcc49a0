import { Match, Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';

import { Ticks, type Tick } from '../../../infra/constructs/ticks.ts';
import { emptyStack } from '../synthesized.ts';

const tick: Tick = {
  description: 'any',
  expression: 'rate(10 minutes)',
  timeZone: 'Europe/Copenhagen',
  flexibleWindowMinutes: 5,
  shortestGapSeconds: 600,
  input: { stream: 'mobaro/users', scheduledAt: '<aws.scheduler.scheduled-time>' },
};

function templateOf(...ticks: Tick[]): Template {
  const stack = emptyStack();
  const target = new LambdaFunction(stack, 'Target', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('export const handler = () => {};'),
  });
  const group = new Ticks(stack, 'Ticks', { groupName: 'Test-mobaro', target, key: null });
  ticks.forEach((one, index) => {
    group.add(`tick${String(index)}`, one);
  });
  return Template.fromStack(stack);
}

describe('the ticks of a function', () => {
  it('carry the time they were due, within their window and time zone', () => {
    templateOf(tick).hasResourceProperties('AWS::Scheduler::Schedule', {
      GroupName: 'Test-mobaro',
      ScheduleExpression: 'rate(10 minutes)',
      ScheduleExpressionTimezone: 'Europe/Copenhagen',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
      State: 'ENABLED',
      Target: { Input: '{"stream":"mobaro/users","scheduledAt":"<aws.scheduler.scheduled-time>"}' },
    });
    templateOf({ ...tick, flexibleWindowMinutes: 0 }).hasResourceProperties('AWS::Scheduler::Schedule', {
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
  });

  it.each([
    [60, 60],
    [600, 600],
    [86_400, 900],
  ])('with %i s between them are given up after %i s and a few retries', (gap, age) => {
    templateOf({ ...tick, shortestGapSeconds: gap }).hasResourceProperties('AWS::Scheduler::Schedule', {
      Target: { RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: age } },
    });
  });

  it('that did not arrive go to a dead-letter queue that keeps them for 14 days', () => {
    const template = templateOf(tick);
    const [queue] = Object.keys(template.findResources('AWS::SQS::Queue'));
    template.hasResourceProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 86_400 });
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Target: { DeadLetterConfig: { Arn: { 'Fn::GetAtt': [queue, 'Arn'] } } },
    });
  });

  it('share a role that may invoke the function and send to that queue, for this group alone', () => {
    const template = templateOf(tick, { ...tick, expression: 'rate(1 hour)' });
    const targets = Object.values(template.findResources('AWS::Scheduler::Schedule')).map(
      ({ Properties }) => (Properties as { Target: { RoleArn: unknown } }).Target.RoleArn,
    );
    expect(targets).toHaveLength(2);
    expect(targets[0]).toEqual(targets[1]);
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: {
              StringEquals: {
                'aws:SourceAccount': { Ref: 'AWS::AccountId' },
                'aws:SourceArn': { 'Fn::GetAtt': [Match.stringLikeRegexp('^TicksGroup'), 'Arn'] },
              },
            },
          },
        ],
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: 'lambda:InvokeFunction',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Target'), 'Arn'] },
          },
          {
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TicksMissed'), 'Arn'] },
          },
        ],
      },
    });
  });
});
