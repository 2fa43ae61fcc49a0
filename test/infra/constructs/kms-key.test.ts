import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { keyPolicyFor } from '../../../infra/cli/policy/key-policy.ts';
import { readTemplate } from '../../../infra/emulator/template/read-template.ts';
import { kmsKeyOf } from '../../../infra/settings/kms-key.ts';
import { projectRoot } from '../../../infra/settings/project.ts';
import { like } from '../../support/dynamodb-partitions.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { statementsOf, synthesized, text, type Synthesized } from '../synthesized.ts';

const arn = 'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef';
const without = synthesized();
// By CloudFormation's own schemas and rules, too.
const withKey = synthesized({ kmsKey: arn }, { validated: true });

function propertiesOf(stack: Synthesized, type: string): Readonly<Record<string, unknown>>[] {
  return stack.ofType(type).map(([, { Properties }]) => Properties);
}

/** What a key is named by, of each type that keeps something, and how many of the type there are. */
const encrypted = [
  ['AWS::DynamoDB::Table', 'SSESpecification', { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: arn }, 2],
  [
    'AWS::S3::Bucket',
    'BucketEncryption',
    {
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { KMSMasterKeyID: arn, SSEAlgorithm: 'aws:kms' },
        },
      ],
    },
    1,
  ],
  ['AWS::SecretsManager::Secret', 'KmsKeyId', arn, 2],
  ['AWS::Logs::LogGroup', 'KmsKeyId', arn, 9],
  ['AWS::SQS::Queue', 'KmsMasterKeyId', arn, 7],
  ['AWS::SNS::Topic', 'KmsMasterKeyId', arn, 4],
] as const;

describe('the setting kmsKey', () => {
  it.each(encrypted)('encrypts every %s by its %s', (type, property, value, count) => {
    const found = propertiesOf(withKey, type).map((properties) => properties[property]);
    expect(found).toEqual(Array.from({ length: count }, () => value));
  });

  it('leaves them to the keys of AWS where it is not given, and the topics to one of the stack', () => {
    for (const [type, property] of encrypted) {
      if (type === 'AWS::SNS::Topic' || type === 'AWS::S3::Bucket') continue;
      expect(propertiesOf(without, type).filter((properties) => property in properties)).toEqual([]);
    }
    expect(JSON.stringify(propertiesOf(without, 'AWS::S3::Bucket'))).toContain('"SSEAlgorithm":"AES256"');
    expect(without.ofType('AWS::KMS::Key')).toHaveLength(1);
    expect(withKey.ofType('AWS::KMS::Key')).toEqual([]);
    expect(JSON.stringify(without.resources)).not.toContain('kms:ViaService');
  });

  it('encrypts a queue in one way: SQS takes no two', () => {
    expect(
      propertiesOf(without, 'AWS::SQS::Queue').every(
        ({ SqsManagedSseEnabled }) => SqsManagedSseEnabled === true,
      ),
    ).toBe(true);
    expect(
      propertiesOf(withKey, 'AWS::SQS::Queue').filter((queue) => 'SqsManagedSseEnabled' in queue),
    ).toEqual([]);
  });

  it('gives nothing another id, and adds a policy for each role that needs one', () => {
    const ids = (stack: Synthesized): string[] => Object.keys(stack.resources);
    const isKeyPolicy = (id: string): boolean => /KeyPolicy[0-9A-F]{8}$/.test(id);
    expect(ids(withKey).filter((id) => !isKeyPolicy(id))).toEqual(
      ids(without).filter((id) => !id.startsWith('OnCallKey')),
    );
    expect(ids(withKey).filter(isKeyPolicy)).toHaveLength(withKey.ofType('AWS::IAM::Role').length);
  });

  it('encrypts nothing before all roles may use the key', () => {
    const policies = withKey.ofType('AWS::IAM::Policy').filter(([id]) => id.includes('KeyPolicy'));
    // They wait for nothing that is encrypted, then.
    for (const [, { Properties }] of policies) {
      expect(JSON.stringify(Properties['PolicyDocument'])).not.toMatch(/"Ref"|Fn::/);
    }
    const ids = policies.map(([id]) => id).sort();
    for (const [type] of encrypted) {
      for (const [id, resource] of withKey.ofType(type)) {
        // What is a connection's waits for no other connection, which cannot reach it.
        const own = /^Connection(mobaro|bob)/.exec(id)?.[0];
        const may = ids.filter(
          (one) => own === undefined || !one.startsWith('Connection') || one.startsWith(own),
        );
        expect((resource as { DependsOn?: string[] }).DependsOn, id).toEqual(expect.arrayContaining(may));
        expect(may.length, id).toBeGreaterThan(3);
      }
    }
  });

  it('leaves tables alone that there are already, and lets the functions use the key for them', () => {
    const adopted = synthesized({
      ...{ kmsKey: arn, tables: { records: { name: 'restored' }, checkpoints: { name: 'restored-too' } } },
    });
    expect(adopted.ofType('AWS::DynamoDB::Table')).toEqual([]);
    expect(viaOf(adopted, 'WatchdogFunctionRole')['kms:Decrypt']).toContain(
      'dynamodb.eu-west-1.amazonaws.com',
    );
  });

  it('looks nothing up in an account', () => {
    expect(withKey.app.synth().manifest.missing ?? []).toEqual([]);
  });

  it('says what the key’s own policy needs, and nothing where there is none', () => {
    const told = (stack: Synthesized): unknown[] =>
      Annotations.fromStack(stack.app.stack)
        .findInfo('*', Match.stringLikeRegexp('kmsKey'))
        .map(({ entry }): unknown => entry.data);
    expect(told(withKey)).toEqual([
      'pagekeeper.kmsKey: its own policy has to let this deployment in before it is deployed; npx pagekeeper policy key prints the statements.',
    ]);
    expect(told(without)).toEqual([]);
  });

  it('is nothing to cdk-nag, and acknowledges nothing', () => {
    expect(() => withKey.app.synth()).not.toThrow();
    const acknowledged = (stack: Synthesized): number =>
      stack.app.stack.node
        .findAll()
        .flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:acknowledged-rules'))
        .length;
    expect(acknowledged(withKey)).toBe(acknowledged(without));
  });

  it('changes nothing on a laptop', async () => {
    await using code = await temporaryFolder();
    await writeFile(path.join(code.path, 'index.mjs'), '');
    const model = ({ template, ofType }: Synthesized) => {
      const keys = ofType('AWS::Lambda::Function').map(
        ([, { Properties }]) => (Properties['Code'] as { S3Key: string }).S3Key,
      );
      const assets = new Map(keys.map((key) => [key.replace(/\.zip$/, ''), code.path]));
      const read = readTemplate({ stackName: 'Pagekeeper', template: template.toJSON(), assets });
      // Without what reads the environment later: another one each time.
      return JSON.parse(JSON.stringify(read)) as unknown;
    };
    expect(model(withKey)).toEqual(model(without));
  });
});

