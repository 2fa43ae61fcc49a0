import { z } from 'zod';

import { irrelevant } from './irrelevant.ts';
import { patternOf } from './read-filters.ts';

/**
 * What the local runner understands of each resource type: the properties that it uses, and those that it leaves out
 * with a reason. Everything else in a template is an error, because a property that is silently dropped is a laptop that
 * silently differs from AWS.
 */

const tags = irrelevant('tags are for the bill and for finding things in an account');
const description = irrelevant('it is for readers of the console');
const key = irrelevant('nothing is encrypted on a laptop');
const notInvoked = irrelevant('it is for a function that could not be invoked; a local one always can be');
const role = irrelevant('there is no IAM on a laptop; the tests of the stack hold the grants');

const table = z.strictObject({
  TableName: z.string().optional(),
  KeySchema: z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  StreamSpecification: z
    .strictObject({
      StreamViewType: z.literal('NEW_AND_OLD_IMAGES', 'only NEW_AND_OLD_IMAGES is understood'),
    })
    .optional(),
  BillingMode: irrelevant('dynalite meters nothing'),
  PointInTimeRecoverySpecification: irrelevant('dynalite keeps no backups'),
  DeletionProtectionEnabled: irrelevant('the local runner never deletes a table'),
  SSESpecification: key,
  TimeToLiveSpecification: irrelevant(
    'DynamoDB may take days to expire an item, so nothing may depend on it',
  ),
  Tags: tags,
});

const bucket = z.strictObject({
  BucketName: z.string().max(63).optional(),
  LifecycleConfiguration: z
    .strictObject({
      Rules: z.array(
        z.strictObject({
          Id: irrelevant('it is for readers of the console'),
          Status: z.enum(['Enabled', 'Disabled']),
          Prefix: z.string().default(''),
          ExpirationInDays: z.int().positive().optional(),
          AbortIncompleteMultipartUpload: irrelevant('the embedded S3 keeps nothing of what is not whole'),
          NoncurrentVersionExpiration: irrelevant('the embedded S3 keeps no versions'),
          ExpiredObjectDeleteMarker: irrelevant('the embedded S3 keeps no versions'),
        }),
      ),
    })
    .optional(),
  BucketEncryption: key,
  OwnershipControls: irrelevant('a laptop has one owner'),
  PublicAccessBlockConfiguration: irrelevant('only who knows the key of this start gets in'),
  VersioningConfiguration: irrelevant(
    'the embedded S3 keeps the newest version, and refuses to be asked for another',
  ),
  Tags: tags,
});

const queue = z.strictObject({
  QueueName: z.string().optional(),
  DelaySeconds: z.int().optional(),
  VisibilityTimeout: z.int().optional(),
  MessageRetentionPeriod: z.int().optional(),
  ReceiveMessageWaitTimeSeconds: z.int().optional(),
  RedrivePolicy: z
    .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int() })
    .optional(),
  RedriveAllowPolicy: irrelevant('it permits redrives; fauxqs asks for no permission'),
  SqsManagedSseEnabled: key,
  KmsMasterKeyId: key,
  KmsDataKeyReusePeriodSeconds: key,
  Tags: tags,
});

const topic = z.strictObject({
  TopicName: z.string().optional(),
  DisplayName: irrelevant('it is the sender of e-mail, and no e-mail is sent from a laptop'),
  KmsMasterKeyId: key,
  Tags: tags,
});

const subscription = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
});

const lambdaFunction = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({
    S3Key: z.string(),
    S3Bucket: irrelevant('the bundle is taken from the synthesized assembly'),
  }),
  Handler: z.string(),
  Runtime: z.string().regex(/^nodejs/, 'only Node.js functions run here'),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.unknown()) }).optional(),
  Timeout: z.int().default(3),
  MemorySize: z.int().default(128),
  LoggingConfig: z
    .strictObject({
      LogGroup: z.string().optional(),
      LogFormat: z.string().optional(),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: irrelevant('there is no Lambda service whose own log lines it could filter'),
    })
    .optional(),
  Architectures: irrelevant('JavaScript runs on every processor'),
  Description: description,
  KmsKeyArn: key,
  RecursiveLoop: irrelevant('fauxqs carries no trace header, so nothing detects loops'),
  Role: role,
  Tags: tags,
  TracingConfig: irrelevant('there is no X-Ray on a laptop'),
  VpcConfig: irrelevant('a laptop has one network'),
});

const eventSourceMapping = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.int().positive().optional(),
  Enabled: z.boolean().default(true),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  MaximumBatchingWindowInSeconds: z.int().min(0).max(300).default(0),
  // Of queues only.
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.int() }).optional(),
  // Of streams only.
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  MaximumRetryAttempts: z.int().min(-1).optional(),
  MaximumRecordAgeInSeconds: z.int().min(-1).optional(),
  ParallelizationFactor: z.literal(1, 'only 1 is understood').optional(),
  TumblingWindowInSeconds: z.literal(0, 'only 0 is understood').optional(),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  Tags: tags,
});

const eventInvokeConfig = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST'),
  MaximumRetryAttempts: z.int().min(0).max(2).optional(),
  MaximumEventAgeInSeconds: z.int().min(60).max(21_600).optional(),
  DestinationConfig: z
    .strictObject({ OnFailure: z.strictObject({ Destination: z.string() }).optional() })
    .optional(),
});

const notOfAlarms = irrelevant('of those who need a permission, only alarms are asked for it here');

const permission = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceAccount: z.string().optional(),
  SourceArn: z.string().optional(),
  EventSourceToken: notOfAlarms,
  FunctionUrlAuthType: notOfAlarms,
  InvokedViaFunctionUrl: notOfAlarms,
  PrincipalOrgID: notOfAlarms,
});

