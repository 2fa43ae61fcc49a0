import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkTables, tableFindings, type TableFacts } from '../../../../infra/cli/commands/check-tables.ts';
import { startHttpServer, type TestHttpServer } from '../../../support/http-server.ts';

const whole: readonly TableFacts[] = [
  {
    ...{ part: 'Checkpoints', name: 'c', keys: ['pk'] },
    ...{ expiresBy: 'expiresAt', recoverable: true, isProtected: true },
  },
  {
    ...{ part: 'Records', name: 'r', keys: ['stream', 'id'] },
    ...{ expiresBy: 'expiresAt', recoverable: true, isProtected: true },
  },
];

function findings(ofRecords: Partial<TableFacts>, keepsData = true): readonly string[] {
  const tables = whole.map((table) => (table.part === 'Records' ? { ...table, ...ofRecords } : table));
  return tableFindings(tables, { keepsData, account: ' --region eu-west-1' }).map(
    ({ verdict, sentence }) => `${verdict}: ${sentence}`,
  );
}

describe('the tables of a deployment', () => {
  it('are good with all that the stack gives its own', () => {
    expect(findings({})).toEqual([
      'good: tables: both have their keys, time to live, point-in-time recovery and deletion protection.',
    ]);
  });

  it.each<[string, Partial<TableFacts>, RegExp]>([
    [
      'time to live',
      { expiresBy: null },
      /r does not remove what has expired: aws dynamodb update-time-to-live --region eu-west-1 --table-name r /,
    ],
    ['it by that attribute', { expiresBy: 'ttl' }, /AttributeName=expiresAt$/],
    [
      'recovery',
      { recoverable: false },
      /r has no point-in-time recovery: aws dynamodb update-continuous-backups --region eu-west-1 --table-name r /,
    ],
    ['protection', { isProtected: false }, /r can be deleted by accident: .* --deletion-protection-enabled$/],
    ['their keys', { keys: ['id'] }, /r has the key id, and records need stream, id: it is another table$/],
  ])('are told what they lack: %s', (_, lack, sentence) => {
    expect(findings(lack)).toEqual([expect.stringMatching(sentence)]);
    expect(findings(lack)[0]).toMatch(/^fault/);
  });

  it('need no protection where a deployment does not keep its data', () => {
    expect(findings({ isProtected: false }, false)).toEqual([expect.stringMatching(/^good/)]);
  });

  it('are not taken for good or bad where they may not be looked at', () => {
    const unseen = { unseen: 'AccessDeniedException' };
    expect(findings({ recoverable: unseen, expiresBy: unseen })).toEqual([
      'unknown: tables: r could not be looked at in full: AWS answered with AccessDeniedException.',
    ]);
  });
});

describe('a table that is not there', () => {
  it('is a fault', () => {
    const gone = { unseen: 'ResourceNotFoundException' };
    expect(findings({ keys: gone, expiresBy: gone, recoverable: gone, isProtected: gone })).toEqual([
      'fault: tables: there is no table r in this account and region: look at tables in cdk.json.',
    ]);
  });
});

describe('checkTables', () => {
  let aws: TestHttpServer;
  let client: DynamoDBClient;
  beforeAll(async () => {
    aws = await startHttpServer();
    client = new DynamoDBClient({
      ...{ endpoint: aws.origin, region: 'eu-west-1', maxAttempts: 1 },
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
  });
  afterAll(async () => {
    client.destroy();
    await aws.stop();
  });

  it('reads what AWS says of each', async () => {
    aws.handle((request, response) => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1);
      const isRecords = request.body.includes('"r"');
      const keys = isRecords ? ['stream', 'id'] : ['pk'];
      const answer = {
        DescribeTable: {
          Table: {
            KeySchema: keys.map((AttributeName) => ({ AttributeName })),
            DeletionProtectionEnabled: true,
          },
        },
        DescribeTimeToLive: {
          TimeToLiveDescription: isRecords
            ? { TimeToLiveStatus: 'DISABLED' }
            : { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' },
        },
        DescribeContinuousBackups: {
          ContinuousBackupsDescription: {
            PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
          },
        },
      }[operation ?? ''];
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    });
    const tables = [
      { part: 'Checkpoints', name: 'c' },
      { part: 'Records', name: 'r' },
    ] as const;

    expect(await checkTables(client, tables, { keepsData: true, account: '' })).toMatchObject([
      {
        verdict: 'fault',
        sentence: expect.stringContaining('tables: r does not remove what has expired') as string,
      },
    ]);
  });
});
