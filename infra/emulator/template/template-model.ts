import type { EventPattern } from './event-filters.ts';
import type { Expression } from './metric-math.ts';
import type { PropertiesOf } from './resource-types.ts';

/** What a synthesized template asks for, with every reference resolved to what it is on this machine. */
export interface TemplateModel {
  readonly stackName: string;
  readonly tables: readonly TableModel[];
  readonly buckets: readonly BucketModel[];
  readonly queues: readonly QueueModel[];
  readonly topics: readonly TopicModel[];
  readonly subscriptions: readonly PropertiesOf<'AWS::SNS::Subscription'>[];
  readonly functions: readonly FunctionModel[];
  /** Of queues. */
  readonly mappings: readonly MappingModel[];
  /** Of the streams of tables. */
  readonly streamMappings: readonly StreamMappingModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly secrets: readonly SecretModel[];
  readonly alarms: readonly AlarmModel[];
  readonly rules: readonly RuleModel[];
}

export interface TableModel {
  readonly name: string;
  readonly keySchema: PropertiesOf<'AWS::DynamoDB::Table'>['KeySchema'];
  readonly attributes: PropertiesOf<'AWS::DynamoDB::Table'>['AttributeDefinitions'];
  /** Without it nothing that changes in the table is told to anybody. */
  readonly stream?: 'NEW_AND_OLD_IMAGES';
}

export interface BucketModel {
  readonly name: string;
  /** What is deleted by itself: the objects below a prefix, so many days after they were written. */
  readonly expirations: readonly { readonly prefix: string; readonly days: number }[];
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  /** As CreateQueue takes them, without the redrive policy. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | null;
}

export interface TopicModel {
  readonly name: string;
  readonly arn: string;
}

export interface FunctionModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The module that holds the handler, absolute, and the name it is exported under. */
  readonly file: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logFormat: string | null;
  readonly logLevel: string | null;
  readonly asynchronous: AsynchronousModel;
  /** The variables of the template, with queue URLs at this origin. */
  readonly environment: (queueOrigin: string) => Readonly<Record<string, string>>;
}

/** What Lambda does with the events of those who do not wait for an answer. */
export interface AsynchronousModel {
  /** How often an invocation that failed is repeated. */
  readonly retries: number;
  /** An event that is older is dropped. */
  readonly maximumAgeSeconds: number;
  /** What is told of an event that was dropped; null for nobody. */
  readonly onFailure: { readonly topicArn: string } | { readonly queueName: string } | null;
}

export interface MappingModel {
  readonly functionName: string;
  readonly queueName: string;
  readonly batchSize: number;
  readonly maximumConcurrency: number;
  readonly reportsItemFailures: boolean;
}

export interface StreamMappingModel {
  /** The same in every run: by it the mapping finds again how far it has come. */
  readonly id: string;
  readonly functionName: string;
  readonly tableName: string;
  readonly streamArn: string;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  /** How long it waits for a batch to fill. */
  readonly windowSeconds: number;
  readonly bisectsOnError: boolean;
  /** Null: until the records expire. */
  readonly maximumRetries: number | null;
  /** Null: until the records expire. */
  readonly maximumAgeSeconds: number | null;
  readonly reportsItemFailures: boolean;
  /** Where what has failed for good goes; null for nowhere. */
  readonly failureBucket: string | null;
  /** A record is handed over if one of them matches; none of them lets all through. */
  readonly filters: readonly EventPattern[];
}

export interface ScheduleModel {
  readonly name: string;
  readonly functionName: string;
  /** JSON, with `<aws.scheduler.…>` still in it. */
  readonly input: string;
  readonly expression: string;
  /** IANA name, for a cron expression. */
  readonly timeZone: string;
}

export interface SecretModel {
  readonly name: string;
  readonly arn: string;
  /** What CloudFormation would put into it: the placeholder that a person replaces. `seed` fills the generated part. */
  readonly placeholder: (seed: string) => string | null;
}

type AlarmProperties = PropertiesOf<'AWS::CloudWatch::Alarm'>;

export interface AlarmModel extends Omit<
  AlarmProperties,
  | 'AlarmName'
  | ('Namespace' | 'MetricName' | 'Dimensions' | 'Statistic' | 'Period' | 'Metrics')
  | ('AlarmActions' | 'OKActions' | 'InsufficientDataActions')
> {
  readonly name: string;
  readonly arn: string;
  readonly AlarmActions: readonly AlarmTarget[];
  readonly OKActions: readonly AlarmTarget[];
  readonly InsufficientDataActions: readonly AlarmTarget[];
  /** In seconds, of all its metrics. */
  readonly period: number;
  readonly metrics: readonly WatchedMetric[];
  /** What is made of them; null for the only one as it is. */
  readonly formula: AlarmFormula | null;
}

/** What is told that an alarm has come to a state. A function must have let CloudWatch invoke it. */
export type AlarmTarget = { readonly topicArn: string } | { readonly functionName: string };

export interface AlarmFormula {
  readonly id: string;
  readonly text: string;
  /** For people; null where the template gives none. */
  readonly label: string | null;
  readonly expression: Expression;
}

export interface WatchedMetric {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
}

export type Statistic = 'SampleCount' | 'Average' | 'Sum' | 'Minimum' | 'Maximum';

/** Of EventBridge, for events that somebody puts on its default bus. */
export interface RuleModel {
  readonly name: string;
  readonly pattern: EventPattern;
  readonly functionNames: readonly string[];
}
