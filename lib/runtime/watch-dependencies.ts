import { randomUUID } from 'node:crypto';

import { dynamoDbClient, secretsManagerClient, sqsClient } from '../aws/clients.ts';
import { DynamoBreakers } from '../aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../aws/dynamo-checkpoints.ts';
import { DynamoOutages } from '../aws/dynamo-outages.ts';
import { PowertoolsMeasurements } from '../aws/powertools-measurements.ts';
import { SecretVersions } from '../aws/secret-versions.ts';
import { SqsPageQueue } from '../aws/sqs-page-queue.ts';
import type { WatchDependencies } from '../sync/watch.ts';
import { systemClock } from './clock.ts';
import { readEnvironment } from './environment.ts';
import { logFault } from './logger.ts';

/** Runs on a cold start only. */
export function bindWatchDependencies(): WatchDependencies {
  const { deployment, checkpointsTable, connections } = readEnvironment(process.env);
  const dynamoDb = dynamoDbClient();
  const sqs = sqsClient();
  const versions = new SecretVersions(secretsManagerClient());
  return {
    connections: connections.map(({ name, streams, pageQueueUrl, secretName }) => ({
      name,
      streams,
      queue: new SqsPageQueue(sqs, pageQueueUrl),
      secretVersion: () => versions.currentVersion(secretName),
    })),
    checkpoints: new DynamoCheckpoints(dynamoDb, checkpointsTable),
    breakers: new DynamoBreakers(dynamoDb, checkpointsTable),
    outages: new DynamoOutages(dynamoDb, checkpointsTable),
    measurements: new PowertoolsMeasurements(deployment),
    faults: { note: logFault },
    clock: systemClock,
    newId: randomUUID,
  };
}
