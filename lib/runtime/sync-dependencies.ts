import { randomUUID } from 'node:crypto';

import { dynamoDbClient, secretsManagerClient, sqsClient } from '../aws/clients.ts';
import { DynamoBreakers } from '../aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../aws/dynamo-checkpoints.ts';
import { DynamoGovernor } from '../aws/dynamo-governor.ts';
import { DynamoOutages } from '../aws/dynamo-outages.ts';
import { DynamoRecords } from '../aws/dynamo-records.ts';
import { DynamoIdBatches } from '../aws/dynamo-id-batches.ts';
import { DynamoSchemas } from '../aws/dynamo-schemas.ts';
import { DynamoSeenRows } from '../aws/dynamo-seen-rows.ts';
import { DynamoTokenStates } from '../aws/dynamo-token-states.ts';
import { PowertoolsMeasurements } from '../aws/powertools-measurements.ts';
import { SecretsManagerSecrets } from '../aws/secrets-manager-secrets.ts';
import { SecretsManagerTokens } from '../aws/secrets-manager-tokens.ts';
import { SqsPageQueue } from '../aws/sqs-page-queue.ts';
import { KyVendor } from '../http/ky-vendor.ts';
import type { SyncDependencies } from '../sync/work.ts';
import { systemClock } from './clock.ts';
import { readSyncEnvironment } from './environment.ts';
import { logFault } from './logger.ts';

/** Time that a function keeps for storing a page, beyond the vendor's: in seconds. */
const storingSeconds = 10;

/** Runs on a cold start only. The queue is the adapter itself, for it can also defer a message that was received. */
export function bindSyncDependencies(): SyncDependencies & { readonly queue: SqsPageQueue } {
  const { deployment, checkpointsTable, recordsTable, connection } = readSyncEnvironment(process.env);
  const dynamoDb = dynamoDbClient();
  const secretsManager = secretsManagerClient();
  const { tokens } = connection;
  return {
    streams: new Map(connection.streams.map((stream) => [stream.name, stream])),
    baseUrl: connection.baseUrl,
    checkpoints: new DynamoCheckpoints(dynamoDb, checkpointsTable),
    breakers: new DynamoBreakers(dynamoDb, checkpointsTable),
    outages: new DynamoOutages(dynamoDb, checkpointsTable),
    governor: new DynamoGovernor(dynamoDb, checkpointsTable),
    records: new DynamoRecords(dynamoDb, recordsTable),
    seenRows: new DynamoSeenRows(dynamoDb, checkpointsTable, systemClock),
    schemas: new DynamoSchemas(dynamoDb, checkpointsTable),
    idBatches: new DynamoIdBatches(dynamoDb, checkpointsTable, systemClock),
    queue: new SqsPageQueue(sqsClient(), connection.pageQueueUrl),
    secrets: new SecretsManagerSecrets(secretsManager, connection.secretName, systemClock),
    tokens: tokens && {
      url: tokens.url,
      states: new DynamoTokenStates(dynamoDb, checkpointsTable),
      vault: new SecretsManagerTokens(secretsManager, tokens.secretName),
      memory: { held: null },
    },
    vendor: new KyVendor({
      timeoutMs: (connection.timeoutSeconds - storingSeconds) * 1000,
      maxPageBytes: connection.maxPageMb * 1024 * 1024,
      clock: systemClock,
    }),
    measurements: new PowertoolsMeasurements(deployment),
    faults: { note: logFault },
    clock: systemClock,
    random: Math.random,
    newId: randomUUID,
  };
}
