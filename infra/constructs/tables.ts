import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  StreamViewType,
  Table,
  TableEncryption,
  type ITable,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

import type { TablePart } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';

/** The stack's own, or one that there is already. */
export type TableInUse = Omit<ITable, 'tableStreamArn'>;

type TableSettings = Pick<Settings, 'keepsData' | 'tables' | 'streamArns' | 'changes' | 'kmsKey'>;

/** What the deployment remembers. The names of the key attributes are those of lib/aws. */
export class Tables extends Construct {
  /**
   * `pk`: `stream#mobaro/users`, `seen#mobaro/users#<run>#<page>`, `ids#mobaro/users#<batch>`,
   * `schema#mobaro/users`, `breaker#mobaro`, `gate#<limit scope>`, `outage#<limit scope>`, `forgotten#records`, and of persons' acts `audit#<month>#<number>`, which no function may touch.
   */
  readonly checkpoints: TableInUse;
  /** `stream` (`mobaro/users`) and `id`, the vendor's. */
  readonly records: TableInUse;
  /** Of the ARNs of their streams, with old and new images; null where it is not known or nobody reads it. */
  readonly streamArns: Readonly<Record<TablePart, string | null>>;

  /**
   * @param settings.keepsData they outlive the stack, and DynamoDB refuses to delete them.
   * @param settings.tables those that there are already
   * @param settings.kmsKey of the stack's own: those that there are already keep theirs
   */
  constructor(scope: Construct, id: string, settings: TableSettings) {
    super(scope, id);
    const { changes } = settings;
    const stream = StreamViewType.NEW_AND_OLD_IMAGES;
    const checkpoints = this.#use('Checkpoints', settings, {
      stream,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      // What a run has seen is of no use once it is over, and who has acted is kept for somewhat more than a year.
      timeToLiveAttribute: 'expiresAt',
    });
    const records = this.#use('Records', settings, {
      ...(changes !== null && { stream }),
      partitionKey: { name: 'stream', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      // Of deleted records: a sweep empties them, and this takes away what is left.
      timeToLiveAttribute: 'expiresAt',
    });
    this.checkpoints = checkpoints.table;
    this.records = records.table;
    this.streamArns = {
      Checkpoints: checkpoints.streamArn,
      Records: changes === null ? null : records.streamArn,
    };
  }

  #use(
    part: TablePart,
    { keepsData, tables, streamArns, kmsKey }: TableSettings,
    props: TableProps,
  ): { readonly table: TableInUse; readonly streamArn: string | null } {
    const name = tables[part];
    if (name !== null) {
      return { table: Table.fromTableName(this, `${part}There`, name), streamArn: streamArns[part] };
    }
    const table = new Table(this, part, {
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      deletionProtection: keepsData,
      ...(kmsKey !== null && {
        encryption: TableEncryption.CUSTOMER_MANAGED,
        encryptionKey: Key.fromKeyArn(this, `${part}Key`, kmsKey.arn),
      }),
      ...props,
    });
    return { table, streamArn: table.tableStreamArn ?? null };
  }
}
