import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';

/** What the deployment remembers. The names of the key attributes are those of lib/aws. */
export class Tables extends Construct {
  /**
   * `pk`: `stream#mobaro/users`, `seen#mobaro/users#<run>#<page>`, `ids#mobaro/users#<batch>`, `breaker#mobaro`,
   * `gate#<limit scope>`.
   */
  readonly checkpoints: Table;
  /** `stream` (`mobaro/users`) and `id`, the vendor's. */
  readonly records: Table;

  /** @param keepsData they outlive the stack, and DynamoDB refuses to delete them. */
  constructor(scope: Construct, id: string, keepsData: boolean) {
    super(scope, id);
    const common: Omit<TableProps, 'partitionKey'> = {
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      deletionProtection: keepsData,
    };
    this.checkpoints = new Table(this, 'Checkpoints', {
      ...common,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      // What a run has seen is of no use once it is over.
      timeToLiveAttribute: 'expiresAt',
    });
    this.records = new Table(this, 'Records', {
      ...common,
      partitionKey: { name: 'stream', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      // Of deleted records: a sweep empties them, and this takes away what is left.
      timeToLiveAttribute: 'expiresAt',
    });
  }
}
