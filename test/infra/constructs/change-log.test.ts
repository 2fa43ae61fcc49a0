import { describe, expect, it } from 'vitest';

import { publishTimeoutSeconds } from '../../../lib/changes/read-changes.ts';
import { statementsOf, synthesized, text, type Resource, type Synthesized } from '../synthesized.ts';

const stack = synthesized({ connections: { mobaro: {}, bob: {} } });
const dev = synthesized({ stage: 'dev' });

/** The one resource of a type whose id begins so, and its id. */
function only(of: Synthesized, type: string, under = 'Changes'): [string, Resource] {
  const [found, ...others] = of.ofType(type, under);
  if (found === undefined || others.length > 0) throw new Error(`Not one ${type} under ${under}`);
  return found;
}

function variables(of: Synthesized, under: string): Readonly<Record<string, unknown>> {
  const [, { Properties }] = only(of, 'AWS::Lambda::Function', under);
  return (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables;
}

const [bucketId, bucket] = only(stack, 'AWS::S3::Bucket');
const [recordsId, records] = only(stack, 'AWS::DynamoDB::Table', 'TablesRecords');
const [checkpointsId] = only(stack, 'AWS::DynamoDB::Table', 'TablesCheckpoints');
const defaultBus = 'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default';

describe('the stream of the records table', () => {
  it('has what a record was before', () => {
    expect(records.Properties['StreamSpecification']).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
  });

  it('is read from its beginning, in batches, and what fails is tried until its day is over', () => {
    const [, { Properties }] = only(stack, 'AWS::Lambda::EventSourceMapping');
    // No limit of tries or of age is among them: Lambda would take a batch away that a later try would have published.
    expect(Properties).toEqual({
      FunctionName: { Ref: only(stack, 'AWS::Lambda::Function', 'ChangesPublish')[0] },
      EventSourceArn: { 'Fn::GetAtt': [recordsId, 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 500,
      // Before the stream lets go of it.
      MaximumRecordAgeInSeconds: 82_800,
      MaximumBatchingWindowInSeconds: 10,
      BisectBatchOnFunctionError: true,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [bucketId, 'Arn'] } } },
    });
  });

  it('is read only once the role may read it', () => {
    const [, mapping] = only(stack, 'AWS::Lambda::EventSourceMapping');
    const [policyId] = only(stack, 'AWS::IAM::Policy', 'ChangesPublishRole');
    expect((mapping as { DependsOn?: string[] }).DependsOn).toContain(policyId);
  });
});

describe('the bucket', () => {
  it('is closed to the public, and keeps what it holds encrypted for the days of the log', () => {
    expect(bucket.Properties).toEqual({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'retentionDays',
            Status: 'Enabled',
            ExpirationInDays: 90,
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          },
          { Id: 'queryResults', Prefix: 'query-results/', Status: 'Enabled', ExpirationInDays: 1 },
        ],
      },
    });
  });

  it('refuses whoever comes without TLS, or with an old one', () => {
    const [, { Properties }] = only(stack, 'AWS::S3::BucketPolicy');
    const { Statement } = Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] };
    const denied = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:*' };
    expect(Statement).toMatchObject([
      { ...denied, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { ...denied, Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
    ]);
  });

  it('is encrypted with the key of the settings, asked once for many objects', () => {
    const kmsKey = 'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef';
    const [, { Properties }] = only(synthesized({ kmsKey }), 'AWS::S3::Bucket');
    expect(Properties['BucketEncryption']).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: kmsKey },
        },
      ],
    });
  });

  it('is kept for as many days as is chosen, which the function of snapshots is told', () => {
    const chosen = synthesized({ changes: { retentionDays: 30 } });
    const [, { Properties }] = only(chosen, 'AWS::S3::Bucket');
    expect(Properties['LifecycleConfiguration']).toMatchObject({
      Rules: [{ ExpirationInDays: 30 }, { ExpirationInDays: 1 }],
    });
    expect(variables(chosen, 'ChangesSnapshots')['PAGEKEEPER_CHANGES_DAYS']).toBe('30');
    expect(variables(stack, 'ChangesSnapshots')['PAGEKEEPER_CHANGES_DAYS']).toBe('90');
  });

  it('outlives the stack, but in stage dev', () => {
    expect(bucket.DeletionPolicy).toBe('Retain');
    expect(only(dev, 'AWS::S3::Bucket')[1].DeletionPolicy).toBe('Delete');
  });
});

