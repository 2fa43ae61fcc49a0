/**
 * What each command sends to AWS. Policies are made of it, and a test runs the commands and holds what they send against it,
 * both ways.
 */

/** Something that a command sends on one kind of thing in a deployment. */
export type Need =
  | {
      readonly on: 'stack';
      readonly actions: readonly (
        | 'cloudformation:DescribeStacks'
        | 'cloudformation:GetTemplateSummary'
        | 'cloudformation:ListStackResources'
      )[];
    }
  | { readonly on: 'nested'; readonly actions: readonly 'cloudformation:ListStackResources'[] }
  | {
      readonly on: 'checkpoints';
      readonly actions: readonly ('dynamodb:GetItem' | 'dynamodb:BatchGetItem' | 'dynamodb:UpdateItem')[];
      /** By how their partition keys begin. */
      readonly items: readonly ItemKind[];
    }
  | {
      readonly on: 'records';
      readonly actions: readonly ('dynamodb:Query' | 'dynamodb:DeleteItem')[];
      /** Those that a person has named, those whose rows other streams are requested by, or all there are. */
      readonly of: RecordsOf;
    }
  | {
      readonly on: 'tables';
      readonly actions: readonly (
        'dynamodb:DescribeTable' | 'dynamodb:DescribeTimeToLive' | 'dynamodb:DescribeContinuousBackups'
      )[];
    }
  | { readonly on: 'pages'; readonly actions: readonly 'sqs:SendMessage'[] }
  | {
      readonly on: 'deadLetters';
      readonly actions: readonly (
        'sqs:GetQueueAttributes' | 'sqs:ReceiveMessage' | 'sqs:ChangeMessageVisibility' | 'sqs:DeleteMessage'
      )[];
    }
  | {
      readonly on: 'secrets';
      readonly actions: readonly ('secretsmanager:GetSecretValue' | 'secretsmanager:PutSecretValue')[];
    }
  | { readonly on: 'tokens'; readonly actions: readonly 'secretsmanager:GetSecretValue'[] }
  | {
      readonly on: 'topics';
      readonly actions: readonly ('sns:ListSubscriptionsByTopic' | 'sns:ConfirmSubscription')[];
    }
  | {
      readonly on: 'alarms';
      readonly actions: readonly (
        'cloudwatch:DescribeAlarms' | 'cloudwatch:SetAlarmState' | 'cloudwatch:PutAlarmMuteRule'
      )[];
    }
  | {
      readonly on: 'muteRules';
      readonly actions: readonly ('cloudwatch:PutAlarmMuteRule' | 'cloudwatch:DeleteAlarmMuteRule')[];
    }
  /** The bucket, as far as it is listed; and its objects. */
  | {
      readonly on: 'changeLog';
      readonly actions: readonly 's3:ListBucket'[];
      readonly of: readonly LogPart[];
    }
  | {
      readonly on: 'changeObjects';
      readonly actions: readonly ('s3:GetObject' | 's3:PutObject' | 's3:DeleteObject')[];
      readonly of: readonly LogPart[];
    }
  /** The log groups of the functions that send events. */
  | { readonly on: 'logs'; readonly actions: readonly 'logs:FilterLogEvents'[] }
  | { readonly on: 'account'; readonly actions: readonly 'lambda:GetAccountSettings'[] };

export type ItemKind = 'stream' | 'breaker' | 'gate' | 'ids' | 'schema' | 'audit' | 'forgotten' | 'mute';
export type RecordsOf = 'chosen' | 'parents' | 'all';
/** What is in the bucket: changes of the streams that a person has named, or of all, their snapshots, and failed batches of all. */
export type LogPart = 'chosen' | 'changes' | 'snapshots' | 'failures';
export type Target = Need['on'];
export type Action = Need['actions'][number];

/** The tables are found by its outputs, and the settings in its template. */
const outputs: Need = {
  on: 'stack',
  actions: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplateSummary'],
};
/** Queues, topics and alarms are found in its list. */
const list: Need = { on: 'stack', actions: ['cloudformation:ListStackResources'] };

const readRecords: Need = { on: 'records', actions: ['dynamodb:Query'], of: 'chosen' };

