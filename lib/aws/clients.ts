import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * How the SDK's clients wait. Region, credentials and endpoint (`AWS_ENDPOINT_URL_DYNAMODB` and its like) come from the
 * environment, as Lambda and the local runner set it.
 *
 * Three tries of five seconds stay well below the shortest function time-out (20 s), so that a dead endpoint ends in an
 * error with a name and not in a killed function.
 */
export const clientConfig = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    // Without this the SDK only writes a warning when the time is up, and waits on.
    throwOnRequestTimeout: true,
  },
};

export function dynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient(clientConfig);
}

export function sqsClient(): SQSClient {
  return new SQSClient(clientConfig);
}

export function secretsManagerClient(): SecretsManagerClient {
  return new SecretsManagerClient(clientConfig);
}

export function s3Client(): S3Client {
  return new S3Client(clientConfig);
}

export function eventBridgeClient(): EventBridgeClient {
  return new EventBridgeClient(clientConfig);
}

export function snsClient(): SNSClient {
  return new SNSClient(clientConfig);
}