describe('what the functions of the change log are told and may do', () => {
  it('publishing has the time that readers of the log reckon with', () => {
    const [, { Properties }] = only(stack, 'AWS::Lambda::Function', 'ChangesPublish');
    expect(Properties['Timeout']).toBe(publishTimeoutSeconds);
  });

  it.each([
    [{}, 'false'],
    [{ before: false }, 'false'],
    [{ before: true }, 'true'],
  ])('publishing is told whether to keep what was before, with %j: %s', (changes, told) => {
    expect(variables(synthesized({ changes }), 'ChangesPublish')).toMatchObject({
      PAGEKEEPER_CHANGES_BUCKET: { Ref: expect.stringMatching(/^ChangesBucket/) },
      PAGEKEEPER_CHANGES_BEFORE: told,
    });
  });

  it.each([
    [
      'ChangesPublish',
      {
        's3:GetObject': [`<${bucketId}.Arn>/log/heartbeat.json`],
        's3:PutObject': [
          ...['aws/lambda/*', 'changes/*', 'log/heartbeat.json'].map((keys) => `<${bucketId}.Arn>/${keys}`),
        ],
        's3:ListBucket': [`<${bucketId}.Arn>`],
        'dynamodb:DescribeStream': [`<${recordsId}.StreamArn>`],
        'dynamodb:GetRecords': [`<${recordsId}.StreamArn>`],
        'dynamodb:GetShardIterator': [`<${recordsId}.StreamArn>`],
        'dynamodb:ListStreams': [`<${recordsId}.StreamArn>`],
        // What was forgotten.
        'dynamodb:GetItem': [`<${checkpointsId}.Arn>`],
        'events:PutEvents': [defaultBus],
      },
    ],
    [
      'ChangesSnapshots',
      {
        's3:GetObject': [`<${bucketId}.Arn>/log/heartbeat.json`, `<${bucketId}.Arn>/snapshots/*`],
        's3:PutObject': [`<${bucketId}.Arn>/snapshots/*`],
        's3:ListBucket': [`<${bucketId}.Arn>`],
        'dynamodb:Query': [`<${recordsId}.Arn>`],
        'dynamodb:UpdateItem': [`<${recordsId}.Arn>`],
      },
    ],
  ])('%s reaches these and its log, and nothing else', (under, reached) => {
    const statements = statementsOf(stack, only(stack, 'AWS::IAM::Role', `${under}Role`)[0]);
    const log = only(stack, 'AWS::Logs::LogGroup', under)[0];
    const pairs = statements.flatMap(({ actions, resources }) =>
      actions.flatMap((action) => resources.map((resource) => ({ action, resource }))),
    );
    const byAction = Object.groupBy(pairs, ({ action }) => action);
    const resourcesOf = (of: typeof pairs = []) => of.map(({ resource }) => resource).toSorted();
    expect(Object.fromEntries(Object.entries(byAction).map(([one, of]) => [one, resourcesOf(of)]))).toEqual({
      ...reached,
      'logs:CreateLogStream': [`<${log}.Arn>`],
      'logs:PutLogEvents': [`<${log}.Arn>`],
    });
  });

  it('snapshots read the records of the connections that there are', () => {
    const statements = statementsOf(stack, only(stack, 'AWS::IAM::Role', 'ChangesSnapshotsRole')[0]);
    expect(statements.find(({ actions }) => actions.includes('dynamodb:Query'))?.conditions).toEqual({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['mobaro/*', 'bob/*'] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    });
  });

  it('snapshots are looked after every hour, in the group of the watchdog, and may take long', () => {
    const [id, { Properties: fn }] = only(stack, 'AWS::Lambda::Function', 'ChangesSnapshots');
    const [, { Properties }] = only(stack, 'AWS::Scheduler::Schedule', 'WatchdogTicksSnapshots');
    expect(Properties).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      GroupName: 'Pagekeeper.watchdog',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: { 'Fn::GetAtt': [id, 'Arn'] }, Input: '{}' },
    });
    expect(fn['Timeout']).toBe(900);
    expect(variables(stack, 'ChangesSnapshots')['PAGEKEEPER_TIMEOUT_SECONDS']).toBe('900');
  });
});

/** Ids of what belongs to the change log. */
function ofChangeLog({ resources }: Synthesized): string[] {
  return Object.keys(resources).filter((id) => /^(Alarms)?[Cc]hange|^WatchdogTicksSnapshots/.test(id));
}

describe('a deployment without a change log', () => {
  it.each([
    ['with changes false', { changes: false }],
    ['on a table whose stream is not named', { tables: { records: { name: 'restored' } } }],
  ])('has no part of it: %s', (_, settings) => {
    const without = synthesized({ connections: { mobaro: {}, bob: {} }, ...settings });
    expect(ofChangeLog(stack).length).toBeGreaterThan(15);
    expect(ofChangeLog(without)).toEqual([]);
    expect(JSON.stringify(without.template.toJSON())).not.toMatch(/s3:|ChangesBucket/);
    expect(JSON.stringify(without.ofType('AWS::DynamoDB::Table', 'TablesRecords'))).not.toContain(
      'StreamSpecification',
    );
    // And has all the rest as it is.
    const gone = new Set(ofChangeLog(stack));
    const kept = Object.keys(stack.resources).filter(
      (id) => !gone.has(id) && !id.startsWith('TablesRecords'),
    );
    expect(Object.keys(without.resources)).toEqual(expect.arrayContaining(kept));
  });
});

describe('a records table that there is already, with a stream', () => {
  const streamArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/restored/stream/2026-11-30T00:00:00.000';
  const adopted = synthesized({ tables: { records: { name: 'restored', streamArn } } });

  it('is published from that stream', () => {
    expect(adopted.ofType('AWS::DynamoDB::Table', 'TablesRecords')).toEqual([]);
    const [, { Properties }] = only(adopted, 'AWS::Lambda::EventSourceMapping');
    expect(Properties).toMatchObject({ EventSourceArn: streamArn, StartingPosition: 'TRIM_HORIZON' });
    const [role] = only(adopted, 'AWS::IAM::Role', 'ChangesPublishRole');
    const reading = statementsOf(adopted, role).filter(({ actions }) =>
      actions.includes('dynamodb:GetRecords'),
    );
    expect(reading.map(({ resources }) => resources)).toEqual([[streamArn]]);
  });

  it('has snapshots of its own, which are told by its stream', () => {
    expect(variables(adopted, 'ChangesSnapshots')).toMatchObject({
      PAGEKEEPER_RECORDS_TABLE: 'restored',
      PAGEKEEPER_RECORDS_STREAM: streamArn,
    });
    expect(text(variables(stack, 'ChangesSnapshots')['PAGEKEEPER_RECORDS_STREAM'])).toBe(
      `<${recordsId}.StreamArn>`,
    );
  });
});
