import { describe, expect, it } from 'vitest';

import { matchesPattern } from '../../../infra/emulator/functions/event-pattern.ts';
import type { EventPattern } from '../../../infra/emulator/template/event-filters.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { streamOfCheckpoints } from '../../support/checkpoint-stream.ts';
import { synthesized } from '../synthesized.ts';

const connections = { mobaro: {}, bob: {} };
const stack = synthesized({ connections });

function only(type: string, under: string, of = stack): [string, Readonly<Record<string, unknown>>] {
  const [found, ...others] = of.ofType(type, under);
  if (found === undefined || others.length > 0) throw new Error(`Not one ${type} under ${under}`);
  return [found[0], found[1].Properties];
}

describe('the function that tells people', () => {
  const [functionId, properties] = only('AWS::Lambda::Function', 'TellOnCall');

  it('is tried again twice within five minutes, and what it could not handle goes to the topic that people listen to', () => {
    const [topic] = only('AWS::SNS::Topic', 'OnCallTopic');
    expect(only('AWS::Lambda::EventInvokeConfig', 'TellOnCall')[1]).toMatchObject({
      FunctionName: { Ref: functionId },
      MaximumEventAgeInSeconds: 300,
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: { Ref: topic } } },
    });
  });

  it('knows the topics of people and of machines, by severity, and waits for a minute', () => {
    const topics = stack.ofType('AWS::SNS::Topic').map(([id]) => ({ Ref: id }));
    const { Variables } = properties['Environment'] as { Variables: Record<string, unknown> };
    const told = [
      ...['PAGEKEEPER_PAGES_TOPIC', 'PAGEKEEPER_TICKETS_TOPIC'],
      ...['PAGEKEEPER_PAGER_PAGES_TOPIC', 'PAGEKEEPER_PAGER_TICKETS_TOPIC'],
    ].map((name) => Variables[name]);
    expect(told).toEqual(topics);
    expect(new Set(told.map((topic) => JSON.stringify(topic))).size).toBe(4);
    expect(Variables['PAGEKEEPER_GATHER_SECONDS']).toBe('60');
    expect(properties['Timeout']).toBeGreaterThan(2 * 60);
  });

  it('is handed the writes from its deployment on, and for a quarter of an hour', () => {
    const [, mapping] = only('AWS::Lambda::EventSourceMapping', 'TellOnCall');
    expect(mapping).toMatchObject({
      FunctionName: { Ref: functionId },
      StartingPosition: 'LATEST',
      MaximumRecordAgeInSeconds: 900,
      BisectBatchOnFunctionError: true,
    });
  });

  it('has the alarms alone where the checkpoints table is one that there was, and its stream is not named', () => {
    const without = synthesized({ connections, tables: { checkpoints: { name: 'restored' } } });
    expect(without.ofType('AWS::Lambda::EventSourceMapping', 'TellOnCall')).toEqual([]);
    expect(without.ofType('AWS::Lambda::Function', 'TellOnCall')).toHaveLength(1);
  });
});

describe('what it is handed of the checkpoints table', () => {
  const [, mapping] = only('AWS::Lambda::EventSourceMapping', 'TellOnCall');
  const { Filters } = mapping['FilterCriteria'] as { Filters: { Pattern: string }[] };
  const patterns = Filters.map(({ Pattern }) => JSON.parse(Pattern) as EventPattern);

  const idle: Checkpoint = newCheckpoint('bob/people');
  const running: Checkpoint = { ...idle, state: 'running', run: 'run-1' };
  const stopped: Checkpoint = { ...running, state: 'halted', stopped: { by: 'missing', since: 1 } };

  async function isHanded(...writes: readonly Checkpoint[]): Promise<boolean> {
    const record = (await streamOfCheckpoints(writes)).at(-1);
    return patterns.some((pattern) => matchesPattern(pattern, record));
  }

  it('is as many filters as Lambda takes', () => {
    expect(patterns.length).toBeLessThanOrEqual(5);
  });

  it.each<[string, boolean, readonly Checkpoint[]]>([
    ['a start', false, [idle, running]],
    ['a page', false, [running, { ...running, sequence: 1 }]],
    ['a stop', true, [running, stopped]],
    ['a resume of what was stopped', true, [stopped, { ...stopped, state: 'parked', retryAt: 1 }]],
    ['the first good page after a stop', true, [stopped, running]],
  ])('%s: %s', async (_, expected, writes) => {
    expect(await isHanded(...writes)).toBe(expected);
  });

  it('is of breakers, too, and of nothing else in the table', async () => {
    const [record] = await streamOfCheckpoints([stopped]);
    const ofKey = (pk: string) => ({ ...record, dynamodb: { ...record?.dynamodb, Keys: { pk: { S: pk } } } });
    const isOne = (pk: string): boolean => patterns.some((pattern) => matchesPattern(pattern, ofKey(pk)));
    expect(isOne('breaker#bob')).toBe(true);
    for (const pk of ['seen#bob/people#run-1#0', 'incidents#bob', 'audit#2026-11#1', 'mute#bob'])
      expect(isOne(pk), pk).toBe(false);
  });
});
