import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  type CfnFunction,
  type IDestination,
} from 'aws-cdk-lib/aws-lambda';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

import { heardKey, heartbeatStream } from '../../lib/changes/heartbeat.ts';
import type { Severity } from '../../lib/on-call/alarm-kinds.ts';
import { logGroupNameOf } from '../../lib/on-call/log-groups.ts';
import type { SettingsDocument } from '../../lib/runtime/settings-document.ts';
import { defaultMemoryMb } from '../../lib/sync/settings.ts';
import { metricNamespace } from '../../lib/sync/troubles.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import { awsLimits } from '../settings/aws-limits.ts';
import { referenceLength } from '../settings/names.ts';
import { SettingsError } from '../settings/settings-error.ts';
import type { Egress } from '../settings/settings.ts';
import { acknowledge } from './acknowledge.ts';
import type { BundleEntry } from './build-bundle.ts';
import { bundle } from './bundle.ts';
import { KeyPolicy, type KeyUse } from './key-policy.ts';
import type { TableInUse } from './tables.ts';

export interface PagekeeperFunctionProps {
  /** File name in `functions/`, without its ending: also the end of the log group's name. */
  readonly entry: BundleEntry;
  readonly description: string;
  /** The stack's name: the dimension `deployment` of every metric. */
  readonly deployment: string;
  /** The watchdog serves them all. */
  readonly connection?: string;
  /** Beside its code. */
  readonly settings: SettingsDocument;
  readonly timeoutSeconds: number;
  readonly memoryMb?: number;
  readonly retentionDays: RetentionDays;
  /** Of its logs, and of all that it works on; null leaves them to the keys of AWS. */
  readonly key: KmsKey | null;
  readonly invokedBy: 'schedule' | 'queue' | 'stream' | 'alarm';
  /** Where goes what it has failed at for good. */
  readonly onFailure?: IDestination;
  /** Where its role and its log group are: beside it unless said otherwise. */
  readonly keptIn?: Construct;
}

/** A connection, with what its functions have to reach. */
export interface ConnectionLink {
  readonly name: string;
  readonly pageQueue: Queue;
  /** For a policy: it may be a pattern. */
  readonly secretArn: string;
}

/**
 * A function with everything that is the same for all of them. What it may do comes with what it is told: each `use...`
 * method sets the variable and gives the grant that it needs.
 */
export class PagekeeperFunction extends LambdaFunction {
  readonly entry: PagekeeperFunctionProps['entry'];
  readonly memoryMb: number;
  readonly logGroupName: string;
  readonly #settings: string;
  readonly #key: KmsKey | null;
  readonly #role: Role;
  #environmentBytes = 0;