/** By what KMS is asked for, the services that may ask for a role. */
function viaOf(stack: Synthesized, role: string): Readonly<Record<string, readonly string[]>> {
  const [found] = stack.ofType('AWS::IAM::Role', role);
  const statements = statementsOf(stack, found?.[0] ?? '').filter(({ actions }) =>
    actions.some((one) => one.startsWith('kms:')),
  );
  for (const { resources } of statements) expect(resources).toEqual([arn]);
  return Object.fromEntries(
    statements.flatMap(({ actions, conditions }) => {
      const { StringEquals = {} } = conditions as { StringEquals?: Record<string, string | string[]> };
      expect(Object.keys(StringEquals)).toEqual(['kms:ViaService']);
      return actions.map((action) => [action, [StringEquals['kms:ViaService'] ?? []].flat()]);
    }),
  );
}

const hosts = (...services: readonly string[]): string[] =>
  services.map((service) => `${service}.eu-west-1.amazonaws.com`);

describe('what the roles may do with the key', () => {
  it.each([
    ['ConnectionmobaroScheduledSyncRole', ['dynamodb', 'logs', 'secretsmanager', 'sqs'], ['logs', 'sqs']],
    ['ConnectionmobaroQueuedSyncRole', ['dynamodb', 'logs', 'secretsmanager', 'sqs'], ['logs', 'sqs']],
    ['ConnectionbobScheduledSyncRole', ['dynamodb', 'logs', 'secretsmanager', 'sqs'], ['logs', 'sqs']],
    ['ConnectionbobQueuedSyncRole', ['dynamodb', 'logs', 'secretsmanager', 'sqs'], ['logs', 'sqs']],
    // It reads no secret, only which version it has.
    ['WatchdogFunctionRole', ['dynamodb', 'logs', 'sns', 'sqs'], ['logs', 'sns', 'sqs']],
    ['TellOnCallFunctionRole', ['dynamodb', 'logs', 'sns'], ['logs', 'sns']],
    // Lambda reads the table's stream for it.
    ['ChangesPublishRole', ['dynamodb', 'logs', 's3'], ['logs', 's3']],
    ['ChangesSnapshotsRole', ['dynamodb', 'logs', 's3'], ['logs', 's3']],
    ['EventsPublishRole', ['dynamodb', 'logs', 's3'], ['logs']],
    ['ConnectionmobaroTicksRole', ['sqs'], ['sqs']],
    ['WatchdogTicksRole', ['sqs'], ['sqs']],
  ])('of %s is to read by way of %j and to write by way of %j', (role, reads, writes) => {
    expect(viaOf(withKey, role)).toEqual({
      'kms:Decrypt': hosts(...reads),
      'kms:GenerateDataKey': hosts(...writes),
    });
  });

  it('is nothing that is not by way of a service', () => {
    for (const [id] of withKey.ofType('AWS::IAM::Role')) viaOf(withKey, id);
  });
});

