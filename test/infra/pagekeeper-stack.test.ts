import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';

import { connectors } from '../../lib/connectors/registry.ts';
import { synthesized, text } from './synthesized.ts';

const stack = synthesized({ onCall: { emails: ['oncall@example.com'] } }, { validated: true });
const dev = synthesized({ stage: 'dev', connections: { bob: {} } });
const staging = synthesized({ stage: 'staging', connections: { bob: {} } });

describe('the stack of an empty configuration', () => {
  it('has the same logical ids as ever, for a new id is a new table, secret or queue', () => {
    const ids = Object.entries(stack.resources).map(([id, { Type }]) => `${Type} ${id}`);
    expect(ids.toSorted()).toMatchSnapshot();
  });

  it('names no account and no region', () => {
    expect(stack.app.stack.environment).toBe('aws://unknown-account/unknown-region');
  });

  it('tells a deployer where the secrets, the tables and the topic are', () => {
    const outputs = Object.keys(stack.template.findOutputs('*')).map((id) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(outputs.toSorted()).toEqual([
      'ChangesBucketName',
      'CheckpointsTableName',
      'ConnectionbobSecretName',
      'ConnectionmobaroSecretName',
      'OnCallTopicArn',
      'RecordsTableName',
      'TicketsTopicArn',
    ]);
    stack.template.hasOutput('*', { Value: 'Pagekeeper/bob' });
  });

  it('has a dashboard that another region or stage of the account has not', () => {
    const [[, dashboard] = []] = stack.ofType('AWS::CloudWatch::Dashboard');
    expect(text(dashboard?.Properties['DashboardName'])).toBe('Pagekeeper-<AWS::Region>');
  });

  it('puts what calls vendors into the subnets of egress, and nothing else', () => {
    const egress = { subnetIds: ['subnet-0123abcd'], securityGroupIds: ['sg-0123abcd'] };
    const inside = synthesized({ connections: { bob: {} }, egress });
    const config = { SubnetIds: egress.subnetIds, SecurityGroupIds: egress.securityGroupIds };
    const networks = inside
      .ofType('AWS::Lambda::Function')
      .map(([id, { Properties }]) => [id.replace(/[0-9A-F]{8}$/, ''), Properties['VpcConfig']]);
    expect(Object.fromEntries(networks)).toEqual({
      ConnectionbobScheduledSync: config,
      ConnectionbobQueuedSync: config,
      WatchdogFunction: undefined,
      ChangesPublish: undefined,
      ChangesSnapshots: undefined,
      EventsPublish: undefined,
    });
    const may = inside
      .ofType('AWS::IAM::Policy')
      .filter(([, { Properties }]) =>
        JSON.stringify(Properties['PolicyDocument']).includes('ec2:CreateNetworkInterface'),
      );
    expect(may.map(([id]) => id.replace(/RoleDefaultPolicy[0-9A-F]{8}$/, ''))).toEqual([
      'ConnectionbobScheduledSync',
      'ConnectionbobQueuedSync',
    ]);
  });

  it('tells the command line its settings, as they were written', () => {
    const settings = { stage: 'dev', connections: { bob: { streams: { people: { fields: ['root.id'] } } } } };
    for (const written of [settings, JSON.stringify(settings)]) {
      const metadata = { Pagekeeper: settings };
      expect(synthesized(written).template.toJSON()).toMatchObject({ Metadata: metadata });
    }
  });

  it('works on tables that there are already, and makes none in their place', () => {
    const adopted = synthesized({
      connections: { bob: {} },
      tables: { records: { name: 'restored-records' }, checkpoints: { name: 'restored-checkpoints' } },
    });
    expect(adopted.ofType('AWS::DynamoDB::Table')).toEqual([]);
    const functions = adopted.ofType('AWS::Lambda::Function', 'Connectionbob');
    expect(functions).toHaveLength(2);
    for (const [, { Properties }] of functions) {
      expect(Properties['Environment']).toMatchObject({
        Variables: {
          PAGEKEEPER_RECORDS_TABLE: 'restored-records',
          PAGEKEEPER_CHECKPOINTS_TABLE: 'restored-checkpoints',
        },
      });
    }
    const resources = adopted
      .ofType('AWS::IAM::Policy', 'Connectionbob')
      .flatMap(([, { Properties }]) => JSON.stringify(Properties['PolicyDocument']));
    expect(resources.join()).toContain(':table/restored-records');
  });

  it('has one connection for each connector', () => {
    const secrets = stack
      .ofType('AWS::SecretsManager::Secret')
      .map(([, secret]) => secret.Properties['Name']);
    expect(secrets).toEqual(Object.keys(connectors).map((name) => `Pagekeeper/${name}`));
  });

  it('relies on no policy that AWS manages', () => {
    const roles = stack.ofType('AWS::IAM::Role').map(([, role]) => role.Properties);
    expect(roles.filter((role) => 'ManagedPolicyArns' in role)).toEqual([]);
  });

  it('leaves nothing with a name behind that would keep it from being created again, but the secrets of people', () => {
    const left = Object.entries(stack.resources)
      .filter(([, { DeletionPolicy = 'Delete' }]) => DeletionPolicy !== 'Delete')
      .map(([, { Type, DeletionPolicy, Properties }]) => [
        ...[Type, DeletionPolicy, Properties['Name'] ?? Properties['TableName'] ?? null],
      ]);
    expect(left.toSorted()).toEqual([
      ['AWS::DynamoDB::Table', 'Retain', null],
      ['AWS::DynamoDB::Table', 'Retain', null],
      ['AWS::S3::Bucket', 'Retain', null],
      // A first deployment that has failed leaves none.
      ['AWS::SecretsManager::Secret', 'RetainExceptOnCreate', 'Pagekeeper/bob'],
      ['AWS::SecretsManager::Secret', 'RetainExceptOnCreate', 'Pagekeeper/mobaro'],
    ]);
    for (const [, secret] of dev.ofType('AWS::SecretsManager::Secret'))
      expect(secret.DeletionPolicy).toBe('Delete');
  });

  it('takes a secret that there is already in place of its own, and lets only its connection read it', () => {
    const { ofType, resources } = synthesized({
      connections: { mobaro: { secret: 'vendors/mobaro' }, bob: {} },
    });
    expect(ofType('AWS::SecretsManager::Secret').map(([, secret]) => secret.Properties['Name'])).toEqual([
      'Pagekeeper/bob',
    ]);
    const readers = Object.entries(resources)
      .filter(([, resource]) => JSON.stringify(resource).includes('secret:vendors/mobaro-??????'))
      .map(([id, { Type }]) => `${Type} ${id.replace(/[0-9A-F]{8}$/, '')}`);
    expect(readers.toSorted()).toEqual([
      'AWS::IAM::Policy ConnectionmobaroQueuedSyncRoleDefaultPolicy',
      'AWS::IAM::Policy ConnectionmobaroScheduledSyncRoleDefaultPolicy',
      'AWS::IAM::Policy WatchdogFunctionRoleDefaultPolicy',
    ]);
  });
});

describe("cdk-nag's AwsSolutions checks", () => {
  it('find nothing: synthesizing would have thrown', () => {
    const app = new App();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const bare = new Stack(app, 'Bare');
    new Queue(bare, 'Queue');
    expect(() => Template.fromStack(bare)).toThrow('AwsSolutions-SQS4');
    expect(() => stack.app.synth()).not.toThrow();
  });

  it('are acknowledged for single resources only, with a reason', () => {
    const acknowledged = stack.app.stack.node.findAll().flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
        .flatMap(({ data }) =>
          Object.entries(data as Record<string, string>).map(([rule, reason]) => ({
            rule: rule.replace('Annotation::AwsSolutions-', ''),
            path: construct.node.path.replace('Pagekeeper/', ''),
            reason,
          })),
        ),
    );
    // The bucket has another id where it is of another stack.
    const told = acknowledged.map(({ rule, path }) => `${rule} ${path}`.replace(/<\w+\.Arn>/, 'BUCKET'));
    expect([...new Set(told)].toSorted()).toEqual([
      'IAM5[Resource::BUCKET/aws/lambda/*] Changes/PublishRole/DefaultPolicy',
      'IAM5[Resource::BUCKET/changes/*] Changes/PublishRole/DefaultPolicy',
      'IAM5[Resource::BUCKET/changes/*] Events/PublishRole/DefaultPolicy',
      'IAM5[Resource::BUCKET/snapshots/*] Changes/SnapshotsRole/DefaultPolicy',
      'S1 Changes/Bucket',
      'SMG4 Connection-bob/Secret',
      'SMG4 Connection-mobaro/Secret',
      'SQS3 Connection-bob/Ticks/Missed',
      'SQS3 Connection-mobaro/Ticks/Missed',
      'SQS3 Watchdog/Ticks/Missed',
    ]);
    for (const { reason } of acknowledged) expect(reason.split(' ').length).toBeGreaterThan(5);
  });
});

