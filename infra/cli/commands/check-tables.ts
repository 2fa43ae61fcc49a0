import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

import type { Finding } from '../../../lib/operations/check.ts';
import type { TablePart } from '../../settings/names.ts';
import { ownFinding } from './finding.ts';

/** What a table has of what the stack gives its own. */
export interface TableFacts {
  readonly part: TablePart;
  readonly name: string;
  /** Partition key, then sort key. */
  readonly keys: readonly string[] | Unseen;
  readonly expiresBy: string | null | Unseen;
  readonly recoverable: boolean | Unseen;
  readonly isProtected: boolean | Unseen;
}

/** It could not be found out. */
export interface Unseen {
  /** The name of AWS's error. */
  readonly unseen: string;
}

const keysOf: Readonly<Record<TablePart, readonly string[]>> = {
  Checkpoints: ['pk'],
  Records: ['stream', 'id'],
};

export interface Expected {
  /** The data is to outlive the stack. */
  readonly keepsData: boolean;
  /** What the commands of AWS need to reach the same account: ` --region eu-west-1`, or nothing. */
  readonly account: string;
}

/** A table that was restored or imported lacks what is no part of its data. */
export async function checkTables(
  client: DynamoDBClient,
  tables: readonly { readonly part: TablePart; readonly name: string }[],
  expected: Expected,
): Promise<readonly Finding[]> {
  const facts = await Promise.all(tables.map(async ({ part, name }) => factsOf(client, part, name)));
  return tableFindings(facts, expected);
}

async function factsOf(client: DynamoDBClient, part: TablePart, TableName: string): Promise<TableFacts> {
  const [table, ttl, backups] = await Promise.all([
    seen(client.send(new DescribeTableCommand({ TableName }))),
    seen(client.send(new DescribeTimeToLiveCommand({ TableName }))),
    seen(client.send(new DescribeContinuousBackupsCommand({ TableName }))),
  ]);
  const of = <In extends object, Out>(answer: In | Unseen, read: (answer: In) => Out): Out | Unseen =>
    'unseen' in answer ? answer : read(answer);
  return {
    part,
    name: TableName,
    keys: of(table, ({ Table }) => (Table?.KeySchema ?? []).map(({ AttributeName = '' }) => AttributeName)),
    isProtected: of(table, ({ Table }) => Table?.DeletionProtectionEnabled === true),
    expiresBy: of(ttl, ({ TimeToLiveDescription: { TimeToLiveStatus, AttributeName } = {} }) =>
      TimeToLiveStatus === 'ENABLED' || TimeToLiveStatus === 'ENABLING' ? (AttributeName ?? null) : null,
    ),
    recoverable: of(
      backups,
      ({ ContinuousBackupsDescription }) =>
        ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED',
    ),
  };
}

/** A person without the permission is told so, and the rest is looked at all the same. */
function seen<T extends object>(answer: Promise<T>): Promise<T | Unseen> {
  return answer.catch((error: unknown) => ({ unseen: error instanceof Error ? error.name : String(error) }));
}

/** Pure. */
export function tableFindings(tables: readonly TableFacts[], expected: Expected): readonly Finding[] {
  const { keepsData } = expected;
  const findings = tables.flatMap((table) => findingsOf(table, expected));
  if (findings.length > 0) return findings;
  const kept = keepsData ? ', point-in-time recovery and deletion protection' : ' and point-in-time recovery';
  return [ownFinding('tables', 'good', `both have their keys, time to live${kept}.`)];
}

function findingsOf(table: TableFacts, { keepsData, account }: Expected): readonly Finding[] {
  const { part, name, keys, expiresBy, recoverable, isProtected } = table;
  const unseen = [keys, expiresBy, recoverable, isProtected].flatMap((fact) =>
    typeof fact === 'object' && fact !== null && 'unseen' in fact ? [fact.unseen] : [],
  );
  const wanted = keysOf[part];
  const faults = [
    ...(Array.isArray(keys) && keys.join() !== wanted.join()
      ? [
          `has the key ${keys.join(', ')}, and ${part.toLowerCase()} need ${wanted.join(', ')}: it is another table`,
        ]
      : []),
    ...(expiresBy === null || (typeof expiresBy === 'string' && expiresBy !== 'expiresAt')
      ? [
          `does not remove what has expired: aws dynamodb update-time-to-live${account} --table-name ${name} --time-to-live-specification Enabled=true,AttributeName=expiresAt`,
        ]
      : []),
    ...(recoverable === false
      ? [
          `has no point-in-time recovery: aws dynamodb update-continuous-backups${account} --table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
        ]
      : []),
    ...(isProtected === false && keepsData
      ? [
          `can be deleted by accident: aws dynamodb update-table${account} --table-name ${name} --deletion-protection-enabled`,
        ]
      : []),
  ];
  return [
    ...faults.map((what) => ownFinding('tables', 'fault', `${name} ${what}`)),
    ...[...new Set(unseen)].map((error) =>
      error === 'ResourceNotFoundException'
        ? ownFinding(
            'tables',
            'fault',
            `there is no table ${name} in this account and region: look at tables in cdk.json.`,
          )
        : ownFinding(
            'tables',
            'unknown',
            `${name} could not be looked at in full: AWS answered with ${error}.`,
          ),
    ),
  ];
}
