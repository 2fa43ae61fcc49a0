import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { maxSeenRows } from '../../../lib/aws/dynamo-seen-rows.ts';
import { digestBytes } from '../../../lib/aws/packed-digests.ts';
import { readEnvironment, readSyncEnvironment } from '../../../lib/runtime/environment.ts';
import type { SettingsDocument } from '../../../lib/runtime/settings-document.ts';
import { secretPlaceholder } from '../../../lib/sync/credentials.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { statementsOf, synthesized, text, type Resource } from '../synthesized.ts';

const stack = synthesized({
  connections: {
    mobaro: {
      limitGroup: 'account-1',
      limitPerMinute: 240,
      streams: {
        users: {
          pageSize: 50,
          attemptCap: 3,
          timeBudgetHours: 6,
          deletionGuard: { percent: 2 },
          tombstoneRetentionDays: 30,
        },
        locations: {},
      },
    },
    bob: { baseUrl: 'https://api.sandbox.hibob.com/v1', timeoutSeconds: 90 },
  },
});

function only(type: string, under: string): [string, Resource] {
  const [found, ...others] = stack.ofType(type, under);
  if (found === undefined || others.length > 0) throw new Error(`Not one ${type} under ${under}`);
  return found;
}

function fn(id: string): Record<string, unknown> {
  return only('AWS::Lambda::Function', id)[1].Properties;
}

function variables(id: string): Record<string, string> {
  const { Variables } = fn(id)['Environment'] as { Variables: Record<string, unknown> };
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, text(value)]));
}

/** As Lambda runs it: with the settings beside its code. */
function atWork(id: string): Record<string, string> {
  return { ...variables(id), LAMBDA_TASK_ROOT: folder.path };
}

function settingsOf(name: string, { settings }: { readonly settings: SettingsDocument }) {
  return settings.connections.find((connection) => connection.name === name);
}

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(path.join(folder.path, 'settings.json'), JSON.stringify(stack.app.stack.settings));
});
afterAll(() => folder[Symbol.asyncDispose]());

function conditionsOn(keys: string[]): unknown {
  return {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
}

const syncFunctions = ['ScheduledSync', 'QueuedSync'].flatMap((name) => [
  `Connectionmobaro${name}`,
  `Connectionbob${name}`,
]);
const allFunctions = [...syncFunctions, 'WatchdogFunction', 'ChangesPublish', 'ChangesSnapshots'];

describe('every function', () => {
  it.each(allFunctions)(
    '%s runs on Node 24 on arm64, and logs JSON to a group of its own with an end',
    (id) => {
      const properties = fn(id);
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: 512,
        LoggingConfig: { LogFormat: 'JSON' },
      });
      const { LogGroup } = properties['LoggingConfig'] as { LogGroup: { Ref: string } };
      expect(stack.resources[LogGroup.Ref]).toMatchObject({
        Type: 'AWS::Logs::LogGroup',
        Properties: { RetentionInDays: 90 },
      });
    },
  );

  it.each(syncFunctions)('%s has eight times the memory that all that a run may have seen takes', (id) => {
    const { MemorySize } = fn(id);
    expect(MemorySize).toBe((8 * maxSeenRows * digestBytes) / 1024 ** 2);
  });

  it.each(allFunctions)('%s reserves no concurrency, which a new account has none of', (id) => {
    expect(fn(id)).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it.each(allFunctions)('%s maps its stack traces back to the sources', (id) => {
    expect(variables(id)['NODE_OPTIONS']).toBe('--enable-source-maps');
  });

  it('writes to a log group whose name says whose it is', () => {
    const names = stack.ofType('AWS::Logs::LogGroup').map(([, group]) => group.Properties['LogGroupName']);
    expect(names).toEqual([
      '/pagekeeper/Pagekeeper/tell-on-call',
      '/pagekeeper/Pagekeeper/mobaro/scheduled-sync',
      '/pagekeeper/Pagekeeper/mobaro/queued-sync',
      '/pagekeeper/Pagekeeper/bob/scheduled-sync',
      '/pagekeeper/Pagekeeper/bob/queued-sync',
      '/pagekeeper/Pagekeeper/watchdog',
      '/pagekeeper/Pagekeeper/publish-changes',
      '/pagekeeper/Pagekeeper/take-snapshots',
      '/pagekeeper/Pagekeeper/publish-events',
    ]);
  });
});

describe('the traps of Lambda', () => {
  it('a page that asks for the next one is no loop to be ended after 16 rounds', () => {
    for (const id of allFunctions) {
      expect(fn(id)['RecursiveLoop']).toBe(id.endsWith('QueuedSync') ? 'Allow' : undefined);
    }
  });

  it('a tick that failed is not repeated by Lambda', () => {
    const configs = stack
      .ofType('AWS::Lambda::EventInvokeConfig')
      .map(([, config]) => config.Properties)
      .filter((config) => !text(config['FunctionName']).includes('TellOnCall'));
    expect(configs.map((config) => text(config['FunctionName']))).toEqual([
      expect.stringMatching(/^<ConnectionmobaroScheduledSync/),
      expect.stringMatching(/^<ConnectionbobScheduledSync/),
      expect.stringMatching(/^<WatchdogFunction/),
      expect.stringMatching(/^<ChangesSnapshots/),
    ]);
    for (const config of configs) expect(config['MaximumRetryAttempts']).toBe(0);
  });

  it.each([
    ['mobaro', 2],
    ['bob', 3],
  ])('%s: one message a call, reported one by one, never fewer than 2 at once', (name, concurrency) => {
    const [, mapping] = only('AWS::Lambda::EventSourceMapping', `Connection${name}`);
    expect(mapping.Properties).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: concurrency },
    });
    expect(text(mapping.Properties['FunctionName'])).toContain('QueuedSync');
  });

  it.each([
    ['mobaro', 30],
    ['bob', 90],
  ])('%s: a message stays hidden for at least six times the %i s of the function', (name, timeout) => {
    expect(fn(`Connection${name}ScheduledSync`)['Timeout']).toBe(timeout);
    expect(fn(`Connection${name}QueuedSync`)['Timeout']).toBe(timeout);
    const [, queue] = only('AWS::SQS::Queue', `Connection${name}QueuePages`);
    expect(queue.Properties['VisibilityTimeout']).toBeGreaterThanOrEqual(6 * timeout);
  });
});

