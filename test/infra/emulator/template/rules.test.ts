import { describe, expect, it } from 'vitest';

import type { RuleModel } from '../../../../infra/emulator/template/template-model.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { handMade, lambdaFunction } from '../../hand-made.ts';

const pattern = { source: ['pagekeeper'], 'detail-type': ['Run Ended'] };
const listener = { 'Fn::GetAtt': ['Listener', 'Arn'] };

const rule = (properties: object = {}, target: object = {}) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    EventPattern: pattern,
    Targets: [{ Id: 'Target0', Arn: listener, ...target }],
    ...properties,
  },
});

async function read(Rule: Record<string, unknown>): Promise<readonly RuleModel[]> {
  await using folder = await temporaryFolder();
  const Topic = { Type: 'AWS::SNS::Topic', Properties: {} };
  const Principal = 'events.amazonaws.com';
  const Permission = {
    Type: 'AWS::Lambda::Permission',
    Properties: { Action: 'lambda:InvokeFunction', FunctionName: listener, Principal },
  };
  const resources = { Listener: lambdaFunction('code'), Topic, Permission, Rule };
  const model = await handMade(folder.path, resources, { code: 'export const handler = () => null;' });
  return model.rules;
}

describe('a rule for events on the bus', () => {
  it('has functions as its targets', async () => {
    const detail = { outcome: ['partial', { prefix: 'f' }], log: { complete: [{ exists: true }] } };
    const irrelevant = {
      RetryPolicy: { MaximumRetryAttempts: 3 },
      DeadLetterConfig: { Arn: { Ref: 'Gone' } },
    };
    const read1 = await read(rule({ EventPattern: { ...pattern, detail } }, irrelevant));
    expect(read1).toMatchObject([{ pattern: { ...pattern, detail }, functionNames: ['Test-Listener'] }]);
    const suffix = {
      source: ['a', 'b'],
      detail: { stream: [{ suffix: '/users' }, { 'anything-but': 'x' }] },
    };
    expect((await read(rule({ EventPattern: suffix })))[0]?.pattern).toEqual({
      source: ['a', 'b'],
      detail: { stream: [{ suffix: '/users' }, { 'anything-but': ['x'] }] },
    });
    expect(await read(rule({ State: 'DISABLED' }))).toEqual([]);
    expect(await read(rule({ Targets: [] }))).toMatchObject([{ functionNames: [] }]);
  });

  it.each([
    ['a schedule', rule({ EventPattern: undefined, ScheduleExpression: 'rate(1 hour)' }), /Rule/],
    ['a schedule beside its pattern', rule({ ScheduleExpression: 'rate(1 hour)' }), /ScheduleExpression/],
    [
      'a filter that is not understood',
      rule({ EventPattern: { ...pattern, detail: { a: [{ wildcard: '*' }] } } }),
      /EventPattern.detail/,
    ],
    ['a filter for its source', rule({ EventPattern: { source: [{ prefix: 'a' }] } }), /EventPattern/],
    [
      'a source of AWS beside another',
      rule({ EventPattern: { source: ['pagekeeper', 'aws.s3'] } }),
      /EventPattern.source.1 .* no event of AWS/,
    ],
    [
      'another key in its pattern',
      rule({ EventPattern: { ...pattern, account: ['1'] } }),
      /EventPattern.account/,
    ],
    ['another bus', rule({ EventBusName: 'other' }), /EventBusName/],
    ['a transformer', rule({}, { InputTransformer: { InputTemplate: '{}' } }), /Targets.0.InputTransformer/],
    ['an input', rule({}, { Input: '{}' }), /Targets.0.Input/],
    ['a path as its input', rule({}, { InputPath: '$.detail' }), /Targets.0.InputPath/],
    ['a topic as its target', rule({}, { Arn: { Ref: 'Topic' } }), /is no function of the template/],
  ])('is refused with %s', async (_, Rule, problem) => {
    await expect(read(Rule)).rejects.toThrow(problem);
  });

  it('hears nothing of alarms, whatever else is asked of it', async () => {
    const properties = {
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        resources: [{ prefix: 'arn:aws:cloudwatch' }],
        detail: { state: { value: ['OK'] } },
      },
    };
    const target = { Arn: { Ref: 'Topic' }, InputTransformer: { InputTemplate: '{}' } };
    await expect(read(rule(properties, target))).rejects.toThrow(
      'The local runner cannot use EventPattern.source.0 of Rule (AWS::Events::Rule): ' +
        'no event of AWS itself, such as an alarm that changes its state, is sent here: a rule hears what functions send.',
    );
  });
});
