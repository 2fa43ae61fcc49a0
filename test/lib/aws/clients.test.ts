import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { clientConfig, dynamoDbClient, secretsManagerClient, sqsClient } from '../../../lib/aws/clients.ts';
import { startHttpServer, type TestHttpServer } from '../../support/http-server.ts';

describe('the clients', () => {
  let server: TestHttpServer;

  beforeEach(async () => {
    server = await startHttpServer();
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'embedded');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'embedded');
    for (const service of ['DYNAMODB', 'SQS', 'SECRETS_MANAGER']) {
      vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, server.origin);
    }
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server.stop();
  });

  const calls = {
    DynamoDB: () => {
      const key = { TableName: 'table', Key: { pk: { S: 'key' } } };
      return dynamoDbClient().send(new GetItemCommand(key));
    },
    SQS: () =>
      sqsClient().send(
        new SendMessageCommand({ QueueUrl: `${server.origin}/000000000000/queue`, MessageBody: 'body' }),
      ),
    'Secrets Manager': () => secretsManagerClient().send(new DescribeSecretCommand({ SecretId: 'secret' })),
  };

  it.each(Object.entries(calls))(
    'for %s find their endpoint in the environment and try three times',
    async (_, call) => {
      server.handle((_request, response) => response.writeHead(500).end());
      await expect(call()).rejects.toThrow();
      expect(server.requests).toHaveLength(3);
    },
  );

  it('throw when an endpoint does not answer, well before a function runs out of time', async () => {
    const { requestTimeout, connectionTimeout } = clientConfig.requestHandler;
    expect((requestTimeout + connectionTimeout) * clientConfig.maxAttempts).toBeLessThan(25_000);

    server.handle(() => undefined);
    const hasty = new DynamoDBClient({
      ...clientConfig,
      requestHandler: { ...clientConfig.requestHandler, requestTimeout: 100 },
    });
    const key = { TableName: 'table', Key: { pk: { S: 'key' } } };
    await expect(hasty.send(new GetItemCommand(key))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(server.requests).toHaveLength(3);
    hasty.destroy();
  });
});