describe('what the functions are told', () => {
  it('is read by them as it was meant', () => {
    const environment = readSyncEnvironment(atWork('ConnectionmobaroQueuedSync'));
    const [queueId] = only('AWS::SQS::Queue', 'ConnectionmobaroQueuePages');
    const [, secret] = only('AWS::SecretsManager::Secret', 'Connectionmobaro');
    expect(environment).toMatchObject({
      deployment: 'Pagekeeper',
      connection: {
        name: 'mobaro',
        baseUrl: 'https://app.mobaro.com/api/customers',
        timeoutSeconds: 30,
        pageQueueUrl: `<${queueId}>`,
        secretName: secret.Properties['Name'],
      },
    });
    expect(environment.connection.streams).toMatchObject([
      {
        name: 'mobaro/users',
        limitScope: 'account-1',
        settings: {
          pageSize: 50,
          attemptCap: 3,
          continuation: 'queue',
          timeBudgetHours: 6,
          deletionGuard: { rows: 10, percent: 2 },
          tombstoneRetentionDays: 30,
        },
        gapSeconds: 20 * 60,
        leaseMs: 40_000,
        visibilityMs: 180_000,
      },
      {
        name: 'mobaro/locations',
        settings: {
          pageSize: 128,
          attemptCap: 5,
          timeBudgetHours: 48,
          deletionGuard: { rows: 10, percent: 10 },
          tombstoneRetentionDays: 90,
        },
      },
    ]);
  });

  it('caps an answer by the memory of the functions, and says so where it is not the usual cap', () => {
    const large = synthesized({ connections: { mobaro: { memoryMb: 1024 } } });
    const functions = ['ScheduledSync', 'QueuedSync'].flatMap((name) =>
      large.ofType('AWS::Lambda::Function', `Connectionmobaro${name}`),
    );
    expect(functions).toHaveLength(2);
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({ MemorySize: 1024 });
    }
    expect(settingsOf('mobaro', large.app.stack)).toMatchObject({ maxPageMb: 64 });
    expect(settingsOf('bob', stack.app.stack)).not.toHaveProperty('maxPageMb');
  });

  it('is the same for both functions of a connection', () => {
    expect(variables('ConnectionbobScheduledSync')).toEqual(variables('ConnectionbobQueuedSync'));
    expect(settingsOf('bob', stack.app.stack)?.baseUrl).toBe('https://api.sandbox.hibob.com/v1');
  });

  it('is all connections for the watchdog', () => {
    const { connections } = readEnvironment(atWork('WatchdogFunction'));
    expect(connections.map(({ name, streams }) => [name, streams.length])).toEqual([
      ['mobaro', 2],
      ['bob', 3],
    ]);
  });

  it('holds nothing of the secret', () => {
    for (const id of allFunctions) expect(JSON.stringify(variables(id))).not.toContain(secretPlaceholder);
    expect(JSON.stringify(stack.app.stack.settings)).not.toContain(secretPlaceholder);
  });

  it('is as long as it need be: 400 fields are no matter', () => {
    const fields = Array.from({ length: 400 }, (_, index) => `work.custom.field_${String(index)}`);
    const wide = synthesized({ connections: { bob: { streams: { people: { fields } } } } });
    expect(settingsOf('bob', wide.app.stack)?.streams['people']?.fields).toEqual(fields);
  });

  it('fits into the 4 KB of a function, or the synth says which setting is too much', () => {
    const names = Array.from({ length: 30 }, (_, index) => `connection-number-${String(index)}`);
    const connection = { connector: 'mobaro', streams: { users: {} } };
    expect(() =>
      synthesized({ connections: Object.fromEntries(names.map((name) => [name, connection])) }),
    ).toThrow(
      /^pagekeeper\.connections: takes about \d+ bytes in the environment of a function, and Lambda allows 4096; deploy some connections as another stage/,
    );
  });
});