describe('the tables', () => {
  it('are on demand, can be restored to any moment, and have the keys that the functions use', () => {
    const [checkpoints, records] = stack.ofType('AWS::DynamoDB::Table').map(([, table]) => table.Properties);
    for (const table of [checkpoints, records]) {
      expect(table).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
    expect(checkpoints?.['KeySchema']).toEqual([{ AttributeName: 'pk', KeyType: 'HASH' }]);
    expect(records?.['KeySchema']).toEqual([
      { AttributeName: 'stream', KeyType: 'HASH' },
      { AttributeName: 'id', KeyType: 'RANGE' },
    ]);
  });

  it('lose what a run has seen, and tombstones, once they have expired', () => {
    for (const [, table] of stack.ofType('AWS::DynamoDB::Table')) {
      expect(table.Properties['TimeToLiveSpecification']).toEqual({
        AttributeName: 'expiresAt',
        Enabled: true,
      });
    }
  });

  it.each([
    ['prod', stack],
    ['staging', staging],
  ])('outlive the stack in stage %s, and cannot be deleted', (_, { app, ofType }) => {
    for (const [, table] of ofType('AWS::DynamoDB::Table')) {
      expect(table.DeletionPolicy).toBe('Retain');
      expect(table.Properties['DeletionProtectionEnabled']).toBe(true);
    }
    expect(app.stack.terminationProtection).toBe(true);
  });

  it('go with the stack in stage dev', () => {
    for (const [, table] of dev.ofType('AWS::DynamoDB::Table')) {
      expect(table.DeletionPolicy).toBe('Delete');
      expect(table.Properties['DeletionProtectionEnabled']).toBe(false);
    }
    expect(dev.app.stack.terminationProtection).toBe(false);
  });
});

describe('two connections to one vendor', () => {
  const two = synthesized(
    {
      connections: {
        north: { connector: 'mobaro' },
        south: { connector: 'mobaro', streams: { users: { schedule: 'rate(1 hour)' } } },
      },
    },
    // Names that must differ within an account are compared here.
    { validated: true },
  );

  it('share the tables, the watchdog, the change log and the events, and nothing else', () => {
    const counted = (under: string): Record<string, number> =>
      Object.fromEntries(
        [
          'AWS::Lambda::Function',
          'AWS::SQS::Queue',
          'AWS::SecretsManager::Secret',
          'AWS::Scheduler::ScheduleGroup',
          'AWS::Scheduler::Schedule',
          'AWS::Lambda::EventSourceMapping',
        ].map((type) => [type.replace(/.*::/, ''), two.ofType(type, under).length]),
      );
    const each = { Function: 2, Queue: 3, Secret: 1, ScheduleGroup: 1, EventSourceMapping: 1 };
    expect(counted('Connectionnorth')).toEqual({ ...each, Schedule: 4 });
    expect(counted('Connectionsouth')).toEqual({ ...each, Schedule: 1 });
  });

  it('do not refer to each other', () => {
    const north = Object.entries(two.resources).filter(([id]) => id.startsWith('Connectionnorth'));
    expect(JSON.stringify(north)).not.toContain('Connectionsouth');
    expect(JSON.stringify(north)).not.toContain('south');
  });

  it('have alarms of their own, by name', () => {
    const names = two
      .ofType('AWS::CloudWatch::Alarm')
      .map(([, alarm]) => text(alarm.Properties['AlarmName']));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(['Pagekeeper north unauthorized', 'Pagekeeper south unauthorized']),
    );
  });
});
