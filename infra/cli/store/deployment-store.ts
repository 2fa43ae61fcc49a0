import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';

import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoGovernor } from '../../../lib/aws/dynamo-governor.ts';
import { DynamoIdBatches } from '../../../lib/aws/dynamo-id-batches.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { ofDeployments } from '../../../lib/operations/words.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { contextOfProject } from '../../settings/project.ts';
import { readSettings } from '../../settings/read-settings.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { Catalogue } from './catalogue.ts';
import { Deployment, type Account } from './deployment.ts';
import type { Store } from './store.ts';

/**
 * A deployment in AWS, in the account and region that the AWS settings of the shell name. Its streams are those of
 * cdk.json, its tables are found by their names: CloudFormation begins them with the stack's.
 *
 * @throws UsageError if there is no such stack there.
 */
export async function openDeploymentStore(
  stack: string,
  variables: Readonly<Record<string, string | undefined>>,
  account: Account = {},
  client = new DynamoDBClient(account),
): Promise<Store> {
  const names: string[] = [];
  // Starts where the stack's own names would be: an account may have thousands of tables.
  const pages = paginateListTables({ client }, { ExclusiveStartTableName: `${stack}-Tables` });
  for await (const { TableNames = [] } of pages) {
    const own = TableNames.filter((name) => name.startsWith(`${stack}-Tables`));
    names.push(...own);
    if (own.length < TableNames.length) break;
  }
  const region = await client.config.region();
  const tableOf = (part: Part): string =>
    variables[`PAGEKEEPER_${part.toUpperCase()}_TABLE`] ?? onlyTable(names, stack, part, region);
  const [checkpointsTable, recordsTable] = [tableOf('Checkpoints'), tableOf('Records')];
  const records = new DynamoRecords(client, recordsTable);
  const catalogue = new Catalogue(readSettings(contextOfProject().pagekeeper), stack);
  const deployment = new Deployment(stack, account);
  return {
    streams: catalogue.streams.map(({ name }) => name),
    catalogue,
    checkpoints: new DynamoCheckpoints(client, checkpointsTable),
    breakers: new DynamoBreakers(client, checkpointsTable),
    governor: new DynamoGovernor(client, checkpointsTable),
    records,
    eraser: { records, idBatches: new DynamoIdBatches(client, checkpointsTable, systemClock) },
    remains: 'Point-in-time recovery of the table keeps its old versions for up to 35 days.',
    tickSource: ofDeployments,
    isTicking: () => true,
    newKey: (connection) => `npx pagekeeper secret set ${connection} --stack ${stack}`,
    queues: {
      client: deployment.sqs,
      urlOf: (connection, part) => deployment.queueUrl(connection, part),
    },
    deployment,
    close: () => {
      deployment.close();
      client.destroy();
      return Promise.resolve();
    },
  };
}

/** Of the logical id in infra/constructs/tables.ts, behind which CDK and CloudFormation put theirs. */
type Part = 'Checkpoints' | 'Records';

function onlyTable(names: readonly string[], stack: string, part: Part, region: string): string {
  const [name, ...others] = names.filter((candidate) => candidate.startsWith(`${stack}-Tables${part}`));
  if (name === undefined) {
    throw new UsageError(
      `--stack: there is no table …-Tables${part}… of that stack in this account in ${region}; look at AWS_PROFILE and AWS_REGION, and for the stack's name in the output of cdk deploy.`,
    );
  }
  if (others.length > 0) {
    // Tables outlive their stack, so one that was deployed twice has left some behind.
    throw new UsageError(
      `--stack: there is more than one table for ${stack} (${[name, ...others].join(', ')}); name the one in use with PAGEKEEPER_${part.toUpperCase()}_TABLE.`,
    );
  }
  return name;
}