const schedule = z.strictObject({
  Name: z.string().optional(),
  ScheduleExpression: z.string(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.strictObject({
    Arn: z.string(),
    Input: z.string().default('{}'),
    RoleArn: role,
    RetryPolicy: notInvoked,
    DeadLetterConfig: notInvoked,
  }),
  Description: description,
  FlexibleTimeWindow: irrelevant('a tick comes at the beginning of its window'),
  GroupName: irrelevant('groups are for tags and for metrics of the Scheduler'),
  KmsKeyArn: key,
  ScheduleExpressionTimezone: z.string().default('UTC'),
});

const secret = z.strictObject({
  Name: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: z
    .strictObject({
      SecretStringTemplate: z.string().optional(),
      GenerateStringKey: z.string().optional(),
      PasswordLength: z.int().default(32),
      ExcludeCharacters: irrelevant('what is made here has letters and digits only'),
      ExcludePunctuation: irrelevant('what is made here has letters and digits only'),
      IncludeSpace: irrelevant('what is made here has letters and digits only'),
      RequireEachIncludedType: irrelevant('what is made here only holds the place of a key'),
    })
    .optional(),
  Description: description,
  KmsKeyId: key,
  Tags: tags,
});

const dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]);
const statistic = z.enum(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']);

const alarm = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().default(''),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
  InsufficientDataActions: z.array(z.string()).default([]),
  // One metric as it is, or metric math over several.
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
  Statistic: statistic.optional(),
  Period: z.int().optional(),
  Metrics: z
    .array(
      z.strictObject({
        Id: z.string(),
        Expression: z.string().optional(),
        MetricStat: z
          .strictObject({
            Metric: z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
            Period: z.int(),
            Stat: statistic,
          })
          .optional(),
        ReturnData: z.boolean().default(true),
        // Of the expression it is told with the alarm's event; of a metric it is for graphs.
        Label: z.string().optional(),
      }),
    )
    .optional(),
  EvaluationPeriods: z.int(),
  DatapointsToAlarm: z.int().optional(),
  Threshold: z.number(),
  ComparisonOperator: z.enum([
    'GreaterThanOrEqualToThreshold',
    'GreaterThanThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  TreatMissingData: z.enum(['missing', 'notBreaching', 'breaching', 'ignore']).default('missing'),
  WarmUpConfiguration: irrelevant('an alarm on silence is not evaluated here before it has had a value'),
  Tags: tags,
});

const notOfAws =
  'no event of AWS itself, such as an alarm that changes its state, is sent here: a rule hears what functions send';

const rule = z.strictObject({
  Name: z.string().optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Description: description,
  Tags: tags,
  EventPattern: z.strictObject({
    source: z.array(z.string().regex(/^(?!aws\.)/, notOfAws)).min(1),
    'detail-type': z.array(z.string()).min(1).optional(),
    detail: patternOf(['equality', 'prefix', 'suffix', 'exists', 'anything-but']).optional(),
  }),
  Targets: z
    .array(
      z.strictObject({
        Id: z.string(),
        Arn: z.string(),
        RetryPolicy: notInvoked,
        DeadLetterConfig: notInvoked,
      }),
    )
    .default([]),
});

const stack = z.strictObject({
  TemplateURL: z.string(),
  Parameters: z.record(z.string(), z.unknown()).default({}),
  Tags: tags,
});

/** Types whose properties are used. */
export const resourceTypes = {
  'AWS::CloudFormation::Stack': stack,
  'AWS::DynamoDB::Table': table,
  'AWS::S3::Bucket': bucket,
  'AWS::SQS::Queue': queue,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::Subscription': subscription,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
  'AWS::Lambda::Permission': permission,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::SecretsManager::Secret': secret,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::Events::Rule': rule,
} as const;

export type ResourceType = keyof typeof resourceTypes;
export type PropertiesOf<Type extends ResourceType> = z.infer<(typeof resourceTypes)[Type]>;

/** Types of which nothing is used, and why. */
export const irrelevantTypes: Readonly<Record<string, string>> = {
  'AWS::Athena::NamedQuery': 'there is no Athena on a laptop: query reads the records there',
  'AWS::Athena::WorkGroup': 'there is no Athena on a laptop: query reads the records there',
  'AWS::CDK::Metadata': 'it counts constructs for AWS',
  'AWS::Chatbot::SlackChannelConfiguration': 'nothing is sent to Slack from a laptop',
  'AWS::CloudWatch::Dashboard': 'it is for readers of the console',
  'AWS::Glue::Database': 'there is no catalogue on a laptop: query reads the records there',
  'AWS::Glue::Table': 'there is no catalogue on a laptop: query reads the records there',
  'AWS::IAM::Policy': 'there is no IAM on a laptop; the tests of the stack hold the grants',
  'AWS::IAM::Role': 'there is no IAM on a laptop; the tests of the stack hold the grants',
  'AWS::KMS::Alias': 'nothing is encrypted on a laptop',
  'AWS::KMS::Key': 'nothing is encrypted on a laptop',
  'AWS::Logs::QueryDefinition': 'it is for readers of the console',
  'AWS::Logs::LogGroup': 'log lines are read from the functions as they are written, and not kept',
  'AWS::S3::BucketPolicy': 'there is no IAM on a laptop; the tests of the stack hold the grants',
  'AWS::SNS::TopicPolicy': 'fauxqs asks for no permission',
  'AWS::SQS::QueuePolicy': 'fauxqs asks for no permission',
  'AWS::Scheduler::ScheduleGroup': 'groups are for tags and for metrics of the Scheduler',
};
