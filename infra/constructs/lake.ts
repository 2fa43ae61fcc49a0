import { CfnOutput, Stack } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { formatStreamName } from '../../lib/connectors/stream-name.ts';
import { changesPrefix } from '../../lib/changes/object-key.ts';
import { snapshotsPrefix } from '../../lib/changes/snapshot-key.ts';
import { historyOf, lakeTables, presentStateOf } from '../../lib/tables/lake-sql.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import { lakeDatabaseOf, lakeOutputs } from '../settings/names.ts';
import type { ChangeLogSettings, ConnectionSettings } from '../settings/settings.ts';

export interface LakeProps {
  readonly deployment: string;
  readonly connections: readonly ConnectionSettings[];
  readonly changes: ChangeLogSettings;
  readonly bucket: Bucket;
  readonly key: KmsKey | null;
}
import { outputId } from './room.ts';

/** Where Athena puts what it was asked for. It holds what the log holds, and is kept for a day. */
export const resultsPrefix = 'query-results/';

/**
 * Tables over the change log and its snapshots, for engines that read Glue's catalogue. Which objects there are is told by
 * their names alone (partition projection): nothing crawls, and nothing has to be kept up to date.
 */
export class Lake extends Construct {
  constructor(scope: Construct, id: string, { deployment, connections, changes, bucket, key }: LakeProps) {
    super(scope, id);
    const catalogId = Stack.of(this).account;
    const name = lakeDatabaseOf(deployment);
    const database = new CfnDatabase(this, 'Database', {
      catalogId,
      databaseInput: {
        name,
        description: `${deployment}: the log of all changes of records, and its snapshots`,
      },
    });
    const streams = connections.flatMap((connection) =>
      connection.streams.map((stream) =>
        formatStreamName({ connection: connection.name, stream: stream.name }),
      ),
    );
    const of = {
      connection: enumOf(connections.map((connection) => connection.name)),
      stream: enumOf(connections.flatMap((connection) => connection.streams.map((stream) => stream.name))),
    };
    const day = {
      ...{ type: 'date', format: 'yyyy-MM-dd', interval: '1', 'interval.unit': 'DAYS' },
      range: `NOW-${String(changes.retentionDays + 1)}DAYS,NOW+1DAYS`,
    };
    this.#table(name, database, lakeTables.changes, `${bucketUrl(bucket)}/${changesPrefix}`, { ...of, day });
    this.#table(name, database, lakeTables.snapshots, `${bucketUrl(bucket)}/${snapshotsPrefix}`, of);

    const workGroup = new CfnWorkGroup(this, 'WorkGroup', {
      name: deployment,
      description: `${deployment}: queries of its change log`,
      // Its queries are no data.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: false,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `${bucketUrl(bucket)}/${resultsPrefix}`,
          encryptionConfiguration:
            key === null ? { encryptionOption: 'SSE_S3' } : { encryptionOption: 'SSE_KMS', kmsKey: key.arn },
        },
      },
    });
    const [example = 'bob/people'] = streams;
    const queries = {
      History: ['history of a record', historyOf(example, 'ID')],
      PresentState: ['present state of a stream', presentStateOf(example)],
    } as const;
    for (const [queryId, [title, sql]] of Object.entries(queries)) {
      const query = new CfnNamedQuery(this, queryId, {
        ...{ name: `${deployment}: ${title}`, database: name, workGroup: workGroup.name },
        queryString: `-- Put another stream in the place of ${example}, at each place where it is named.\n${sql}`,
      });
      query.addResourceDependency(workGroup);
      query.addResourceDependency(database);
    }
    new CfnOutput(this, 'DatabaseName', {
      value: name,
      description: 'Tables over the log of all changes, in the catalogue of Glue',
    }).overrideLogicalId(outputId(scope, lakeOutputs.database));
    new CfnOutput(this, 'WorkGroupName', { value: workGroup.name }).overrideLogicalId(
      outputId(scope, lakeOutputs.workGroup),
    );
  }

  /** Each line of an object is one text: what is in it is read by the query, and keeps every digit. */
  #table(
    databaseName: string,
    database: CfnDatabase,
    name: string,
    location: string,
    partitions: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): void {
    const projection = new Map(
      Object.entries(partitions).flatMap(([column, rules]) =>
        Object.entries(rules).map(([rule, value]) => [`projection.${column}.${rule}`, value] as const),
      ),
    );
    const template = Object.keys(partitions).map((column) => `\${${column}}`);
    const table = new CfnTable(this, `Table-${name}`, {
      catalogId: Stack.of(this).account,
      databaseName,
      tableInput: {
        name,
        tableType: 'EXTERNAL_TABLE',
        parameters: {
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          ...Object.fromEntries(projection),
          'storage.location.template': `${location}${template.join('/')}/`,
        },
        partitionKeys: Object.keys(partitions).map((column) => ({ name: column, type: 'string' })),
        storageDescriptor: {
          columns: [{ name: 'line', type: 'string' }],
          location,
          inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          serdeInfo: {
            serializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
            // In JSON this character stands as six others, so that a line is never divided.
            parameters: { 'field.delim': '\u0001' },
          },
        },
      },
    });
    table.addResourceDependency(database);
  }
}

function enumOf(values: readonly string[]): Readonly<Record<string, string>> {
  return { type: 'enum', values: [...new Set(values)].join(',') };
}

function bucketUrl(bucket: Bucket): string {
  return `s3://${bucket.bucketName}`;
}