describe('the statements for the policy of the key', () => {
  const statements = keyPolicyFor(kmsKeyOf(arn), 'Pagekeeper', '123456789012');
  const [roles, grants, alarms, logs] = statements;

  it('let in what the roles of the stack may do', () => {
    const via = [roles?.Condition?.['StringEquals']?.['kms:ViaService'] ?? []].flat();
    for (const [id] of withKey.ofType('AWS::IAM::Role')) {
      for (const [action, services] of Object.entries(viaOf(withKey, id))) {
        expect(
          roles?.Action.some((pattern) => like(pattern, action)),
          action,
        ).toBe(true);
        expect(via).toEqual(expect.arrayContaining([...services]));
      }
    }
    expect(grants).toMatchObject({
      Action: ['kms:CreateGrant'],
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    });
  });

  it('let in alarms of the account, as the stack’s own key does', () => {
    const [own] = propertiesOf(without, 'AWS::KMS::Key');
    const { Statement } = own?.['KeyPolicy'] as {
      Statement: { Principal: { Service?: string }; Action: unknown }[];
    };
    const letIn = Statement.find(({ Principal }) => Principal.Service === 'cloudwatch.amazonaws.com');
    expect({ Principal: alarms?.Principal, Action: alarms?.Action }).toEqual({
      Principal: letIn?.Principal,
      Action: letIn?.Action,
    });
    expect(alarms?.Condition).toEqual({ StringEquals: { 'aws:SourceAccount': '123456789012' } });
  });

  it('let in the logs of this stack, and of no other', () => {
    expect(logs?.Principal).toEqual({ Service: 'logs.eu-west-1.amazonaws.com' });
    const pattern = String(logs?.Condition?.['ArnLike']?.['kms:EncryptionContext:aws:logs:arn']);
    const groups = propertiesOf(withKey, 'AWS::Logs::LogGroup').map(({ LogGroupName }) => text(LogGroupName));
    const isLetIn = (group: string): boolean =>
      like(pattern, `arn:aws:logs:eu-west-1:123456789012:log-group:${group}`);
    expect(groups.filter((group) => !isLetIn(group))).toEqual([]);
    expect(isLetIn('/pagekeeper/Pagekeeper-test/watchdog')).toBe(false);
    expect(isLetIn('/aws/lambda/other')).toBe(false);
  });

  it('name the services of China as they are called there', () => {
    const [, , , chinese] = keyPolicyFor(
      kmsKeyOf(arn.replace('aws:kms:eu-west-1', 'aws-cn:kms:cn-north-1')),
      'P',
      '123456789012',
    );
    expect(chinese?.Principal).toEqual({ Service: 'logs.cn-north-1.amazonaws.com.cn' });
  });
});

describe('switching it on', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-test-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** As `cdk diff` tells it, by what CloudFormation's documentation says of each property. */
  function differences(deployed: object, stack: Synthesized): Promise<string> {
    const file = path.join(folder, 'deployed.json');
    const env = {
      PATH: `${path.join(projectRoot, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
      ...{ HOME: folder, CI: '1', AWS_EC2_METADATA_DISABLED: 'true' },
    };
    const args = ['diff', '--no-color', '--template', file, '--app', stack.app.synth().directory];
    return writeFile(file, JSON.stringify(deployed)).then(
      () =>
        new Promise((resolve) => {
          execFile('cdk', args, { cwd: folder, env }, (_, stdout, stderr) => resolve(stdout + stderr));
        }),
    );
  }

  it('replaces nothing, and takes nothing away but the key of the stack', async () => {
    const told = await differences(without.template.toJSON(), withKey);
    for (const [type, property, , count] of encrypted) {
      const changed = told.match(new RegExp(`^\\[~\\] ${type} .*\\n(?: .*\\n)*? .*${property}\\b`, 'gm'));
      expect(changed, type).toHaveLength(count);
    }
    expect(told).not.toMatch(/replace/i);
    expect([...told.matchAll(/^\[-\] (AWS::\S+)/gm)].map(([, type]) => type)).toEqual(['AWS::KMS::Key']);
  });

  it('would be told if it did', async () => {
    const template = without.template.toJSON() as {
      Resources: Record<string, { Type: string; Properties: object }>;
    };
    const [[id, table] = ['', { Type: '', Properties: {} }]] = without.ofType('AWS::DynamoDB::Table');
    const other = { ...table, Properties: { ...table.Properties, TableName: 'another' } };
    const deployed = { ...template, Resources: { ...template.Resources, [id]: other } };
    expect(await differences(deployed, without)).toMatch(/replace/i);
  });
});
