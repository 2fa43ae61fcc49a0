import { AthenaClient } from '@aws-sdk/client-athena';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateSummaryCommand,
  paginateListStackResources,
  type GetTemplateSummaryOutput,
  type Stack,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

import {
  changesBucketOutput,
  lakeOutputs,
  metadataKey,
  queueIdOf,
  secretIdOf,
  topicIdOf,
  type Listeners,
  type QueuePart,
  type TablePart,
} from '../../settings/names.ts';
import type { Severity } from '../../../lib/on-call/alarm-kinds.ts';
import { readSettings } from '../../settings/read-settings.ts';
import { SettingsError } from '../../settings/settings-error.ts';
import type { Settings } from '../../settings/settings.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { quoted } from '../../terminal/words.ts';
import type { LakeNames } from '../tables/create-view.ts';

/** The settings in a template's metadata; null where there are none that could be some. */
function writtenIn(metadata: string | undefined): object | null {
  try {
    const all: unknown = JSON.parse(metadata ?? '');
    const written: unknown = typeof all === 'object' && all !== null ? Reflect.get(all, metadataKey) : null;
    return typeof written === 'object' ? written : null;
  } catch {
    return null;
  }
}

/** What was said of the account on the command line; the rest is the environment's. */
export interface Account {
  readonly region?: string;
  readonly profile?: string;
}

/** The parts of one stack in AWS, found by CloudFormation when they are needed. */
export class Deployment {
  readonly stack: string;
  /** What AWS's own commands need to reach the same account: ` --region eu-west-1`, or nothing. */
  readonly options: string;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly secrets: SecretsManagerClient;
  readonly cloudWatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly lambda: LambdaClient;
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
  readonly athena: AthenaClient;
  readonly #cloudFormation: CloudFormationClient;
  #resources: Promise<readonly StackResourceSummary[]> | undefined;
  #described: Promise<Stack | undefined> | undefined;
  #summarized: Promise<GetTemplateSummaryOutput> | undefined;

  constructor(stack: string, account: Account, dynamoDb: DynamoDBClient) {
    this.stack = stack;
    this.options = Object.entries(account)
      .map(([name, value]) => ` --${name} ${quoted(String(value))}`)
      .join('');
    this.dynamoDb = dynamoDb;
    this.s3 = new S3Client(account);
    this.athena = new AthenaClient(account);
    this.sqs = new SQSClient(account);
    this.sns = new SNSClient(account);
    this.secrets = new SecretsManagerClient(account);
    this.cloudWatch = new CloudWatchClient(account);
    this.logs = new CloudWatchLogsClient(account);
    this.lambda = new LambdaClient(account);
    this.#cloudFormation = new CloudFormationClient(account);
  }

  async queueUrl(connection: string, part: QueuePart): Promise<string> {
    return this.#physicalId(queueIdOf(connection, part), `queue of ${connection}`);
  }

  /** Those that its functions work on, which need not be the stack's own. */
  async tableNames(): Promise<Readonly<Record<TablePart, string>>> {
    const stack = await this.#describe();
    const nameOf = (part: TablePart): string => {
      const output = stack?.Outputs?.find(({ OutputKey }) => OutputKey === `${part}TableName`);
      return this.#mustHave(output?.OutputValue, `table of ${part.toLowerCase()}`);
    };
    return { Checkpoints: nameOf('Checkpoints'), Records: nameOf('Records') };
  }

  /** Of the change log; null where there is none. */
  async changesBucket(): Promise<string | null> {
    return this.#output(changesBucketOutput);
  }

  /** The tables over the change log; null where there are none. */
  async lake(): Promise<LakeNames | null> {
    const [database, workGroup] = [
      await this.#output(lakeOutputs.database),
      await this.#output(lakeOutputs.workGroup),
    ];
    return database === null || workGroup === null ? null : { database, workGroup };
  }

  /** Those that it was deployed with; null of a version that did not tell. @throws UsageError of one that this one does not know */
  async settings(): Promise<Settings | null> {
    const { Metadata } = await this.#summary();
    const written = writtenIn(Metadata);
    if (written === null) return null;
    try {
      return readSettings(written);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      throw new UsageError(
        `--stack: ${this.stack} was deployed with settings that this version does not take, here and now: ${error.message}. ` +
          'Use the version that deployed it; or name both tables by PAGEKEEPER_CHECKPOINTS_TABLE and PAGEKEEPER_RECORDS_TABLE, and the cdk.json of this version is gone by.',
      );
    }
  }