const read = ['dynamodb:GetItem'] as const;
const change = ['dynamodb:GetItem', 'dynamodb:UpdateItem'] as const;
const changeStream: Need = { on: 'checkpoints', actions: change, items: ['stream'] };
/** Each act is written down before it takes effect and after it, with how things stood. */
const written: Need = { on: 'checkpoints', actions: ['dynamodb:UpdateItem'], items: ['audit'] };
const standing: Need = { on: 'checkpoints', actions: ['dynamodb:BatchGetItem'], items: ['stream'] };
const standingOfConnection: Need = { on: 'checkpoints', actions: read, items: ['breaker'] };
/** Alarms of nested stacks are found in their lists. */
const nested: Need = { on: 'nested', actions: ['cloudformation:ListStackResources'] };
const schemas: Need = { on: 'checkpoints', actions: ['dynamodb:BatchGetItem'], items: ['schema'] };
const everyPart = ['changes', 'snapshots', 'failures'] as const;
const look = ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility'] as const;

/** A new command has to say here what it sends: a test compares the names. */
export const needs = {
  status: [
    outputs,
    { on: 'checkpoints', actions: ['dynamodb:BatchGetItem'], items: ['stream', 'schema'] },
    { on: 'checkpoints', actions: read, items: ['breaker', 'gate', 'mute'] },
    // What is stored is counted, where it may be.
    readRecords,
  ],
  explain: [outputs, { on: 'checkpoints', actions: read, items: ['stream', 'breaker', 'mute'] }, schemas],
  check: [
    outputs,
    list,
    { on: 'checkpoints', actions: read, items: ['breaker'] },
    // A call counts against the vendor's limit.
    { on: 'checkpoints', actions: change, items: ['gate'] },
    { on: 'records', actions: ['dynamodb:Query'], of: 'parents' },
    {
      on: 'tables',
      actions: [
        'dynamodb:DescribeTable',
        'dynamodb:DescribeTimeToLive',
        'dynamodb:DescribeContinuousBackups',
      ],
    },
    { on: 'secrets', actions: ['secretsmanager:GetSecretValue'] },
    { on: 'tokens', actions: ['secretsmanager:GetSecretValue'] },
    { on: 'topics', actions: ['sns:ListSubscriptionsByTopic'] },
    { on: 'account', actions: ['lambda:GetAccountSettings'] },
  ],
  run: [
    outputs,
    list,
    changeStream,
    standingOfConnection,
    written,
    standing,
    { on: 'pages', actions: ['sqs:SendMessage'] },
  ],
  pause: [outputs, changeStream, written, standing],
  resume: [
    outputs,
    list,
    written,
    standing,
    { on: 'checkpoints', actions: change, items: ['stream', 'breaker'] },
    // Each is tried at once.
    { on: 'pages', actions: ['sqs:SendMessage'] },
  ],
  fix: [
    outputs,
    list,
    written,
    standing,
    { on: 'checkpoints', actions: change, items: ['stream', 'breaker'] },
    { on: 'pages', actions: ['sqs:SendMessage'] },
    { on: 'secrets', actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'] },
  ],
  mute: [
    outputs,
    list,
    nested,
    written,
    { on: 'checkpoints', actions: change, items: ['mute'] },
    // CloudWatch asks for the right to the rule, and to each alarm that it is about.
    { on: 'alarms', actions: ['cloudwatch:PutAlarmMuteRule'] },
    { on: 'muteRules', actions: ['cloudwatch:PutAlarmMuteRule', 'cloudwatch:DeleteAlarmMuteRule'] },
  ],
  reset: [outputs, changeStream, written, standing],
  records: [outputs, readRecords],
  changes: [
    outputs,
    { on: 'changeLog', actions: ['s3:ListBucket'], of: ['chosen'] },
    { on: 'changeObjects', actions: ['s3:GetObject'], of: ['chosen'] },
  ],
  'changes replay': [
    outputs,
    written,
    { on: 'checkpoints', actions: read, items: ['forgotten'] },
    // The log's own time is read with a list of it.
    { on: 'changeLog', actions: ['s3:ListBucket'], of: ['changes', 'failures'] },
    { on: 'changeObjects', actions: ['s3:GetObject', 's3:DeleteObject'], of: ['failures'] },
    { on: 'changeObjects', actions: ['s3:PutObject'], of: ['changes'] },
  ],
  events: [outputs, { on: 'logs', actions: ['logs:FilterLogEvents'] }],
  export: [
    outputs,
    readRecords,
    { on: 'changeLog', actions: ['s3:ListBucket'], of: ['chosen'] },
    // With a cursor.
    { on: 'changeObjects', actions: ['s3:GetObject'], of: ['chosen'] },
  ],
  query: [outputs, readRecords],
  schema: [outputs, readRecords, schemas],
  streams: [outputs, readRecords],
  forget: [
    outputs,
    {
      on: 'checkpoints',
      // A list that a run has replaced meanwhile is read again by itself.
      actions: ['dynamodb:BatchGetItem', ...change],
      items: ['ids'],
    },
    { on: 'records', actions: ['dynamodb:Query', 'dynamodb:DeleteItem'], of: 'all' },
    { on: 'checkpoints', actions: change, items: ['forgotten'] },
    changeStream,
    { on: 'changeLog', actions: ['s3:ListBucket'], of: everyPart },
    { on: 'changeObjects', actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], of: everyPart },
    written,
    standing,
  ],
  'allow-deletions': [outputs, changeStream, written, standing],
  'allow-empty-fields': [outputs, changeStream, written, standing],
  'secret set': [
    outputs,
    standingOfConnection,
    written,
    // What is masked has a key in the secret, which is read to be kept.
    { on: 'secrets', actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'] },
  ],
  'dead-letters list': [outputs, list, { on: 'deadLetters', actions: ['sqs:GetQueueAttributes', ...look] }],
  'dead-letters show': [outputs, list, { on: 'deadLetters', actions: look }],
  'dead-letters redrive': [
    outputs,
    list,
    written,
    { on: 'deadLetters', actions: [...look, 'sqs:DeleteMessage'] },
    { on: 'pages', actions: ['sqs:SendMessage'] },
  ],
  'dead-letters discard': [
    outputs,
    list,
    written,
    { on: 'deadLetters', actions: ['sqs:GetQueueAttributes', ...look, 'sqs:DeleteMessage'] },
  ],
  'test-alarm': [
    outputs,
    list,
    nested,
    { on: 'alarms', actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:SetAlarmState'] },
  ],
  audit: [outputs, { on: 'checkpoints', actions: ['dynamodb:BatchGetItem'], items: ['audit'] }],
  // Of cdk.json alone.
  size: [],
  // Of a file and a vendor alone.
  'connector new': [],
  'connector try': [],
  policy: [outputs, list],
} as const satisfies Readonly<Record<string, readonly Need[]>>;

export type CommandName = keyof typeof needs;

export type Role = 'operator' | 'reader' | 'deployer';

/** By role, the commands that it is for. A person who may `forget` or `check` may look into the records that it needs. */
export const commandsOf = {
  operator: [
    ...['status', 'explain', 'events', 'check', 'run', 'pause', 'resume', 'fix', 'mute', 'reset', 'forget'],
    ...['allow-deletions', 'allow-empty-fields', 'secret set'],
    ...[
      'dead-letters list',
      'dead-letters show',
      'dead-letters redrive',
      'dead-letters discard',
      'changes replay',
      'test-alarm',
      'audit',
    ],
  ],
  reader: ['status', 'explain', 'records', 'streams', 'changes', 'events', 'export', 'query', 'schema'],
  deployer: ['check', 'policy'],
} as const satisfies Readonly<Record<Role, readonly CommandName[]>>;

/** What a role is for beside commands of this project. */
const besides: Readonly<Record<Role, readonly Need[]>> = {
  operator: [],
  reader: [],
  // aws sns confirm-subscription, as docs/deploy.md has it. What cdk itself needs is in bootstrap-roles.ts.
  deployer: [{ on: 'topics', actions: ['sns:ConfirmSubscription'] }],
};

export function needsOf(role: Role): readonly Need[] {
  return [...commandsOf[role].flatMap((command): readonly Need[] => needs[command]), ...besides[role]];
}