describe('what the functions may do', () => {
  it.each([
    [
      'mobaro',
      [
        'stream#mobaro/*',
        'seen#mobaro/*',
        'ids#mobaro/*',
        'schema#mobaro/*',
        'breaker#mobaro',
        'gate#account-1',
        'outage#account-1',
      ],
    ],
    [
      'bob',
      [
        'stream#bob/*',
        'seen#bob/*',
        'ids#bob/*',
        'schema#bob/*',
        'breaker#bob',
        'gate#bob:*',
        'outage#bob:*',
      ],
    ],
  ])('those of %s reach its own items, queue, secret and log, and nothing else', (name, partitions) => {
    const under = `Connection${name}`;
    const [queueId] = only('AWS::SQS::Queue', `${under}QueuePages`);
    const [secretId] = only('AWS::SecretsManager::Secret', under);
    const [checkpoints, records] = stack.ofType('AWS::DynamoDB::Table').map(([id]) => id);
    const common = [
      {
        actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
        resources: [`<${String(checkpoints)}.Arn>`],
        conditions: conditionsOn(partitions),
      },
      {
        // No Scan: a Query names a partition, and so its LeadingKeys hold for it.
        actions: [
          'dynamodb:BatchGetItem',
          'dynamodb:BatchWriteItem',
          'dynamodb:DeleteItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        resources: [`<${String(records)}.Arn>`],
        conditions: conditionsOn([`${name}/*`]),
      },
      { actions: ['secretsmanager:GetSecretValue'], resources: [`<${secretId}>`], conditions: null },
    ];
    const logs = (id: string) => ({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [`<${only('AWS::Logs::LogGroup', `${under}${id}Logs`)[0]}.Arn>`],
      conditions: null,
    });
    const queue = (actions: string[]) => ({ actions, resources: [`<${queueId}.Arn>`], conditions: null });
    const roleOf = (id: string) => only('AWS::IAM::Role', `${under}${id}Role`)[0];

    const scheduled = statementsOf(stack, roleOf('ScheduledSync'));
    expect(scheduled).toHaveLength(5);
    expect(scheduled).toEqual(
      expect.arrayContaining([...common, logs('ScheduledSync'), queue(['sqs:SendMessage'])]),
    );
    const queued = statementsOf(stack, roleOf('QueuedSync'));
    expect(queued).toHaveLength(5);
    expect(queued).toEqual(
      expect.arrayContaining([
        ...common,
        logs('QueuedSync'),
        queue([
          'sqs:ChangeMessageVisibility',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
          'sqs:GetQueueUrl',
          'sqs:ReceiveMessage',
          'sqs:SendMessage',
        ]),
      ]),
    );
  });

  it('the watchdog reaches all checkpoints and queues, but no record and no secret value', () => {
    const statements = statementsOf(stack, only('AWS::IAM::Role', 'WatchdogFunctionRole')[0]);
    const actions = statements.flatMap((statement) => statement.actions);
    expect([...new Set(actions)].toSorted()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:DescribeSecret',
      'sns:Publish',
      'sqs:SendMessage',
    ]);
    const reached = statements.flatMap(({ resources }) => resources);
    expect(reached.filter((id) => id.includes('QueuePages'))).toHaveLength(2);
    expect(reached.filter((id) => id.includes('Secret'))).toHaveLength(2);
    expect(reached.filter((id) => id.includes('Records'))).toHaveLength(0);
  });
});

describe('the secret', () => {
  it.each([
    ['mobaro', '{"apiKey":"REPLACE_ME"}'],
    ['bob', '{"serviceUserId":"REPLACE_ME","serviceUserToken":"REPLACE_ME"}'],
  ])('of %s starts with placeholders; another template would overwrite the real key', (name, json) => {
    const [, secret] = only('AWS::SecretsManager::Secret', `Connection${name}`);
    expect(secret.Properties['Name']).toBe(`Pagekeeper/${name}`);
    expect(secret.Properties['GenerateSecretString']).toEqual({
      SecretStringTemplate: json,
      GenerateStringKey: 'unused',
    });
  });
});

describe('the schedules', () => {
  it('of a connection fire at different minutes, and send the stream and the time', () => {
    const { ofType } = synthesized();
    const mobaro = ofType('AWS::Scheduler::Schedule', 'Connectionmobaro').map(
      ([, { Properties }]) => Properties,
    );
    expect(new Set(mobaro.map((schedule) => schedule['ScheduleExpression'])).size).toBe(4);
    const inputs = mobaro.map(({ Target }) => JSON.parse((Target as { Input: string }).Input) as unknown);
    expect(inputs).toEqual(
      ['users', 'timesheets', 'locations', 'results'].map((stream) => ({
        stream: `mobaro/${stream}`,
        scheduledAt: '<aws.scheduler.scheduled-time>',
      })),
    );
    const [, rounds] = ofType('AWS::Scheduler::Schedule', 'Watchdog')[0] ?? [];
    expect(rounds?.Properties).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      Target: { Input: '{}' },
    });
  });
});
