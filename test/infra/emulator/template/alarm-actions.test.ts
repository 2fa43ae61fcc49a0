import { describe, expect, it } from 'vitest';

import { readOnCall } from '../../../../infra/emulator/template/read-template.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { handMade, lambdaFunction, type RawResources } from '../../hand-made.ts';

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const topic = { Type: 'AWS::SNS::Topic', Properties: {} };
const queue = { Type: 'AWS::SQS::Queue', Properties: {} };

const alarm = (properties: object) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    ...{ AlarmName: 'Test a', Namespace: 'Own', MetricName: 'Missing', Statistic: 'Maximum', Period: 60 },
    ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
    ...properties,
  },
});

const permission = (properties: object = {}) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    Action: 'lambda:InvokeFunction',
    FunctionName: arnOf('Notify'),
    Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
    SourceArn: arnOf('Alarm'),
    ...properties,
  },
});

function read(resources: RawResources, AlarmActions: readonly unknown[] = [arnOf('Notify')]) {
  const template = {
    Resources: { Topic: topic, Notify: lambdaFunction('code'), Alarm: alarm({ AlarmActions }), ...resources },
  };
  const [model] = readOnCall({ stackName: 'Test', template }).alarms;
  return model;
}

describe('the actions of an alarm', () => {
  it('are topics and functions, for each of its states', () => {
    const OKActions = [arnOf('Notify'), { Ref: 'Topic' }];
    const InsufficientDataActions = [{ Ref: 'Topic' }];
    const Alarm = alarm({ AlarmActions: [{ Ref: 'Topic' }], OKActions, InsufficientDataActions });
    const topicArn = 'arn:aws:sns:us-east-1:000000000000:Test-Topic';
    expect(read({ Alarm, Permission: permission() })).toMatchObject({
      AlarmActions: [{ topicArn }],
      OKActions: [{ functionName: 'Test-Notify' }, { topicArn }],
      InsufficientDataActions: [{ topicArn }],
    });
    expect(read({ Alarm: alarm({}) })).toMatchObject({ AlarmActions: [], OKActions: [] });
  });

  it.each([
    ['AlarmActions', 'arn:aws:automate:us-east-1:ec2:stop'],
    ['OKActions', 'arn:aws:sns:us-east-1:000000000000:Other'],
    ['InsufficientDataActions', { 'Fn::Join': [':', [arnOf('Notify'), 'live']] }],
  ])('are refused where %s are neither', (property, target) => {
    expect(() => read({ Alarm: alarm({ [property]: [target] }), Permission: permission() })).toThrow(
      new RegExp(
        `^The local runner cannot use ${property} of Alarm \\(AWS::CloudWatch::Alarm\\): arn:aws:.* is no topic and no function of the template\\.$`,
      ),
    );
  });

  const missing =
    'The local runner cannot use AlarmActions of Alarm (AWS::CloudWatch::Alarm): no AWS::Lambda::Permission lets ' +
    'lambda.alarms.cloudwatch.amazonaws.com invoke Test-Notify for this alarm.';

  it('may be functions only that CloudWatch is permitted to invoke', () => {
    expect(() => read({})).toThrow(missing);
  });

  const alarmArn = (rest: string) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:${rest}`,
  });

  it.each([
    ['the function’s name', { FunctionName: { Ref: 'Notify' } }],
    ['every alarm of the deployment', { SourceArn: alarmArn('alarm:Test *') }],
    ['a single character', { SourceArn: alarmArn('alarm:Test ?') }],
    ['every alarm of the account', { SourceArn: undefined }],
    ['every account', { SourceAccount: undefined }],
    ['every action', { Action: 'lambda:*' }],
  ])('may be permitted by %s', (_, properties) => {
    expect(read({ Permission: permission(properties) })).toMatchObject({
      AlarmActions: [{ functionName: 'Test-Notify' }],
    });
  });

  it.each([
    ['another function', { FunctionName: 'Test-Other' }],
    ['another alarm', { SourceArn: alarmArn('alarm:Test b') }],
    ['alarms of a longer name', { SourceArn: alarmArn('alarm:Test a *') }],
    ['a name that is only like a pattern', { SourceArn: alarmArn('alarm:Test .') }],
    ['another region', { SourceArn: 'arn:aws:cloudwatch:eu-west-1:000000000000:alarm:*' }],
    ['a pattern across its parts', { SourceArn: 'arn:aws:cloudwatch:*' }],
    ['another account', { SourceAccount: '123456789012' }],
    ['another principal', { Principal: 'cloudwatch.amazonaws.com' }],
    ['another action', { Action: 'lambda:GetFunction' }],
  ])('are not permitted by a permission for %s', (_, properties) => {
    expect(() => read({ Permission: permission(properties) })).toThrow(missing);
  });

  it('leave permissions of others alone', () => {
    const Properties = {
      ...{ Action: 'lambda:InvokeFunctionUrl', FunctionName: arnOf('Notify'), Principal: '*' },
      ...{ FunctionUrlAuthType: 'NONE', PrincipalOrgID: { Ref: 'Gone' } },
    };
    expect(
      read({ Permission: permission(), Url: { Type: 'AWS::Lambda::Permission', Properties } }),
    ).toBeDefined();
  });

  it('may be in another stack than the alarm', () => {
    const nested = (TemplateURL: string, Parameters: object) => ({
      Type: 'AWS::CloudFormation::Stack',
      Properties: { TemplateURL, Parameters },
    });
    const alarms = {
      Parameters: { notify: { Type: 'String' }, topic: { Type: 'String' } },
      Resources: {
        Alarm: alarm({ AlarmActions: [{ Ref: 'topic' }, { Ref: 'notify' }] }),
        Permission: permission({ FunctionName: { Ref: 'notify' } }),
      },
    };
    const functions = {
      Resources: { Notify: lambdaFunction('code') },
      Outputs: { NotifyArn: { Value: arnOf('Notify') } },
    };
    const notify = { 'Fn::GetAtt': ['Functions', 'Outputs.NotifyArn'] };
    const template = {
      Resources: {
        Topic: topic,
        Functions: nested('https://s3/functions.json', {}),
        Alarms: nested('https://s3/alarms.json', { notify, topic: { Ref: 'Topic' } }),
      },
    };
    const stacks = new Map<string, unknown>([
      ['functions', functions],
      ['alarms', alarms],
    ]);
    expect(readOnCall({ stackName: 'Test', template, nested: stacks }).alarms).toMatchObject([
      {
        AlarmActions: [
          { topicArn: 'arn:aws:sns:us-east-1:000000000000:Test-Topic' },
          { functionName: 'Test-Functions-Notify' },
        ],
      },
    ]);
  });

  it('have the label of what is made of several metrics', () => {
    const stat = {
      Metric: { Namespace: 'Own', MetricName: 'Missing', Dimensions: [] },
      ...{ Period: 60, Stat: 'Maximum' },
    };
    const Metrics = [
      { Id: 'e', Expression: 'm*2', Label: 'twice' },
      { Id: 'm', MetricStat: stat, ReturnData: false, Label: 'once' },
    ];
    const { EvaluationPeriods, Threshold, ComparisonOperator } = alarm({}).Properties;
    const Properties = { EvaluationPeriods, Threshold, ComparisonOperator, Metrics };
    const withMath = { Type: 'AWS::CloudWatch::Alarm', Properties };
    expect(read({ Alarm: withMath })?.formula).toMatchObject({ id: 'e', text: 'm*2', label: 'twice' });
  });
});

describe('asynchronous invocations of a function', () => {
  const config = (properties: object) => ({
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: { FunctionName: { Ref: 'Notify' }, Qualifier: '$LATEST', ...properties },
  });

  async function asynchronous(Config?: Record<string, unknown>) {
    await using folder = await temporaryFolder();
    const resources = {
      ...{ Topic: topic, Queue: queue, Notify: lambdaFunction('code') },
      ...(Config === undefined ? {} : { Config }),
    };
    const model = await handMade(folder.path, resources, { code: 'export const handler = () => null;' });
    return model.functions[0]?.asynchronous;
  }

  const to = (Destination: unknown) => ({ DestinationConfig: { OnFailure: { Destination } } });

  it('are repeated twice within six hours, and told to nobody, where nothing is said', async () => {
    const usual = { retries: 2, maximumAgeSeconds: 21_600, onFailure: null };
    expect(await asynchronous()).toEqual(usual);
    expect(await asynchronous(config({}))).toEqual(usual);
    expect(await asynchronous(config({ DestinationConfig: {} }))).toEqual(usual);
    expect(await asynchronous(config({ FunctionName: 'Other', MaximumRetryAttempts: 0 }))).toEqual(usual);
  });

  it('are as the template says, and told to a topic or a queue', async () => {
    const limits = { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 };
    expect(await asynchronous(config({ ...limits, ...to({ Ref: 'Topic' }) }))).toEqual({
      ...{ retries: 1, maximumAgeSeconds: 60 },
      onFailure: { topicArn: 'arn:aws:sns:us-east-1:000000000000:Test-Topic' },
    });
    const byArn = config({ FunctionName: arnOf('Notify'), ...to(arnOf('Queue')) });
    expect((await asynchronous(byArn))?.onFailure).toEqual({ queueName: 'Test-Queue' });
  });

  it.each([
    ['more repetitions than Lambda makes', { MaximumRetryAttempts: 3 }, /use MaximumRetryAttempts of Config/],
    ['an age below a minute', { MaximumEventAgeInSeconds: 59 }, /use MaximumEventAgeInSeconds of Config/],
    [
      'an age above six hours',
      { MaximumEventAgeInSeconds: 21_601 },
      /use MaximumEventAgeInSeconds of Config/,
    ],
    ['a version', { Qualifier: '1' }, /use Qualifier of Config/],
    [
      'a destination of what succeeds',
      { DestinationConfig: { OnSuccess: { Destination: { Ref: 'Topic' } } } },
      /does not know the property DestinationConfig.OnSuccess of Config/,
    ],
    [
      'a function as its destination',
      to(arnOf('Notify')),
      /cannot use DestinationConfig.OnFailure.Destination of Config .*: arn:.*Test-Notify is no topic and no queue of the template\.$/,
    ],
  ])('are refused with %s', async (_, properties, problem) => {
    await expect(asynchronous(config(properties))).rejects.toThrow(problem);
  });
});
