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

/** What the deployment remembers. The names of the key attributes are those of lib/aws. */
export class Tables extends Construct {
  /**
   * `pk`: `stream#mobaro/users`, `seen#mobaro/users#<run>#<page>`, `ids#mobaro/users#<batch>`, `breaker#mobaro`,
   * `gate#<limit scope>`, `forgotten#records`, and of persons' acts `audit#<month>#<number>`, which no function may touch.
   */
  readonly checkpoints: TableInUse;
  /** `stream` (`mobaro/users`) and `id`, the vendor's. */
  readonly records: TableInUse;
  /** Of the records' stream, with old and new images; null where nobody reads it. */
  readonly recordsStreamArn: string | null;

  /**
   * @param settings.keepsData they outlive the stack, and DynamoDB refuses to delete them.
   * @param settings.tables those that there are already
   * @param settings.kmsKey of the stack's own: those that there are already keep theirs
   */
  constructor(
    scope: Construct,
    id: string,
    {
      keepsData,
      tables,
      recordsStreamArn,
      changes,
      kmsKey,
    }: Pick<Settings, 'keepsData' | 'tables' | 'recordsStreamArn' | 'changes' | 'kmsKey'>,
  ) {
    super(scope, id);
    const common: Omit<TableProps, 'partitionKey'> = {
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      deletionProtection: keepsData,
      ...(kmsKey !== null && {
        encryption: TableEncryption.CUSTOMER_MANAGED,
        encryptionKey: Key.fromKeyArn(this, 'KeyThere', kmsKey.arn),
      }),
    };
    this.checkpoints =
      this.#there('Checkpoints', tables) ??
      new Table(this, 'Checkpoints', {
        ...common,
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        // What a run has seen is of no use once it is over, and who has acted is kept for somewhat more than a year.
        timeToLiveAttribute: 'expiresAt',
      });
    const there = this.#there('Records', tables);
    if (there !== undefined) {
      this.records = there;
      this.recordsStreamArn = changes === null ? null : recordsStreamArn;
      return;
    }
    const own = new Table(this, 'Records', {
      ...common,
      ...(changes !== null && { stream: StreamViewType.NEW_AND_OLD_IMAGES }),
      partitionKey: { name: 'stream', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      // Of deleted records: a sweep empties them, and this takes away what is left.
      timeToLiveAttribute: 'expiresAt',
    });
    this.records = own;
    this.recordsStreamArn = own.tableStreamArn ?? null;
  }

  #there(part: TablePart, tables: Settings['tables']): TableInUse | undefined {
    const name = tables[part];
    return name === null ? undefined : Table.fromTableName(this, `${part}There`, name);
  }
}
