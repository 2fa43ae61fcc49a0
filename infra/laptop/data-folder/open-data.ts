import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';

import { localDynamoDb, localS3, localSecrets, localSqs } from '../../emulator/embedded/clients.ts';
import {
  DataInUseError,
  readRunning,
  removeRunning,
  type Running,
} from '../../emulator/embedded/data-lock.ts';
import { startEmbeddedDynamoDb } from '../../emulator/embedded/embedded-dynamodb.ts';
import { isServerOf, newAccessKey } from '../../emulator/embedded/guard.ts';
import { physicalName } from '../../emulator/template/identities.ts';
import { queueUrl } from '../../emulator/template/local-account.ts';
import { lockData } from './lock.ts';

/** `npm start` holds the folder for a moment before it says where it listens, and after it has stopped to. */
const lockedForMs = 10_000;
const lookAgainMs = 100;

/** The database of a data folder, and the queues of the `npm start` that works on it. */
export interface OpenData {
  readonly client: DynamoDBClient;
  /**
   * The objects, opened when somebody asks, so that it costs nobody else anything. Null where an `npm start` runs whose version
   * or template has none.
   */
  s3(): Promise<S3Client | null>;
  /** Null where no functions run. */
  readonly queues: OpenQueues | null;
  /** Null where no functions run, or those of a version before: then nothing keeps a secret here. */
  readonly secrets: SecretsManagerClient | null;
  /** The streams whose ticks come by their schedules. */
  readonly ticking: readonly string[];
  close(): Promise<void>;
}

export interface OpenQueues {
  readonly client: SQSClient;
  /** As the local runner names the queues of a template. */
  urlOf(stackName: string, logicalId: string): string;
}

/**
 * Opens what is stored: through the `npm start` that has it open, if there is one, else by itself.
 * @throws DataInUseError if the folder stays locked.
 */
export async function openData(dataDir: string): Promise<OpenData> {
  const giveUpAt = Date.now() + lockedForMs;
  for (;;) {
    const running = await readRunning(dataDir);
    if (running !== undefined && (await answers(running))) {
      const accessKey = running.accessKey ?? anyKey;
      const client = localDynamoDb(running.dynamodb, accessKey);
      const queues = running.queues === undefined ? null : queuesAt(running.queues, accessKey);
      const secrets = running.secrets === undefined ? null : localSecrets(running.secrets, accessKey);
      const s3 = onDemand(async () => {
        const objects = running.s3 === undefined ? null : await localS3(running.s3, accessKey);
        return { client: objects, close: () => Promise.resolve(objects?.destroy()) };
      });
      return {
        client,
        s3: s3.client,
        ...{ queues, secrets },
        ticking: running.ticking ?? [],
        close: async () => {
          await s3.close();
          queues?.client.destroy();
          secrets?.destroy();
          client.destroy();
        },
      };
    }
    let unlock: () => Promise<void>;
    try {
      // Not for long: whoever has it may tell any moment where it can be asked.
      unlock = await lockData(dataDir, lookAgainMs);
    } catch (error) {
      if (!(error instanceof DataInUseError) || Date.now() > giveUpAt) throw error;
      continue;
    }
    try {
      // No tables are asked for: what is not there is not to be made by somebody who only looks.
      const accessKey = newAccessKey();
      const server = await startEmbeddedDynamoDb(dataDir, [], accessKey);
      const s3 = onDemand(() => startStoredS3(dataDir, accessKey));
      // Nobody is to ask here: this process ends as soon as it has what it came for.
      await removeRunning(dataDir);
      return {
        client: server.client,
        s3: s3.client,
        ...{ queues: null, secrets: null },
        ticking: [],
        close: () =>
          s3
            .close()
            .finally(() => server.close())
            .finally(unlock),
      };
    } catch (error) {
      await unlock();
      throw error;
    }
  }
}

interface Objects {
  readonly client: S3Client | null;
  close(): Promise<void>;
}

/** Opened once, for the first who asks. */
function onDemand(open: () => Promise<Objects>) {
  let opened: Promise<Objects> | undefined;
  return {
    client: async () => (await (opened ??= open())).client,
    close: async () => (await opened)?.close(),
  };
}

async function startStoredS3(dataDir: string, accessKey: string): Promise<Objects> {
  const { startEmbeddedS3, storedBuckets } = await import('../../emulator/embedded/embedded-s3.ts');
  return startEmbeddedS3({ dataDir, buckets: await storedBuckets(dataDir), accessKey });
}

function queuesAt(origin: string, accessKey: string): OpenQueues {
  return {
    client: localSqs(origin, accessKey),
    urlOf: (stackName, logicalId) =>
      queueUrl(origin, physicalName(stackName, logicalId, { Type: 'AWS::SQS::Queue' })),
  };
}

/** Pids and ports are used again, so a living process of that number proves nothing. */
function answers({ accessKey, dynamodb }: Running): Promise<boolean> {
  return accessKey === undefined ? isDynamoDb(dynamodb) : isServerOf(accessKey, dynamodb);
}

/** For an `npm start` of a version that had no guard, and that still runs. */
const anyKey = 'local';

async function isDynamoDb(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return (await answer.text()).startsWith('healthy: dynamodb');
  } catch {
    return false;
  }
}
