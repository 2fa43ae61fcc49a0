import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

import { localCredentials, localRegion } from '../template/local-account.ts';

/** Clients that reach the embedded servers and nothing else, whatever the user's own AWS settings say. */
const common = (endpoint: string, accessKey: string) => ({
  endpoint,
  region: localRegion,
  credentials: localCredentials(accessKey),
});

export function localDynamoDb(endpoint: string, accessKey: string): DynamoDBClient {
  return new DynamoDBClient(common(endpoint, accessKey));
}

export function localSqs(endpoint: string, accessKey: string): SQSClient {
  // Messages are checked by MD5 otherwise, and there is no network here that could change them.
  return new SQSClient({ ...common(endpoint, accessKey), md5: false });
}

export function localSns(endpoint: string, accessKey: string): SNSClient {
  return new SNSClient(common(endpoint, accessKey));
}

export function localSecrets(endpoint: string, accessKey: string): SecretsManagerClient {
  return new SecretsManagerClient(common(endpoint, accessKey));
}

/** Loaded when it is asked for: it is the largest of them, and most commands have nothing to do with it. */
export async function localS3(endpoint: string, accessKey: string): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3');
  return new S3Client(common(endpoint, accessKey));
}
