import { describe, expect, it } from 'vitest';

import { readSettings } from '../../../infra/settings/read-settings.ts';
import { synthesized } from '../synthesized.ts';

const types = [
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Athena::WorkGroup',
  'AWS::Athena::NamedQuery',
] as const;

describe('the lake', () => {
  const { ofType, template } = synthesized({ stage: 'test', lake: true, changes: { retentionDays: 30 } });
  const properties = (type: string) => ofType(type).map(([, resource]) => resource.Properties);

  it('is not there unless it is asked for', () => {
    const plain = synthesized();
    for (const type of types) expect(plain.ofType(type)).toEqual([]);
  });

  it('has a table over the log and one over its snapshots, whose partitions are told by the settings', () => {
    expect(properties('AWS::Glue::Database')).toMatchObject([{ DatabaseInput: { Name: 'pagekeeper_test' } }]);
    const tables = properties('AWS::Glue::Table') as {
      TableInput: Record<string, unknown>;
      DatabaseName: string;
    }[];
    expect(
      tables.map(({ DatabaseName, TableInput: { Name, PartitionKeys } }) => [
        DatabaseName,
        Name,
        PartitionKeys,
      ]),
    ).toEqual([
      [
        'pagekeeper_test',
        'changes',
        ['connection', 'stream', 'day'].map((name) => ({ Name: name, Type: 'string' })),
      ],
      [
        'pagekeeper_test',
        'snapshots',
        ['connection', 'stream'].map((name) => ({ Name: name, Type: 'string' })),
      ],
    ]);
    const [changes] = tables;
    expect(changes?.TableInput).toMatchObject({
      StorageDescriptor: { Columns: [{ Name: 'line', Type: 'string' }] },
      Parameters: {
        'projection.enabled': 'true',
        'projection.connection.values': 'mobaro,bob',
        'projection.stream.values': expect.stringMatching(/(^|,)time-off-changes(,|$)/),
        'projection.day.range': 'NOW-31DAYS,NOW+1DAYS',
      },
    });
    expect(JSON.stringify(changes?.TableInput['Parameters'])).toContain(
      '/changes/${connection}/${stream}/${day}/',
    );
  });

  it('keeps what Athena answers for a day, encrypted as the log is', () => {
    const [workGroup] = properties('AWS::Athena::WorkGroup');
    expect(workGroup).toMatchObject({
      Name: 'Pagekeeper-test',
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
      },
    });
    expect(JSON.stringify(workGroup)).toContain('/query-results/');
    const [bucket] = properties('AWS::S3::Bucket');
    expect(bucket).toMatchObject({
      LifecycleConfiguration: {
        Rules: [
          { ExpirationInDays: 30 },
          { Prefix: 'query-results/', ExpirationInDays: 1, Status: 'Enabled' },
        ],
      },
    });
    const kmsKey = 'arn:aws:kms:us-east-1:123456789012:key/0b5c5c3e-7d52-4a35-9d51-2f1a6a3b6a01';
    const encrypted = synthesized({ lake: true, kmsKey }).ofType('AWS::Athena::WorkGroup');
    expect(JSON.stringify(encrypted)).toContain('"SSE_KMS"');
  });

  it('has saved queries, and outputs by which it is found', () => {
    const queries = properties('AWS::Athena::NamedQuery') as { Name: string; QueryString: string }[];
    expect(queries.map(({ Name }) => Name)).toEqual([
      'Pagekeeper-test: history of a record',
      'Pagekeeper-test: present state of a stream',
    ]);
    for (const { QueryString } of queries)
      expect(QueryString).toMatch(/^-- Put another stream .*\nwith lines as/);
    const { Outputs } = template.toJSON() as { Outputs: Record<string, { Value: unknown }> };
    expect([Outputs['LakeDatabaseName']?.Value, Outputs['LakeWorkGroupName']?.Value]).toEqual([
      ...['pagekeeper_test', 'Pagekeeper-test'],
    ]);
  });

  it.each([
    [{ lake: 'yes' }, 'pagekeeper.lake: must be true or false'],
    [{ lake: true, changes: false }, 'and this deployment has none, because pagekeeper.changes is false'],
    [
      { lake: true, tables: { records: { name: 'restored' } } },
      'or pagekeeper.tables.records has no streamArn',
    ],
  ])('is refused in a sentence: %j', (settings, sentence) => {
    expect(() => readSettings(settings)).toThrow(sentence);
  });
});
