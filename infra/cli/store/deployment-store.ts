import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

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
import { paceOfFunctions } from '../../../lib/operations/forget-in-log.ts';
import { ofDeployments } from '../../../lib/operations/words.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { contextOfProject } from '../../settings/project.ts';
import { readSettings } from '../../settings/read-settings.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import type { TablePart } from '../../settings/names.ts';
import type { Settings } from '../../settings/settings.ts';
import { Catalogue } from './catalogue.ts';
import { Deployment, type Account } from './deployment.ts';
import type { Store } from './store.ts';
import { callerArn } from './who-acts.ts';

/**
 * A deployment in AWS, in the account and region that the AWS settings of the shell name. Its settings are those that it was
 * deployed with, its tables those that its functions work on.
 *
 * @throws UsageError if there is no such stack there.
 */
export async function openDeploymentStore(
  stack: string,
  variables: Readonly<Record<string, string | undefined>>,
  account: Account = {},
  client = new DynamoDBClient(account),
): Promise<Store> {
  const deployment = new Deployment(stack, account, client);
  const { settings, tables } = await lookAt(variables, deployment);
  const { Checkpoints: checkpointsTable, Records: recordsTable } = tables;
  const records = new DynamoRecords(client, recordsTable);
  const catalogue = new Catalogue(settings, stack);
  return {
    streams: catalogue.streams.map(({ name }) => name),
    catalogue,
    checkpoints: new DynamoCheckpoints(client, checkpointsTable),
    breakers: new DynamoBreakers(client, checkpointsTable),
    mutes: new DynamoMutes(client, checkpointsTable),
    schemas: new DynamoSchemas(client, checkpointsTable),
    governor: new DynamoGovernor(client, checkpointsTable),
    records,
    changeLog: async () => {
      const bucket = await deployment.changesBucket();
      if (bucket !== null) return new S3Log(deployment.s3, bucket);
      throw new UsageError(
        `--stack: ${stack} has no change log. It was deployed with pagekeeper.changes false, with a records table whose stream is not named (pagekeeper.tables.records.streamArn), or by a version that had none.`,
      );
    },
    logWork: async () => {
      const bucket = await deployment.changesBucket();
      return bucket === null
        ? null
        : {
            log: new S3Log(deployment.s3, bucket),
            forgotten: new DynamoForgotten(client, checkpointsTable, systemClock),
            keepsBefore: settings.changes?.before ?? false,
            pace: paceOfFunctions,
          };
    },
    eraser: { records, idBatches: new DynamoIdBatches(client, checkpointsTable, systemClock) },
    audit: new DynamoAudit(client, checkpointsTable, systemClock),
    whoActs: () => callerArn(client, variables),
    remains: 'Point-in-time recovery of the table keeps its old versions for up to 35 days.',
    tickSource: ofDeployments,
    isTicking: () => true,
    queues: {
      client: deployment.sqs,
      urlOf: (connection, part) => deployment.queueUrl(connection, part),
    },
    secrets: deployment.secrets,
    deployment,
    tables: [
      { part: 'Checkpoints', name: checkpointsTable },
      { part: 'Records', name: recordsTable },
    ],
    close: () => {
      deployment.close();
      return Promise.resolve();
    },
  };
}

interface Looks {
  readonly settings: Settings;
  readonly tables: Readonly<Record<TablePart, string>>;
}

/** Where variables name both tables there need be no stack, nor a permission to look at it: then cdk.json has the settings. */
async function lookAt(
  variables: Readonly<Record<string, string | undefined>>,
  deployment: Deployment,
): Promise<Looks> {
  const { PAGEKEEPER_CHECKPOINTS_TABLE: Checkpoints, PAGEKEEPER_RECORDS_TABLE: Records } = variables;
  const ownSettings = () => readSettings(contextOfProject().pagekeeper);
  if (Checkpoints !== undefined && Records !== undefined) {
    const settings = await deployment.settings().catch(() => null);
    return { settings: settings ?? ownSettings(), tables: { Checkpoints, Records } };
  }
  const [settings, own] = await Promise.all([deployment.settings(), deployment.tableNames()]);
  return {
    // A version before this one has left no settings in the stack.
    settings: settings ?? ownSettings(),
    tables: { Checkpoints: Checkpoints ?? own.Checkpoints, Records: Records ?? own.Records },
  };
}
