import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { DynamoAudit } from '../../../lib/aws/dynamo-audit.ts';
import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoGovernor } from '../../../lib/aws/dynamo-governor.ts';
import { DynamoIdBatches } from '../../../lib/aws/dynamo-id-batches.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { ofDeployments } from '../../../lib/operations/words.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { contextOfProject } from '../../settings/project.ts';
import { readSettings } from '../../settings/read-settings.ts';
import type { TablePart } from '../../settings/names.ts';
import { Catalogue } from './catalogue.ts';
import { Deployment, type Account } from './deployment.ts';
import type { Store } from './store.ts';
import { callerArn } from './who-acts.ts';

/**
 * A deployment in AWS, in the account and region that the AWS settings of the shell name. Its streams are those of cdk.json,
 * its tables those that the stack's functions work on.
 *
 * @throws UsageError if there is no such stack there.
 */
export async function openDeploymentStore(
  stack: string,
  variables: Readonly<Record<string, string | undefined>>,
  account: Account = {},
  client = new DynamoDBClient(account),
): Promise<Store> {
  const settings = readSettings(contextOfProject().pagekeeper);
  const deployment = new Deployment(stack, account, client);
  const { Checkpoints: checkpointsTable, Records: recordsTable } = await tablesOf(variables, deployment);
  const records = new DynamoRecords(client, recordsTable);
  const catalogue = new Catalogue(settings, stack);
  return {
    streams: catalogue.streams.map(({ name }) => name),
    catalogue,
    checkpoints: new DynamoCheckpoints(client, checkpointsTable),
    breakers: new DynamoBreakers(client, checkpointsTable),
    governor: new DynamoGovernor(client, checkpointsTable),
    records,
    eraser: { records, idBatches: new DynamoIdBatches(client, checkpointsTable, systemClock) },
    audit: new DynamoAudit(client, checkpointsTable, systemClock),
    whoActs: () => callerArn(client, variables),
    remains: 'Point-in-time recovery of the table keeps its old versions for up to 35 days.',
    tickSource: ofDeployments,
    isTicking: () => true,
    newKey: (connection) => `npx pagekeeper secret set ${connection} --stack ${stack}`,
    queues: {
      client: deployment.sqs,
      urlOf: (connection, part) => deployment.queueUrl(connection, part),
    },
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

/** Of variables where they name them: then nobody has to look at the stack. */
async function tablesOf(
  variables: Readonly<Record<string, string | undefined>>,
  deployment: Deployment,
): Promise<Readonly<Record<TablePart, string>>> {
  const { PAGEKEEPER_CHECKPOINTS_TABLE: Checkpoints, PAGEKEEPER_RECORDS_TABLE: Records } = variables;
  if (Checkpoints !== undefined && Records !== undefined) return { Checkpoints, Records };
  const own = await deployment.tableNames();
  return { Checkpoints: Checkpoints ?? own.Checkpoints, Records: Records ?? own.Records };
}
