import { existsSync } from 'node:fs';
import path from 'node:path';

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';

import { readRunning } from '../../../infra/emulator/embedded/data-lock.ts';
import { LocalAws, type AwsEvent } from '../../../infra/emulator/local-aws.ts';
import type { TemplateModel } from '../../../infra/emulator/template/template-model.ts';
import { openData } from '../../../infra/laptop/data-folder/open-data.ts';
import { handMade, lambdaFunction, type RawResources } from '../hand-made.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const table = (properties: object = {}) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    ...properties,
  },
});

const resources: RawResources = {
  Table: table({ StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
  Objects: { Type: 'AWS::S3::Bucket', Properties: {} },
  Listener: lambdaFunction('listener'),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      FunctionName: { Ref: 'Listener' },
      StartingPosition: 'TRIM_HORIZON',
      MaximumRetryAttempts: 0,
      MaximumBatchingWindowInSeconds: 300,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Objects', 'Arn'] } } },
    },
  },
  Alarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ...{ Namespace: 'AWS/Lambda', MetricName: 'IteratorAge', Statistic: 'Maximum', Period: 60 },
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'Listener' } }],
      ...{ EvaluationPeriods: 1, Threshold: 3_600_000, ComparisonOperator: 'GreaterThanThreshold' },
    },
  },
};

const listener = `export const handler = ({ Records }) => {
  const keys = Records.map(({ dynamodb }) => dynamodb.Keys.pk.S);
  console.log(JSON.stringify({ keys, s3: process.env.AWS_ENDPOINT_URL_S3 ?? null }));
  if (keys.includes('bad')) throw new Error('bad');
};`;

interface Heard {
  readonly keys: readonly string[];
  readonly s3: string | null;
}

async function start(template: TemplateModel, dataDir: string) {
  const events: AwsEvent[] = [];
  const aws = await LocalAws.start({
    ...{ template, dataDir, secrets: new Map(), minuteMs: 60_000 },
    adapt: (variables) => variables,
    onEvent: (event) => events.push(event),
    onError: (error) => {
      throw error;
    },
  });
  aws.begin();
  const put = (key: string) =>
    aws.dynamodb.send(new PutItemCommand({ TableName: 'Test-Table', Item: { pk: { S: key } } }));
  const heard = () => events.flatMap((event) => (event.kind === 'line' ? [event.line.entry as Heard] : []));
  const drained = async () => {
    aws.flushStreams();
    await expect.poll(() => aws.streamsAreDrained()).toBe(true);
  };
  return { aws, put, heard, drained };
}

describe('AWS on this machine', () => {
  it('tells a function what changes in a table, also what a command has written meanwhile', async () => {
    await using data = await temporaryFolder();
    const dataDir = path.join(data.path, 'data');
    const template = await handMade(data.path, resources, { listener });
    const first = await start(template, dataDir);
    await first.put('a');
    await first.drained();
    expect(first.heard()).toEqual([{ keys: ['a'], s3: (await readRunning(dataDir))?.s3 }]);
    expect(first.heard()[0]?.s3).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await first.aws.close();

    const opened = await openData(dataDir);
    await opened.client.send(
      new PutItemCommand({ TableName: 'Test-Table', Item: { pk: { S: 'forgotten' } } }),
    );
    await opened.close();

    const second = await start(template, dataDir);
    await second.drained();
    expect(second.heard().map(({ keys }) => keys)).toEqual([['forgotten']]);
    await second.aws.close();
  });

  it('keeps what a function cannot handle in the bucket', async () => {
    await using data = await temporaryFolder();
    const template = await handMade(data.path, resources, { listener });
    const { aws, put, drained } = await start(template, path.join(data.path, 'data'));
    await put('bad');
    await drained();
    const { Contents = [] } = await aws.s3!.send(new ListObjectsV2Command({ Bucket: 'test-objects' }));
    expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching(/^aws\/lambda\/[0-9a-f-]{36}\//)]);
    await aws.close();
  });

  it('shows its objects to commands, through the run and without it', async () => {
    await using data = await temporaryFolder();
    const dataDir = path.join(data.path, 'data');
    const { aws } = await start(await handMade(data.path, resources, { listener }), dataDir);
    await aws.s3!.send(new PutObjectCommand({ Bucket: 'test-objects', Key: 'a/b', Body: 'kept' }));
    const read = async () => {
      const opened = await openData(dataDir);
      const s3 = await opened.s3();
      const got = await s3?.send(new GetObjectCommand({ Bucket: 'test-objects', Key: 'a/b' }));
      expect(await opened.s3()).toBe(s3);
      const text = await got?.Body?.transformToString();
      await opened.close();
      return text;
    };
    expect(await read()).toBe('kept');
    await aws.close();
    expect(await read()).toBe('kept');
  });

  it('says where it answers once all of it does', async () => {
    await using data = await temporaryFolder();
    const dataDir = path.join(data.path, 'data');
    const template = await handMade(data.path, resources, { listener });
    const seen: unknown[] = [];
    let isOver = false;
    const look = async (): Promise<void> => {
      while (!isOver) {
        const running = await readRunning(dataDir);
        if (running !== undefined) seen.push(running);
      }
    };
    const looking = look();
    const { aws } = await start(template, dataDir);
    const running = { s3: expect.any(String) as string, queues: expect.any(String) as string };
    await expect.poll(() => seen).toContainEqual(expect.objectContaining(running));
    await aws.close();
    isOver = true;
    await looking;
    expect(seen).toEqual(seen.map(() => expect.objectContaining(running) as unknown));
    expect(await readRunning(dataDir)).toBeUndefined();
  });

  it('has neither objects nor listeners where the template has none', async () => {
    await using data = await temporaryFolder();
    const dataDir = path.join(data.path, 'data');
    const { aws, put, drained } = await start(await handMade(data.path, { Table: table() }), dataDir);
    await put('a');
    await drained();
    expect([aws.s3, existsSync(path.join(dataDir, 's3'))]).toEqual([null, false]);
    expect(await readRunning(dataDir)).not.toHaveProperty('s3');
    const opened = await openData(dataDir);
    expect(await opened.s3()).toBeNull();
    await opened.close();
    await aws.close();
  });
});
