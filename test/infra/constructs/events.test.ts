import { describe, expect, it } from 'vitest';

import { matchesPattern } from '../../../infra/emulator/functions/event-pattern.ts';
import type { EventPattern } from '../../../infra/emulator/template/event-filters.ts';
import { newCheckpoint, newProgress, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { streamOfCheckpoints } from '../../support/checkpoint-stream.ts';
import { statementsOf, synthesized, type Resource, type Synthesized } from '../synthesized.ts';

const connections = { mobaro: {}, bob: {} };
const stack = synthesized({ connections });
const withoutLog = synthesized({ connections, changes: false });
const streamArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/restored/stream/2026-11-30T00:00:00.000';
const adopted = synthesized({ connections, tables: { checkpoints: { name: 'restored', streamArn } } });

/** The one resource of a type whose id begins so, and its id. */
function only(of: Synthesized, type: string, under = 'Events'): [string, Resource] {
  const [found, ...others] = of.ofType(type, under);
  if (found === undefined || others.length > 0) throw new Error(`Not one ${type} under ${under}`);
  return found;
}

function mappingOf(of: Synthesized): Resource['Properties'] {
  return only(of, 'AWS::Lambda::EventSourceMapping')[1].Properties;
}

function variables(of: Synthesized): Readonly<Record<string, unknown>> {
  const [, { Properties }] = only(of, 'AWS::Lambda::Function');
  return (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables;
}

/** What the role of the function may do: resources by action. */
function reachedBy(of: Synthesized): Readonly<Record<string, readonly string[]>> {
  const statements = statementsOf(of, only(of, 'AWS::IAM::Role', 'EventsPublishRole')[0]);
  const actions = new Set(statements.flatMap((statement) => statement.actions));
  const resourcesOf = (action: string): string[] =>
    statements.filter((one) => one.actions.includes(action)).flatMap(({ resources }) => resources);
  return Object.fromEntries([...actions].map((action) => [action, resourcesOf(action).toSorted()]));
}

/** What it needs wherever it is. */
function alwaysReached(of: Synthesized, stream: string): Record<string, readonly string[]> {
  const log = only(of, 'AWS::Logs::LogGroup')[0];
  const reading = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
  return {
    ...Object.fromEntries(reading.map((action) => [`dynamodb:${action}`, [stream]])),
    'events:PutEvents': ['arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default'],
    'logs:CreateLogStream': [`<${log}.Arn>`],
    'logs:PutLogEvents': [`<${log}.Arn>`],
  };
}

const [checkpointsId, checkpoints] = only(stack, 'AWS::DynamoDB::Table', 'TablesCheckpoints');
const ownStream = `<${checkpointsId}.StreamArn>`;

describe('the stream of the checkpoints table', () => {
  it('has what a checkpoint was before, with a change log and without one', () => {
    for (const { Properties } of [
      checkpoints,
      only(withoutLog, 'AWS::DynamoDB::Table', 'TablesCheckpoints')[1],
    ]) {
      expect(Properties['StreamSpecification']).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    }
  });

  it('is read from its beginning, in batches, for six hours, and what waits is shown again', () => {
    expect(mappingOf(stack)).toEqual({
      FunctionName: { Ref: only(stack, 'AWS::Lambda::Function')[0] },
      EventSourceArn: { 'Fn::GetAtt': [checkpointsId, 'StreamArn'] },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 20,
      MaximumRecordAgeInSeconds: 6 * 3600,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: { Filters: expect.any(Array) as unknown },
    });
  });

  it('is read only once the role may read it', () => {
    const [, mapping] = only(stack, 'AWS::Lambda::EventSourceMapping');
    const [policyId] = only(stack, 'AWS::IAM::Policy', 'EventsPublishRole');
    expect((mapping as { DependsOn?: string[] }).DependsOn).toContain(policyId);
  });

  it('is the one that is named, of a table that there is already', () => {
    expect(adopted.ofType('AWS::DynamoDB::Table', 'TablesCheckpoints')).toEqual([]);
    expect(mappingOf(adopted)).toMatchObject({ EventSourceArn: streamArn, StartingPosition: 'TRIM_HORIZON' });
    expect(reachedBy(adopted)['dynamodb:GetRecords']).toEqual([streamArn]);
  });
});

describe('the filters of the mapping', () => {
  const { Filters } = mappingOf(stack)['FilterCriteria'] as { Filters: { Pattern: string }[] };
  const patterns = Filters.map(({ Pattern }) => JSON.parse(Pattern) as EventPattern);

  const at = Date.UTC(2026, 10, 30, 9);
  const idle: Checkpoint = { ...newCheckpoint('bob/people'), movedAt: at };
  const first: Checkpoint = {
    ...idle,
    ...{ state: 'running', run: 'run-1', sequence: 0, attempt: 1, outcome: 'running', outcomeAt: at },
    progress: newProgress(at),
  };
  const page = (sequence: number): Checkpoint => ({ ...first, sequence, attempt: 0 });
  const ended: Checkpoint = { ...page(4), state: 'idle', run: null, outcome: 'complete' };
  const halted: Checkpoint = { ...page(4), state: 'halted', outcome: 'missing' };

  /** By how many of the filters the last of these writes passes. */
  async function passed(...writes: readonly Checkpoint[]): Promise<number> {
    const record = (await streamOfCheckpoints(writes)).at(-1);
    return patterns.filter((pattern) => matchesPattern(pattern, record)).length;
  }

  it('are four: into another state than `running`, out of one, the first try of a first page, and news of a schema', () => {
    const isStream = { Keys: { pk: { S: [{ prefix: 'stream#' }] } } };
    const isNotRunning = { state: { S: [{ 'anything-but': ['running'] }] } };
    expect(patterns).toEqual([
      { dynamodb: { ...isStream, NewImage: isNotRunning } },
      { dynamodb: { ...isStream, OldImage: isNotRunning } },
      { dynamodb: { ...isStream, NewImage: { sequence: { N: ['0'] }, attempt: { N: ['1'] } } } },
      {
        dynamodb: {
          Keys: { pk: { S: [{ prefix: 'schema#' }] } },
          NewImage: { news: { S: [{ prefix: '{' }] } },
        },
      },
    ]);
  });

  it('leave out the writes of a page', async () => {
    expect(await passed(first, page(2), page(3))).toBe(0);
    // Its claim, and a second try of it.
    expect(await passed(page(3), { ...page(3), attempt: 1 })).toBe(0);
    expect(await passed(page(3), { ...page(3), attempt: 2 })).toBe(0);
  });

  it.each<[string, readonly Checkpoint[]]>([
    ['the first run of all', [first]],
    ['a start', [idle, first]],
    ['an end', [page(4), ended]],
    ['a halt', [page(3), halted]],
    ['what takes a halt away', [halted, page(4)]],
    ['a run in place of another one', [page(3), { ...first, run: 'run-2' }]],
    ['a run in place of one that was halted', [halted, { ...first, run: 'run-2' }]],
  ])('let pass %s', async (_, writes) => {
    expect(await passed(...writes)).toBeGreaterThan(0);
  });

  it('leave out whatever else is in the table', async () => {
    const [record] = await streamOfCheckpoints([first]);
    for (const pk of ['seen#bob/people#run-1#0', 'breaker#bob', 'audit#2026-11#1']) {
      const other = { ...record, dynamodb: { ...record?.dynamodb, Keys: { pk: { S: pk } } } };
      expect(
        patterns.some((pattern) => matchesPattern(pattern, other)),
        pk,
      ).toBe(false);
    }
  });
});

describe('the function that tells of runs and states', () => {
  it('reaches the stream, the lines of the log and the default bus, and nothing else', () => {
    const [bucketId] = only(stack, 'AWS::S3::Bucket', 'ChangesBucket');
    expect(reachedBy(stack)).toEqual({
      ...alwaysReached(stack, ownStream),
      's3:GetObject': [`<${bucketId}.Arn>/changes/*`],
      's3:ListBucket': [`<${bucketId}.Arn>`],
    });
    expect(variables(stack)).toMatchObject({
      PAGEKEEPER_DEPLOYMENT: 'Pagekeeper',
      PAGEKEEPER_CHANGES_BUCKET: { Ref: bucketId },
    });
    expect(Object.keys(variables(stack)).filter((name) => name.endsWith('_TABLE'))).toEqual([]);
  });

  it('knows of no bucket where there is no change log', () => {
    expect(reachedBy(withoutLog)).toEqual(alwaysReached(withoutLog, ownStream));
    expect(variables(withoutLog)).not.toHaveProperty('PAGEKEEPER_CHANGES_BUCKET');
  });
});

describe('a checkpoints table that there is already, whose stream is not named', () => {
  it('has no part of it', () => {
    const without = synthesized({ connections, tables: { checkpoints: { name: 'restored' } } });
    const ofEvents = ({ resources }: Synthesized): string[] =>
      Object.keys(resources).filter((id) => /^Events|^Alarmsevent|^TellOnCallSource/.test(id));
    expect(ofEvents(stack).length).toBeGreaterThan(5);
    expect(ofEvents(without)).toEqual([]);
    // And has all the rest as it is.
    const gone = new Set(ofEvents(stack));
    const kept = Object.keys(stack.resources).filter(
      (id) => !gone.has(id) && !id.startsWith('TablesCheckpoints'),
    );
    expect(Object.keys(without.resources)).toEqual(expect.arrayContaining(kept));
  });
});
