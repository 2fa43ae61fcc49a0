import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { readTemplate } from '../../../../infra/emulator/template/read-template.ts';
import { handMade, lambdaFunction, queuesOf } from '../../hand-made.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

function read(resources: Record<string, unknown>, sections: Record<string, unknown> = {}) {
  return readTemplate({
    stackName: 'Test',
    template: { Resources: resources, ...sections },
    assets: new Map(),
  });
}

const queue = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 180, SqsManagedSseEnabled: true } };

const alarm = {
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } }],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  },
};

describe('reading a template', () => {
  it('names what has no name of its own by the stack and the logical id', () => {
    const model = read({
      Queue: queue,
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      },
    });
    expect(model.queues.map(({ name }) => name)).toEqual(['Test-Queue', 'dead']);
    expect(model.queues[0]?.attributes).toEqual({ VisibilityTimeout: '180' });
    expect(model.tables[0]?.name).toBe('Test-Table');
  });

  it('names logical id and type of a resource that it does not know', () => {
    expect(() => read({ Cluster: { Type: 'AWS::ECS::Cluster' } })).toThrow(
      /does not know the resource type AWS::ECS::Cluster of Cluster: change the runner .* or list it there as irrelevant/,
    );
  });

  it.each([
    ['a property', { ...queue.Properties, FifoQueue: true }, 'FifoQueue'],
    [
      'a nested property',
      { RedrivePolicy: { deadLetterTargetArn: 'x', maxReceiveCount: 3, redrive: 1 } },
      'RedrivePolicy.redrive',
    ],
  ])('names %s that it does not know, with logical id and type', (_, properties, property) => {
    expect(() => read({ Queue: { Type: 'AWS::SQS::Queue', Properties: properties } })).toThrow(
      `does not know the property ${property} of Queue (AWS::SQS::Queue): change the runner`,
    );
  });

  it('refuses an attribute of a resource that changes whether it is deployed', () => {
    expect(() => read({ Queue: { ...queue, Condition: 'Sometimes' } })).toThrow(
      'the property Condition of Queue',
    );
  });

  it('refuses a section of the template that it does not know', () => {
    expect(() => read({ Queue: queue }, { Transform: 'AWS::Serverless-2016-10-31' })).toThrow(
      'the section Transform',
    );
  });

  it('says which property has a value that it cannot use', () => {
    expect(() => read({ Queue: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 'soon' } } })).toThrow(
      /cannot use DelaySeconds of Queue \(AWS::SQS::Queue\)/,
    );
  });

  it('says which resource refers to nothing', () => {
    const policy = { deadLetterTargetArn: { 'Fn::GetAtt': ['Gone', 'Arn'] }, maxReceiveCount: 3 };
    expect(() => read({ Queue: { Type: 'AWS::SQS::Queue', Properties: { RedrivePolicy: policy } } })).toThrow(
      'cannot use Queue (AWS::SQS::Queue): there is no Gone in the template',
    );
  });

  it('resolves what an alarm watches', () => {
    const [read1] = read({ Queue: queue, Alarm: alarm }).alarms;
    expect(read1).toMatchObject({
      name: 'Test-Alarm',
      period: 60,
      metrics: [
        {
          namespace: 'AWS/SQS',
          name: 'ApproximateNumberOfMessagesVisible',
          dimensions: { QueueName: 'Test-Queue' },
          statistic: 'Maximum',
        },
      ],
      formula: null,
      TreatMissingData: 'missing',
    });
  });

  it('refuses an alarm on a metric of AWS that nothing emits here', () => {
    const Properties = { ...alarm.Properties, MetricName: 'ApproximateAgeOfOldestMessage' };
    expect(() => read({ Queue: queue, Alarm: { ...alarm, Properties } })).toThrow(
      /does not emit AWS\/SQS ApproximateAgeOfOldestMessage/,
    );
  });

  const stat = (Id: string, name = 'Errors') => ({
    Id,
    ReturnData: false,
    MetricStat: {
      Metric: { Namespace: 'AWS/Lambda', MetricName: name, Dimensions: [] },
      Period: 300,
      Stat: 'Sum',
    },
  });
  const math = (...Metrics: unknown[]) => {
    const { EvaluationPeriods, Threshold, ComparisonOperator } = alarm.Properties;
    return { ...alarm, Properties: { EvaluationPeriods, Threshold, ComparisonOperator, Metrics } };
  };

  it('reads metric math', () => {
    const [both] = read({
      Alarm: math({ Id: 'e', Expression: 'a+b' }, stat('a'), stat('b', 'Throttles')),
    }).alarms;
    expect(both).toMatchObject({
      period: 300,
      metrics: [
        { id: 'a', name: 'Errors' },
        { id: 'b', name: 'Throttles' },
      ],
      formula: { id: 'e', text: 'a+b', label: null },
    });
  });

  it.each([
    [
      'a function that it does not know',
      [{ Id: 'e', Expression: 'ANOMALY(a)' }, stat('a')],
      /not understood at ANOMALY/,
    ],
    ['a metric that is not there', [{ Id: 'e', Expression: 'a+z' }, stat('a')], /there is no metric z/],
    [
      'two results',
      [{ Id: 'e', Expression: 'a' }, { Id: 'f', Expression: 'a' }, stat('a')],
      /exactly one expression/,
    ],
    [
      'a metric that nothing emits here',
      [{ Id: 'e', Expression: 'a' }, stat('a', 'Made')],
      /does not emit AWS.Lambda Made/,
    ],
  ])('refuses metric math with %s', (_, metrics, problem) => {
    expect(() => read({ Alarm: math(...metrics) })).toThrow(problem);
  });
});

