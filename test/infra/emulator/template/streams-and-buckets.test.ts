import { describe, expect, it } from 'vitest';

import type { TemplateModel } from '../../../../infra/emulator/template/template-model.ts';
import { handMade, lambdaFunction } from '../../hand-made.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const table = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
};
const bucket = (properties: object = {}) => ({ Type: 'AWS::S3::Bucket', Properties: properties });
const mapping = (properties: object = {}) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
    FunctionName: { Ref: 'Listener' },
    StartingPosition: 'TRIM_HORIZON',
    ...properties,
  },
});
const failuresTo = (Destination: unknown) => ({ DestinationConfig: { OnFailure: { Destination } } });
const filtered = (pattern: unknown) => ({
  FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] },
});

async function read(resources: Record<string, Record<string, unknown>>): Promise<TemplateModel> {
  await using folder = await temporaryFolder();
  const all = { Table: table, Listener: lambdaFunction('code'), ...resources };
  return await handMade(folder.path, all, { code: 'export const handler = () => null;' });
}

describe('the buckets of a template', () => {
  it('have names of small letters, the same in every run, and what expires in them', async () => {
    const Rules = [
      { Status: 'Enabled', Prefix: 'old/', ExpirationInDays: 7 },
      { Status: 'Disabled', ExpirationInDays: 1 },
      { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    ];
    const { buckets, functions } = await read({
      Tables: bucket({ LifecycleConfiguration: { Rules }, BucketEncryption: { Ref: 'NotHere' } }),
      Named: bucket({ BucketName: 'named-here' }),
      Policy: { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: { Ref: 'Gone' } } },
      Listener: lambdaFunction('code', {
        Environment: {
          Variables: { NAME: { Ref: 'Tables' }, ARN: { 'Fn::GetAtt': ['Tables', 'Arn'] } },
        },
      }),
    });
    expect(buckets).toEqual([
      { name: 'test-tables', expirations: [{ prefix: 'old/', days: 7 }] },
      { name: 'named-here', expirations: [] },
    ]);
    expect(functions[0]?.environment('')).toEqual({ NAME: 'test-tables', ARN: 'arn:aws:s3:::test-tables' });
  });

  it.each(['Large', '../out', 'x', '.hidden'])('cannot be called %s', async (BucketName) => {
    await expect(read({ Bucket: bucket({ BucketName }) })).rejects.toThrow('BucketName of Bucket');
  });

  it('have no property that is not understood', async () => {
    await expect(read({ Bucket: bucket({ NotificationConfiguration: {} }) })).rejects.toThrow(
      'NotificationConfiguration of Bucket',
    );
  });
});

describe('the stream of a table', () => {
  it('is mapped to a function', async () => {
    const { tables, mappings, streamMappings } = await read({
      Tables: bucket(),
      Mapping: mapping({
        ...{ BatchSize: 7, MaximumBatchingWindowInSeconds: 5, BisectBatchOnFunctionError: true },
        ...{ MaximumRetryAttempts: 3, MaximumRecordAgeInSeconds: -1 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...failuresTo({ 'Fn::GetAtt': ['Tables', 'Arn'] }),
        ...filtered({ dynamodb: { NewImage: { pk: { S: [{ prefix: 'a' }, { 'anything-but': 'ab' }] } } } }),
      }),
    });
    expect(tables[0]?.stream).toBe('NEW_AND_OLD_IMAGES');
    expect(mappings).toEqual([]);
    expect(streamMappings).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        functionName: 'Test-Listener',
        tableName: 'Test-Table',
        streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Test-Table/stream/laptop',
        startingPosition: 'TRIM_HORIZON',
        batchSize: 7,
        windowSeconds: 5,
        bisectsOnError: true,
        maximumRetries: 3,
        maximumAgeSeconds: null,
        reportsItemFailures: true,
        failureBucket: 'test-tables',
        filters: [{ dynamodb: { NewImage: { pk: { S: [{ prefix: 'a' }, { 'anything-but': ['ab'] }] } } } }],
      },
    ]);
  });

  it('has what Lambda has where nothing is said', async () => {
    const { streamMappings } = await read({ Mapping: mapping() });
    expect(streamMappings[0]).toMatchObject({
      ...{ batchSize: 100, windowSeconds: 0, bisectsOnError: false, maximumRetries: null },
      ...{ maximumAgeSeconds: null, reportsItemFailures: false, failureBucket: null, filters: [] },
    });
    expect((await read({ Mapping: mapping({ Enabled: false }) })).streamMappings).toEqual([]);
  });

  it.each([
    ['a position by time', { StartingPosition: 'AT_TIMESTAMP' }, 'StartingPosition'],
    ['several at once', { ParallelizationFactor: 2 }, 'ParallelizationFactor'],
    ['windows of its own', { TumblingWindowInSeconds: 10 }, 'TumblingWindowInSeconds'],
    ['a limit of queues', { ScalingConfig: { MaximumConcurrency: 2 } }, 'ScalingConfig'],
    ['a queue for failures', failuresTo('arn:aws:sqs:x:0:y'), 'only a bucket of the template'],
    ['a filter by numbers', filtered({ a: [{ numeric: ['>', 1] }] }), 'FilterCriteria'],
    ['a filter of filters', filtered({ a: [{ 'anything-but': { prefix: 'x' } }] }), 'FilterCriteria'],
    ['an alternative', filtered({ $or: [{ a: ['b'] }] }), 'FilterCriteria'],
    ['an empty list', filtered({ a: [] }), 'FilterCriteria'],
    ['a filter that is no JSON', { FilterCriteria: { Filters: [{ Pattern: '{' }] } }, 'FilterCriteria'],
  ])('refuses %s', async (_, properties, problem) => {
    await expect(read({ Mapping: mapping(properties) })).rejects.toThrow(problem);
  });

  it('must be turned on, and show both images', async () => {
    const off = { ...table, Properties: { ...table.Properties, StreamSpecification: undefined } };
    await expect(read({ Table: off, Mapping: mapping() })).rejects.toThrow('Test-Table has no stream');
    const keys = { ...table.Properties, StreamSpecification: { StreamViewType: 'KEYS_ONLY' } };
    await expect(read({ Table: { ...table, Properties: keys } })).rejects.toThrow('only NEW_AND_OLD_IMAGES');
  });

  it('lends nothing to a queue', async () => {
    const ofQueue = { Queue: { Type: 'AWS::SQS::Queue' } };
    const EventSourceArn = { 'Fn::GetAtt': ['Queue', 'Arn'] };
    await expect(read({ ...ofQueue, Mapping: mapping({ EventSourceArn }) })).rejects.toThrow(
      'StartingPosition of Mapping (AWS::Lambda::EventSourceMapping): it is not understood for a queue',
    );
    const Properties = {
      EventSourceArn,
      FunctionName: { Ref: 'Listener' },
      MaximumBatchingWindowInSeconds: 3,
    };
    await expect(
      read({ ...ofQueue, Mapping: { Type: 'AWS::Lambda::EventSourceMapping', Properties } }),
    ).rejects.toThrow('only 0 is understood for a queue');
  });
});
