import { DynamoAudit } from '../../../lib/aws/dynamo-audit.ts';
import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoForgotten } from '../../../lib/aws/dynamo-forgotten.ts';
import { DynamoGovernor } from '../../../lib/aws/dynamo-governor.ts';
import { DynamoIdBatches } from '../../../lib/aws/dynamo-id-batches.ts';
import { DynamoMutes } from '../../../lib/aws/dynamo-mutes.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { DynamoSchemas } from '../../../lib/aws/dynamo-schemas.ts';
import { S3Log } from '../../../lib/aws/s3-log.ts';
import { secretFields } from '../../../lib/connectors/connector.ts';
import { paceOfFunctions, paceOfNobody } from '../../../lib/operations/forget-in-log.ts';
import type { RecordSource } from '../../../lib/operations/list-records.ts';
import { ofDeployments, startCommand } from '../../../lib/operations/words.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import { mustBeOwn } from '../../laptop/data-folder/data-folder.ts';
import { readDescription, type Description } from '../../laptop/data-folder/description.ts';
import { openData } from '../../laptop/data-folder/open-data.ts';
import { keyVariables } from '../../laptop/options/selection.ts';
import { queueIdOf } from '../../settings/names.ts';
import { contextOfProject } from '../../settings/project.ts';
import { readSettings } from '../../settings/read-settings.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { Catalogue } from './catalogue.ts';
import type { Store } from './store.ts';
import { userName } from './who-acts.ts';

/**
 * The data of a laptop: through the `npm start` that has it open, if there is one, else by opening the folder.
 *
 * @throws UsageError if nothing has been stored there yet or it is another user's, DataInUseError if the folder stays locked.
 */
export async function openDataFolderStore(dataDir: string): Promise<Store> {
  const { checkpointsTable, recordsTable, changesBucket, streams } = await descriptionOf(dataDir);
  const catalogue = new Catalogue(readSettings(contextOfProject().pagekeeper));
  let data = await openData(dataDir);
  const { ticking, queues, secrets } = data;
  const isWatching = ticking.length > 0;
  const openLog = async (): Promise<S3Log | null> => {
    const s3 = changesBucket === undefined ? null : await data.s3();
    return s3 === null || changesBucket === undefined ? null : new S3Log(s3, changesBucket, systemClock);
  };
  return {
    streams,
    catalogue,
    checkpoints: new DynamoCheckpoints(data.client, checkpointsTable),
    breakers: new DynamoBreakers(data.client, checkpointsTable),
    mutes: new DynamoMutes(data.client, checkpointsTable),
    schemas: new DynamoSchemas(data.client, checkpointsTable),
    governor: new DynamoGovernor(data.client, checkpointsTable),
    records: {
      scan: (stream) =>
        survivingScan(stream, async (again) => {
          if (again) {
            await data.close();
            data = await openData(dataDir);
          }
          return new DynamoRecords(data.client, recordsTable);
        }),
      find: (...asked) => new DynamoRecords(data.client, recordsTable).find(...asked),
      list: (...asked) => new DynamoRecords(data.client, recordsTable).list(...asked),
    },
    changeLog: async () => {
      const log = await openLog();
      if (log !== null) return log;
      throw new UsageError(
        `There is no change log in ${dataDir}: pagekeeper.changes is false in cdk.json, or ${startCommand} has not run since there is one.`,
      );
    },
    logWork: async () => {
      if (changesBucket === undefined) return null;
      const log = await openLog();
      // Or what is to be taken out of it would stay there, and nobody would hear of it.
      if (log === null)
        throw new UsageError(
          `The ${startCommand} that runs on ${dataDir} has no change log, and the folder has one: stop it first.`,
        );
      return {
        log,
        forgotten: new DynamoForgotten(data.client, checkpointsTable, systemClock),
        keepsBefore: catalogue.settings.changes?.before ?? false,
        // Where no npm start runs, nobody writes to the log.
        pace: queues === null ? paceOfNobody : paceOfFunctions,
      };
    },
    eraser: {
      records: {
        eraseRecord: (stream, id) => new DynamoRecords(data.client, recordsTable).eraseRecord(stream, id),
      },
      idBatches: {
        remove: (stream, id) =>
          new DynamoIdBatches(data.client, checkpointsTable, systemClock).remove(stream, id),
      },
    },
    audit: new DynamoAudit(data.client, checkpointsTable, systemClock),
    whoActs: () => Promise.resolve(userName()),
    remains: 'The files of its database may still hold it until they are tidied up.',
    tickSource: isWatching ? ofDeployments : { tick: `the next ${startCommand}`, watched: false },
    isTicking: (stream) => ticking.includes(stream),
    queues: queues && {
      client: queues.client,
      urlOf: (name, part) => Promise.resolve(queues.urlOf(catalogue.stackName, queueIdOf(name, part))),
    },
    secrets,
    deployment: null,
    tables: [],
    close: () => data.close(),
  };
}

/** Without opening the folder. @throws UsageError if nothing has been stored there yet or it is another user's */
export async function descriptionOf(dataDir: string): Promise<Description> {
  await mustBeOwn(dataDir);
  const description = await readDescription(dataDir);
  if (description !== null) return description;
  throw new UsageError(
    `There is no data in ${dataDir} yet: run ${startCommand} first, or name its folder with --data.`,
  );
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