describe('a nested stack', () => {
  const parent = {
    Pages: queue,
    Inner: {
      Type: 'AWS::CloudFormation::Stack',
      Properties: {
        TemplateURL: {
          'Fn::Join': ['', ['https://s3.', { Ref: 'AWS::Region' }, '.amazonaws.com/assets/inner.json']],
        },
        Parameters: { queueUrl: { Ref: 'Pages' } },
      },
    },
    Watchdog: lambdaFunction('code', {
      Environment: { Variables: { SYNC: { 'Fn::GetAtt': ['Inner', 'Outputs.SyncRef'] } } },
    }),
  };
  const inner = {
    Parameters: { queueUrl: { Type: 'String' }, other: { Type: 'String', Default: 'usual' } },
    Resources: {
      Sync: lambdaFunction('code', {
        Environment: { Variables: { QUEUE: { Ref: 'queueUrl' }, OTHER: { Ref: 'other' } } },
      }),
    },
    Outputs: { SyncRef: { Value: { Ref: 'Sync' } } },
  };
  const read = (folder: string, nested: ReadonlyMap<string, unknown>) =>
    readTemplate({
      ...{ stackName: 'Test', template: { Resources: parent }, nested },
      assets: new Map([['code', path.join(folder, 'code')]]),
    });

  it('is read with what it is given, and gives what it has', async () => {
    await using folder = await temporaryFolder();
    await handMade(folder.path, {}, { code: 'export const handler = () => null;' });
    const { functions } = read(folder.path, new Map([['inner', inner]]));
    expect(functions.map(({ name }) => name)).toEqual(['Test-Watchdog', 'Test-Inner-Sync']);
    expect(functions.map(({ environment }) => environment('http://127.0.0.1:77'))).toEqual([
      { SYNC: 'Test-Inner-Sync' },
      { QUEUE: 'http://127.0.0.1:77/000000000000/Test-Pages', OTHER: 'usual' },
    ]);
  });

  it('must be in the assembly, and understood like any other', async () => {
    await using folder = await temporaryFolder();
    await handMade(folder.path, {}, { code: 'export const handler = () => null;' });
    expect(() => read(folder.path, new Map())).toThrow('there is no template inner in the assembly');
    const strange = { ...inner, Resources: { Odd: { Type: 'AWS::EC2::Instance' } } };
    expect(() => read(folder.path, new Map([['inner', strange]]))).toThrow('AWS::EC2::Instance');
  });
});

describe('the functions of a template', () => {
  it('have their bundle and their environment at the given queues', async () => {
    await using folder = await temporaryFolder();
    const model = await handMade(
      folder.path,
      {
        Queue: queue,
        Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'pagekeeper/mobaro' } },
        Sync: lambdaFunction('sync', {
          Timeout: 30,
          Environment: {
            Variables: {
              PAGEKEEPER_DEPLOYMENT: { Ref: 'AWS::StackName' },
              PAGEKEEPER_CHECKPOINTS_TABLE: 'checkpoints',
              PAGEKEEPER_QUEUES: queuesOf({ Ref: 'Queue' }),
            },
          },
        }),
        Retries: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: { FunctionName: { Ref: 'Sync' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
        },
      },
      { sync: 'export const handler = () => null;' },
    );
    const [sync] = model.functions;
    expect(sync).toMatchObject({
      name: 'Test-Sync',
      handler: 'handler',
      timeoutSeconds: 30,
      memoryMb: 128,
      asynchronous: { retries: 0, maximumAgeSeconds: 21_600, onFailure: null },
    });
    expect(sync?.file).toBe(`${folder.path}/sync/index.mjs`);
    expect(sync?.environment('http://127.0.0.1:77')['PAGEKEEPER_QUEUES']).toBe(
      '{"mobaro":"http://127.0.0.1:77/000000000000/Test-Queue"}',
    );
  });

  it('must have a bundle in the assembly', () => {
    expect(() => read({ Sync: lambdaFunction('gone') })).toThrow('there is no asset gone in the assembly');
  });
});