  /** Of the bootstrap that it was deployed by; null where its template does not tell. */
  async bootstrapQualifier(): Promise<string | null> {
    const { Parameters = [] } = await this.#summary();
    const version = Parameters.find(({ ParameterKey }) => ParameterKey === 'BootstrapVersion')?.DefaultValue;
    return /^\/cdk-bootstrap\/([^/]+)\/version$/.exec(version ?? '')?.[1] ?? null;
  }

  /** Of the stack itself: partition, region and account of it all. */
  async arn(): Promise<string> {
    return this.#mustHave((await this.#describe())?.StackId, 'id');
  }

  secretArn(connection: string): Promise<string> {
    return this.#physicalId(secretIdOf(connection), `secret of ${connection}`);
  }

  topicArn(severity: Severity, listeners: Listeners): Promise<string> {
    return this.#physicalId(topicIdOf(severity, listeners), `topic for ${severity}s of ${listeners}`);
  }

  /** In the order of their names, those of nested stacks among them. */
  async alarmNames(): Promise<readonly string[]> {
    const own = await this.#all();
    const nested: StackResourceSummary[] = [];
    for (const { ResourceType, PhysicalResourceId: stack } of own) {
      if (ResourceType !== 'AWS::CloudFormation::Stack' || stack === undefined) continue;
      nested.push(...(await this.#list(stack)));
    }
    return [...own, ...nested]
      .filter(({ ResourceType }) => ResourceType === 'AWS::CloudWatch::Alarm')
      .flatMap(({ PhysicalResourceId: name }) => (name === undefined ? [] : [name]))
      .sort();
  }

  close(): void {
    const { sqs, sns, secrets, cloudWatch, logs, lambda, dynamoDb, s3, athena } = this;
    const clients = [sqs, sns, secrets, cloudWatch, logs, lambda, dynamoDb, s3, athena, this.#cloudFormation];
    for (const client of clients) client.destroy();
  }

  async #physicalId(logicalId: string, what: string): Promise<string> {
    const found = (await this.#all()).find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
    return this.#mustHave(found?.PhysicalResourceId, what);
  }

  async #output(key: string): Promise<string | null> {
    const outputs = (await this.#describe())?.Outputs;
    return outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? null;
  }

  #mustHave(name: string | undefined, what: string): string {
    if (name !== undefined) return name;
    throw new UsageError(
      `--stack: ${this.stack} has no ${what}; it may have been deployed by another version.`,
    );
  }

  #summary(): Promise<GetTemplateSummaryOutput> {
    this.#summarized ??= this.#ask(() =>
      this.#cloudFormation.send(new GetTemplateSummaryCommand({ StackName: this.stack })),
    );
    return this.#summarized;
  }

  #describe(): Promise<Stack | undefined> {
    this.#described ??= this.#ask(async () => {
      const command = new DescribeStacksCommand({ StackName: this.stack });
      return (await this.#cloudFormation.send(command)).Stacks?.[0];
    });
    return this.#described;
  }

  #all(): Promise<readonly StackResourceSummary[]> {
    this.#resources ??= this.#list(this.stack);
    return this.#resources;
  }

  /** @param stack its name or ARN */
  async #list(stack: string): Promise<readonly StackResourceSummary[]> {
    const found: StackResourceSummary[] = [];
    await this.#ask(async () => {
      const pages = paginateListStackResources({ client: this.#cloudFormation }, { StackName: stack });
      for await (const { StackResourceSummaries = [] } of pages) found.push(...StackResourceSummaries);
    });
    return found;
  }

  /** @throws UsageError where there is no such stack */
  async #ask<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      // CloudFormation has no error of its own for it.
      if (error instanceof Error && error.message.endsWith('does not exist')) {
        const region = await this.#cloudFormation.config.region();
        throw new UsageError(
          `--stack: there is no such stack in this account in ${region}; look at --profile and --region, and for the stack's name in the output of cdk deploy.`,
        );
      }
      throw error;
    }
  }
}
