import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { ListTablesCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListSubscriptionsCommand, ListTopicsCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, ListQueuesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';

import { startEmbeddedDynamoDb } from '../../infra/emulator/embedded/embedded-dynamodb.ts';
import { startEmbeddedEvents, type BusEvent } from '../../infra/emulator/embedded/embedded-events.ts';
import { startEmbeddedQueues } from '../../infra/emulator/embedded/embedded-queues.ts';
import { startEmbeddedS3 } from '../../infra/emulator/embedded/embedded-s3.ts';
import { startEmbeddedSecrets } from '../../infra/emulator/embedded/embedded-secrets.ts';
import { newAccessKey } from '../../infra/emulator/embedded/guard.ts';
import { localArn, localCredentials, localRegion } from '../../infra/emulator/template/local-account.ts';

export type ServerName = 'DynamoDB' | 'SQS and SNS' | 'Secrets Manager' | 'S3' | 'EventBridge';

/** Every embedded server of one start, with something in each that somebody could be after. */
export interface GuardedServers {
  readonly accessKey: string;
  readonly origins: Readonly<Record<ServerName, string>>;
  /** Another user's or a page's guess of what is in them. */
  readonly queueUrl: string;
  /** All that is stored anywhere, as those see it who know the key. */
  state(): Promise<unknown>;
  close(): Promise<void>;
}

export const secretValue = 'a-key-that-nobody-may-read';
export const recordValue = 'a-person-that-nobody-may-read';

export async function startGuardedServers(): Promise<GuardedServers> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-guard-'));
  const accessKey = newAccessKey();
  const database = await startEmbeddedDynamoDb(
    folder,
    [
      {
        name: 'Records',
        keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        attributes: [{ AttributeName: 'pk', AttributeType: 'S' }],
      },
    ],
    accessKey,
  );
  const topic = { name: 'on-call', arn: localArn('sns', 'on-call') };
  const pages = { name: 'pages', arn: localArn('sqs', 'pages'), attributes: {}, redrive: null };
  const queues = await startEmbeddedQueues(
    { queues: [pages], topics: [topic], subscriptions: [] },
    accessKey,
  );
  const arn = localArn('secretsmanager', 'secret:mobaro');
  const secrets = await startEmbeddedSecrets({
    keptIn: null,
    secrets: [{ name: 'mobaro', arn, placeholder: () => '{}' }],
    values: new Map([['mobaro', { apiKey: secretValue }]]),
    salt: 'salt',
    accessKey,
  });
  const vault = new SecretsManagerClient({
    endpoint: secrets.endpoint,
    region: localRegion,
    credentials: localCredentials(accessKey),
  });
  const { client, endpoint } = database;
  await client.send(
    new PutItemCommand({ TableName: 'Records', Item: { pk: { S: 'a' }, name: { S: recordValue } } }),
  );
  const buckets = [{ name: 'objects', expirations: [] }];
  const s3 = await startEmbeddedS3({ dataDir: folder, buckets, accessKey });
  const object = { Bucket: 'objects', Key: 'part' };
  await s3.client.send(new PutObjectCommand({ ...object, Body: recordValue }));
  const sent: BusEvent[] = [];
  const events = await startEmbeddedEvents({ accessKey, onEvents: (taken) => sent.push(...taken) });
  const queueUrl = queues.urlOf('pages');
  await queues.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'a page' }));

  return {
    accessKey,
    origins: {
      ...{ DynamoDB: endpoint, 'SQS and SNS': queues.endpoint },
      ...{ 'Secrets Manager': secrets.endpoint, S3: s3.endpoint, EventBridge: events.endpoint },
    },
    queueUrl,
    async state() {
      const { sqs, sns } = queues;
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
      const names = QueueUrls.map((url) => url.slice(url.lastIndexOf('/') + 1)).sort();
      const depths = names.map(async (name) => {
        const ask = new GetQueueAttributesCommand({ QueueUrl: queues.urlOf(name), AttributeNames: ['All'] });
        const { Attributes = {} } = await sqs.send(ask);
        return [name, Attributes['ApproximateNumberOfMessages'], Attributes['VisibilityTimeout']];
      });
      const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: 'objects' }));
      const { Body } = await s3.client.send(new GetObjectCommand(object));
      return {
        events: [...sent],
        objects: [Contents, await Body?.transformToString()],
        tables: (await client.send(new ListTablesCommand({}))).TableNames,
        items: (await client.send(new ScanCommand({ TableName: 'Records' }))).Items,
        queues: await Promise.all(depths),
        topics: (await sns.send(new ListTopicsCommand({}))).Topics,
        subscriptions: (await sns.send(new ListSubscriptionsCommand({}))).Subscriptions,
        secret: (await vault.send(new GetSecretValueCommand({ SecretId: 'mobaro' }))).SecretString,
      };
    },
    async close() {
      vault.destroy();
      await events.close();
      await s3.close();
      await secrets.close();
      await queues.close();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Not `fetch`, which adds headers of its own, and lets one say neither Host nor Origin. */
export function send(origin: string, { method = 'POST', path: below = '/', headers = {}, body = '' }: Sent) {
  return new Promise<Received>((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const asked = request({ hostname, port, path: below, method, headers }, (response) => {
      text(response).then((received) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received });
      }, reject);
    });
    asked.on('error', reject).end(body);
  });
}

/** What changes or tells something at each server, where nothing stands in front of it. */
export function attacksOn(name: ServerName, queueUrl: string): readonly Sent[] {
  const json = (target: string, version: string, body: object): Sent => ({
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
    body: JSON.stringify(body),
  });
  const form = (fields: Readonly<Record<string, string>>): Sent => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
  const get = (below: string): Sent => ({ method: 'GET', path: below });
  switch (name) {
    case 'DynamoDB': {
      const item = { pk: { S: 'evil' } };
      return [
        json('DynamoDB_20120810.PutItem', '1.0', { TableName: 'Records', Item: item }),
        json('DynamoDB_20120810.Scan', '1.0', { TableName: 'Records' }),
        json('DynamoDB_20120810.DeleteTable', '1.0', { TableName: 'Records' }),
        get('/'),
      ];
    }
    case 'SQS and SNS':
      return [
        json('AmazonSQS.CreateQueue', '1.0', { QueueName: 'evil' }),
        json('AmazonSQS.PurgeQueue', '1.0', { QueueUrl: queueUrl }),
        form({ Action: 'CreateTopic', Name: 'evil' }),
        form({ Action: 'Publish', TopicArn: localArn('sns', 'on-call'), Message: 'evil' }),
        get('/_fauxqs/queues'),
        { method: 'PUT', path: '/evil-bucket' },
      ];
    case 'S3':
      return [
        get('/objects/part'),
        get('/objects?list-type=2'),
        { method: 'PUT', path: '/objects/part', body: 'evil' },
        { method: 'PUT', path: '/objects/..%2f..%2fevil', body: 'evil' },
        { method: 'DELETE', path: '/objects/part' },
        { ...form({ key: '../evil' }), path: '/objects' },
      ];
    case 'EventBridge': {
      const event = { Source: 'pagekeeper', DetailType: 'Run Ended', Detail: '{}' };
      return [json('AWSEvents.PutEvents', '1.1', { Entries: [event] }), get('/')];
    }
    case 'Secrets Manager':
      return [json('secretsmanager.GetSecretValue', '1.1', { SecretId: 'mobaro' }), get('/')];
  }
}

/** As the SDK signs, but for the signature itself. */
export function signedBy(accessKey: string): string {
  const scope = `${accessKey}/20261129/us-east-1/dynamodb/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
}
