import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

import { localCredentials, localRegion } from '../template/local-account.ts';

/** Clients that reach the embedded servers and nothing else, whatever the user's own AWS settings say. */
const common = (endpoint: string) => ({ endpoint, region: localRegion, credentials: localCredentials });

export function localDynamoDb(endpoint: string): DynamoDBClient {
  return new DynamoDBClient(common(endpoint));
}

export function localSqs(endpoint: string): SQSClient {
  // Messages are checked by MD5 otherwise, and there is no network here that could change them.
  return new SQSClient({ ...common(endpoint), md5: false });
}

export function localSns(endpoint: string): SNSClient {
  return new SNSClient(common(endpoint));
}
