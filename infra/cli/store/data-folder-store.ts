import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoGovernor } from '../../../lib/aws/dynamo-governor.ts';
import { DynamoIdBatches } from '../../../lib/aws/dynamo-id-batches.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { secretFields } from '../../../lib/connectors/connector.ts';
import type { RecordSource } from '../../../lib/operations/list-records.ts';
import { ofDeployments } from '../../../lib/operations/words.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import { contextOfProject } from '../../settings/project.ts';
import { localDynamoDb, localSqs } from '../../emulator/embedded/clients.ts';
import {
  DataInUseError,
  readRunning,
  removeRunning,
  type Running,
} from '../../emulator/embedded/data-lock.ts';
import { startEmbeddedDynamoDb } from '../../emulator/embedded/embedded-dynamodb.ts';
import { isServerOf, newAccessKey } from '../../emulator/embedded/guard.ts';
import { mustBeOwn } from '../../laptop/data-folder/data-folder.ts';
import { readDescription } from '../../laptop/data-folder/description.ts';
import { lockData } from '../../laptop/data-folder/lock.ts';
import { keyVariables } from '../../laptop/options/selection.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { physicalName } from '../../emulator/template/identities.ts';
import { queueUrl } from '../../emulator/template/local-account.ts';
import { logicalIdOf } from '../../settings/logical-id.ts';
import { readSettings } from '../../settings/settings.ts';
import { Catalogue } from './catalogue.ts';
import type { QueuePart, Store } from './store.ts';

/** `npm start` holds the folder for a moment before it says where it listens, and after it has stopped to. */
const lockedForMs = 10_000;
const lookAgainMs = 100;

/**
 * The data of a laptop: through the `npm start` that has it open, if there is one, else by opening the folder.
 *
 * @throws UsageError if nothing has been stored there yet or it is another user's, DataInUseError if the folder stays locked.
 */
export async function openDataFolderStore(dataDir: string): Promise<Store> {
  await mustBeOwn(dataDir);
  const description = await readDescription(dataDir);
  if (description === null) {
    throw new UsageError(
      `There is no data in ${dataDir} yet: run npm start first, or name its folder with --data.`,
    );
  }
  const { checkpointsTable, recordsTable, streams } = description;
  const catalogue = new Catalogue(readSettings(contextOfProject().pagekeeper));
  let connection = await connect(dataDir);
  const { ticking } = connection;
  const isWatching = ticking.length > 0;
  const sqs = connection.queues === null ? null : localSqs(connection.queues, connection.accessKey);
  return {
    streams,
    catalogue,
    checkpoints: new DynamoCheckpoints(connection.client, checkpointsTable),
    breakers: new DynamoBreakers(connection.client, checkpointsTable),
    governor: new DynamoGovernor(connection.client, checkpointsTable),
    records: {
      scan: (stream) =>
        survivingScan(stream, async (again) => {
          if (again) connection = await connect(dataDir);
          return new DynamoRecords(connection.client, recordsTable);
        }),
      list: (...asked) => new DynamoRecords(connection.client, recordsTable).list(...asked),
    },
    eraser: {
      records: {
        eraseRecord: (stream, id) => new DynamoRecords(connection.client, recordsTable).eraseRecord(stream, id),
      },
      idBatches: {
        remove: (stream, id) =>
          new DynamoIdBatches(connection.client, checkpointsTable, systemClock).remove(stream, id),
      },
    },
    remains: 'The files of its database may still hold it until they are tidied up.',
    rhythm: isWatching ? ofDeployments : { tick: 'the next npm start', watched: false },
    isTicking: (stream) => ticking.includes(stream),
    newKey: () => 'given to npm start',
    queues: sqs && {
      client: sqs,
      urlOf: (name, part) =>
        Promise.resolve(queueUrl(connection.queues ?? '', queueName(catalogue.stackName, name, part))),
    },
    deployment: null,
    close: () => {
      sqs?.destroy();
      return connection.close();
    },
  };
}

/** The variables that hold the key of a connection. */
export function keyOf(name: string, { connections }: Catalogue): string {
  const connector = connections.find((one) => one.name === name)?.settings.connector;
  if (connector === undefined) return 'key';
  const variables = secretFields(connector).map(
    (field) => keyVariables(name, connector.name, field)[0] ?? field,
  );
  return variables.join(' and ');
}

/** As the local runner names the template's queues. */
function queueName(stackName: string, connection: string, part: QueuePart): string {
  const logicalId = logicalIdOf(`Connection-${connection}`, 'Queue', part);
  return physicalName(stackName, logicalId, { Type: 'AWS::SQS::Queue' });
}

/** The `npm start` that is asked may end in the midst of a long list: then it goes on from the folder itself. */
export async function* survivingScan(
  stream: string,
  open: (again: boolean) => Promise<RecordSource>,
): AsyncGenerator<StoredRecord, void, undefined> {
  let last: Buffer | null = null;
  for (let again = false; ; again = true) {
    const source = await open(again);
    try {
      for await (const record of source.scan(stream)) {
        const id = Buffer.from(record.id);
        if (last !== null && id.compare(last) <= 0) continue;
        last = id;
        yield record;
      }
      return;
    } catch (error) {
      if (again || !isConnectionLost(error)) throw error;
    }
  }
}

function isConnectionLost(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE';
}

async function connect(dataDir: string) {
  const giveUpAt = Date.now() + lockedForMs;
  for (;;) {
    const running = await readRunning(dataDir);
    if (running !== undefined && (await answers(running))) {
      const accessKey = running.accessKey ?? anyKey;
      const client = localDynamoDb(running.dynamodb, accessKey);
      return {
        client,
        accessKey,
        queues: running.queues ?? null,
        ticking: running.ticking ?? [],
        close: () => {
          client.destroy();
          return Promise.resolve();
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
      // Nobody is to ask here: this process ends as soon as it has what it came for.
      await removeRunning(dataDir);
      return {
        client: server.client,
        accessKey,
        queues: null,
        ticking: [],
        close: () => server.close().finally(unlock),
      };
    } catch (error) {
      await unlock();
      throw error;
    }
  }
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
