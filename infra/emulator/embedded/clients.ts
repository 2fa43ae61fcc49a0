import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
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