  constructor(scope: Construct, id: string, props: PagekeeperFunctionProps) {
    const { entry, deployment, connection, memoryMb = defaultMemoryMb, keptIn = scope } = props;
    const logGroupName = logGroupNameOf(deployment, connection ?? null, entry);
    // Lambda would create a group of its own, kept for ever.
    const logGroup = new LogGroup(keptIn, `${id}Logs`, {
      logGroupName,
      retention: props.retentionDays,
      ...(props.key !== null && { encryptionKey: Key.fromKeyArn(scope, `${id}KeyThere`, props.key.arn) }),
      // Logs are no data: with their name kept, the stack could not be created again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // An own role: the one that CDK makes has an AWS-managed policy that may write to every log group.
    const role = new Role(keptIn, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${deployment}: what ${connection === undefined ? '' : `${connection}'s `}${entry} may do`,
    });
    logGroup.grantWrite(role);
    super(scope, id, {
      code: bundle(entry, props.settings),
      handler: 'index.handler',
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: memoryMb,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      ...traps[props.invokedBy],
      ...(props.onFailure !== undefined && { onFailure: props.onFailure }),
    });
    this.entry = entry;
    this.memoryMb = memoryMb;
    this.logGroupName = logGroupName;
    this.#key = props.key;
    this.#role = role;
    this.#settings =
      connection === undefined ? 'pagekeeper.connections' : `pagekeeper.connections.${connection}`;
    this.addEnvironment('NODE_OPTIONS', '--enable-source-maps');
    this.addEnvironment('POWERTOOLS_SERVICE_NAME', 'pagekeeper');
    this.addEnvironment('POWERTOOLS_METRICS_NAMESPACE', metricNamespace);
    this.addEnvironment('PAGEKEEPER_DEPLOYMENT', deployment);
  }

  /** @param partitions patterns of the partition keys that it may touch @param read of those that it may only read */
  useCheckpoints(table: TableInUse, partitions: readonly string[], read: readonly string[] = []): void {
    this.addEnvironment('PAGEKEEPER_CHECKPOINTS_TABLE', table.tableName);
    const reads = ['dynamodb:GetItem', 'dynamodb:BatchGetItem'];
    this.#reach(table, [...reads, 'dynamodb:UpdateItem'], partitions);
    if (read.length > 0) this.#reach(table, reads, read);
  }

  /** @param partitions patterns of the partition keys that it may touch. */
  useRecords(table: TableInUse, partitions: readonly string[]): void {
    this.addEnvironment('PAGEKEEPER_RECORDS_TABLE', table.tableName);
    // Read and write; find what has gone, mark it, and erase it in the end.
    const actions = ['BatchGetItem', 'BatchWriteItem', 'Query', 'UpdateItem', 'DeleteItem'];
    this.#reach(
      table,
      actions.map((action) => `dynamodb:${action}`),
      partitions,
    );
  }

  /** @param secrets whether it reads the secrets, or only whether they have changed. */
  useConnections(links: readonly ConnectionLink[], secrets: 'values' | 'versions'): void {
    const urls = Object.fromEntries(links.map(({ name, pageQueue }) => [name, pageQueue.queueUrl]));
    this.#count(
      'PAGEKEEPER_QUEUES',
      JSON.stringify(urls, (_, value: unknown) => estimated(value)),
    );
    super.addEnvironment('PAGEKEEPER_QUEUES', Stack.of(this).toJsonString(urls));
    this.#allow(['sqs:SendMessage'], ...links.map(({ pageQueue }) => pageQueue.queueArn));
    this.#allow(
      [secrets === 'values' ? 'secretsmanager:GetSecretValue' : 'secretsmanager:DescribeSecret'],
      ...links.map(({ secretArn }) => secretArn),
    );
  }

  /** What a vendor has granted: read, stored under a label of its own, and made current. */
  useTokens(secretArn: string): void {
    const actions = ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];
    this.#allow(
      actions.map((action) => `secretsmanager:${action}`),
      secretArn,
    );
  }

  /** @param checkpoints where it looks up what was forgotten @param keepsBefore whether lines say what a record was before */
  usePublishing(bucket: Bucket, checkpoints: TableInUse, keepsBefore: boolean): void {
    this.addEnvironment('PAGEKEEPER_CHECKPOINTS_TABLE', checkpoints.tableName);
    this.addEnvironment('PAGEKEEPER_CHANGES_BUCKET', bucket.bucketName);
    this.addEnvironment('PAGEKEEPER_CHANGES_BEFORE', String(keepsBefore));
    this.#mayUse(bucket, 's3:PutObject', 'changes/*');
    // What has been heard of the table.
    for (const action of ['s3:GetObject', 's3:PutObject'])
      this.#allow([action], bucket.arnForObjects(heardKey));
    this.#reach(checkpoints, ['dynamodb:GetItem'], ['forgotten#*']);
  }

  /** @param streamArn of the table @param partitions patterns of the partition keys that it may read. */
  useRecordsToRead(table: TableInUse, streamArn: string, partitions: readonly string[]): void {
    this.addEnvironment('PAGEKEEPER_RECORDS_TABLE', table.tableName);
    this.addEnvironment('PAGEKEEPER_RECORDS_STREAM', streamArn);
    this.#reach(table, ['dynamodb:Query'], partitions);
    this.#reach(table, ['dynamodb:UpdateItem'], [heartbeatStream]);
  }

  /** @param retentionDays of the log @param timeoutSeconds its own */
  useSnapshots(
    bucket: Bucket,
    { retentionDays, timeoutSeconds }: { readonly retentionDays: number; readonly timeoutSeconds: number },
  ): void {
    this.addEnvironment('PAGEKEEPER_CHANGES_BUCKET', bucket.bucketName);
    this.addEnvironment('PAGEKEEPER_CHANGES_DAYS', String(retentionDays));
    this.addEnvironment('PAGEKEEPER_TIMEOUT_SECONDS', String(timeoutSeconds));
    for (const action of ['s3:GetObject', 's3:PutObject']) this.#mayUse(bucket, action, 'snapshots/*');
    this.#allow(['s3:GetObject'], bucket.arnForObjects(heardKey));
    // Without it S3 answers for what is not there that it is forbidden.
    this.#allow(['s3:ListBucket'], bucket.bucketArn);
  }

  /** Where the lines of runs are. */
  useLog(bucket: Bucket): void {
    this.addEnvironment('PAGEKEEPER_CHANGES_BUCKET', bucket.bucketName);
    this.#mayUse(bucket, 's3:GetObject', 'changes/*');
    this.#allow(['s3:ListBucket'], bucket.bucketArn);
  }

  /** That people listen to. @param key of the topics */
  useTopics(topics: Readonly<Record<Severity, ITopic>>, key: IKey): void {
    this.addEnvironment('PAGEKEEPER_PAGES_TOPIC', topics.page.topicArn);
    this.addEnvironment('PAGEKEEPER_TICKETS_TOPIC', topics.ticket.topicArn);
    this.#allow(['sns:Publish'], topics.page.topicArn, topics.ticket.topicArn);
    if (this.#key === null) this.#allow(['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn);
  }

  /** What pagers listen to: the key is that of the other topics. */
  usePagers(topics: Readonly<Record<Severity, ITopic>>): void {
    this.addEnvironment('PAGEKEEPER_PAGER_PAGES_TOPIC', topics.page.topicArn);
    this.addEnvironment('PAGEKEEPER_PAGER_TICKETS_TOPIC', topics.ticket.topicArn);
    this.#allow(['sns:Publish'], topics.page.topicArn, topics.ticket.topicArn);
  }

  /** Of the default bus. */
  useEvents(): void {
    const stack = Stack.of(this);
    const bus = stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
    this.#allow(['events:PutEvents'], bus);
  }

  /**
   * A stream of a table is read for it by Lambda.
   * @param failures where Lambda keeps what the function could not handle in a day; left out, it keeps nothing
   */
  useStream(streamArn: string, failures?: Bucket): void {
    const actions = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
    this.#allow(
      actions.map((action) => `dynamodb:${action}`),
      streamArn,
    );
    if (failures === undefined) return;
    this.#mayUse(failures, 's3:PutObject', 'aws/lambda/*');
    this.#allow(['s3:ListBucket'], failures.bucketArn);
  }

  /** Of a key that is not the stack's, if there is one. */
  useKey(use: KeyUse): void {
    if (this.#key !== null) new KeyPolicy(this.#role, 'KeyPolicy', this.#role, this.#key, use);
  }

  /** Puts it into subnets of a VPC, so that its calls leave by their addresses. */
  useNetwork({ subnetIds, securityGroupIds }: Egress): void {
    const fn = this.node.defaultChild as CfnFunction;
    fn.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
    this.#allow(networkActions, '*');
    this.#acknowledge(
      'Resource::*',
      'Lambda makes network interfaces itself, and their ids are not known before.',
    );
  }

  override addEnvironment(key: string, value: string): this {
    this.#count(key, estimated(value) as string);
    return super.addEnvironment(key, value);
  }

  #reach(table: TableInUse, actions: string[], partitions: readonly string[]): void {
    this.addToRolePolicy(
      new PolicyStatement({
        actions,
        resources: [table.tableArn],
        conditions: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
          // ForAllValues holds for a request without any key, too.
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      }),
    );
  }

  #mayUse(bucket: Bucket, action: string, keys: string): void {
    this.#allow([action], bucket.arnForObjects(keys));
    const name = Stack.of(this).getLogicalId(bucket.node.defaultChild as CfnBucket);
    this.#acknowledge(
      `Resource::<${name}.Arn>/${keys}`,
      'Objects are named by the time that they are written at.',
    );
  }

  /** @param finding of the rule on wildcards, as cdk-nag reports it */
  #acknowledge(finding: string, reason: string): void {
    const policy = this.role?.node.tryFindChild('DefaultPolicy');
    if (policy === undefined) throw new Error('The role of a function has no policy');
    acknowledge(policy, `IAM5[${finding}]`, reason);
  }

  #allow(actions: string[], ...resources: string[]): void {
    this.addToRolePolicy(new PolicyStatement({ actions, resources }));
  }

  /** Lambda refuses more at deploy, with no word about which setting it came from. */
  #count(...texts: string[]): void {
    this.#environmentBytes += texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    if (this.#environmentBytes <= awsLimits.environment) return;
    throw new SettingsError(
      `${this.#settings}: takes about ${String(this.#environmentBytes)} bytes in the environment of a function, ` +
        `and Lambda allows ${String(awsLimits.environment)}; deploy some connections as another stage`,
    );
  }
}

const traps = {
  schedule: {
    // Scheduler invokes asynchronously, and Lambda would call twice more after an error: three requests with a bad key.
    retryAttempts: 0,
    // A tick that Lambda could not start for so long is made up for by the watchdog.
    maxEventAge: Duration.minutes(15),
  },
  // Its messages invoke it again. Lambda would end such a chain after about 16 of them, and the log would end on a success.
  queue: { recursiveLoop: RecursiveLoop.ALLOW },
  stream: {},
  // What is told later than that is no news; until then it is tried again after one minute and after two.
  alarm: { retryAttempts: 2, maxEventAge: Duration.minutes(5) },
};

/** Those of AWS's own policy AWSLambdaVPCAccessExecutionRole, without its log groups. */
const networkActions = [
  ...['CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets'],
  ...['AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'],
].map((action) => `ec2:${action}`);

function estimated(value: unknown): unknown {
  return Token.isUnresolved(value) ? 'x'.repeat(referenceLength) : value;
}
