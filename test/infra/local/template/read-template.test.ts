import { describe, expect, it } from 'vitest';

import { readTemplate } from '../../../../infra/local/template/read-template.ts';
import { connections, handMade, lambdaFunction, temporaryFolder } from '../hand-made.ts';

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
    expect(() => read({ Bucket: { Type: 'AWS::S3::Bucket' } })).toThrow(
      /does not know the resource type AWS::S3::Bucket of Bucket: change the runner .* or list it there as irrelevant/,
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
      Dimensions: [{ Name: 'QueueName', Value: 'Test-Queue' }],
      TreatMissingData: 'missing',
    });
  });

  it('refuses an alarm on a metric of AWS that nothing emits here', () => {
    const Properties = { ...alarm.Properties, MetricName: 'ApproximateAgeOfOldestMessage' };
    expect(() => read({ Queue: queue, Alarm: { ...alarm, Properties } })).toThrow(
      /does not emit AWS\/SQS ApproximateAgeOfOldestMessage/,
    );
  });

  it('refuses metric math', () => {
    const Properties = { ...alarm.Properties, Metrics: [{ Expression: 'a+b' }] };
    expect(() => read({ Queue: queue, Alarm: { ...alarm, Properties } })).toThrow(
      'the property Metrics of Alarm',
    );
  });
});

describe('the functions of a template', () => {
  it('have their bundle, their environment at the given queues, and their connections', async () => {
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
              PAGEKEEPER_CONNECTIONS: connections(
                { Ref: 'Queue' },
                { Ref: 'Secret' },
                {
                  users: { gapSeconds: 900 },
                  webhooks: { gapSeconds: 900, continuation: 'nextTick' },
                },
              ),
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
      asyncRetries: 0,
    });
    expect(sync?.file).toBe(`${folder.path}/sync/index.mjs`);
    expect(sync?.environment('http://127.0.0.1:77')['PAGEKEEPER_CONNECTIONS']).toContain(
      '"pageQueueUrl":"http://127.0.0.1:77/000000000000/Test-Queue"',
    );
    expect(model.connections).toEqual([
      {
        name: 'mobaro',
        connector: 'mobaro',
        streams: ['mobaro/users', 'mobaro/webhooks'],
        nextTickStreams: ['mobaro/webhooks'],
        limits: [
          { stream: 'mobaro/users', scope: 'mobaro', terms: { published: null, chosen: null } },
          { stream: 'mobaro/webhooks', scope: 'mobaro', terms: { published: null, chosen: null } },
        ],
        secretId: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:pagekeeper/mobaro-laptop',
      },
    ]);
  });

  it('must have a bundle in the assembly', () => {
    expect(() => read({ Sync: lambdaFunction('gone') })).toThrow('there is no asset gone in the assembly');
  });

  it('must have connections that their own code could read', async () => {
    await using folder = await temporaryFolder();
    const environment = { Environment: { Variables: { PAGEKEEPER_CONNECTIONS: '[]' } } };
    await expect(
      handMade(
        folder.path,
        { Sync: lambdaFunction('sync', environment) },
        { sync: 'export const handler = 1;' },
      ),
    ).rejects.toThrow('The environment of Sync cannot be read');
  });
});
