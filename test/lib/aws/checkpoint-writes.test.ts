import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';

import { checkpointFilters } from '../../../infra/constructs/checkpoint-filters.ts';
import { matchesPattern } from '../../../infra/emulator/functions/event-pattern.ts';
import { toldWriteOf } from '../../../lib/aws/checkpoint-writes.ts';
import { NewerVersionError } from '../../../lib/aws/newer-version-error.ts';
import { newCheckpoint, newProgress, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { learn } from '../../../lib/sync/schema.ts';
import { FieldCounter } from '../../../lib/tables/field-counts.ts';
import { streamOfCheckpoints, streamOfSchemas } from '../../support/checkpoint-stream.ts';

const start = Date.UTC(2026, 10, 30, 9);
const running: Checkpoint = {
  ...newCheckpoint('bob/people'),
  ...{ state: 'running', run: 'run-1', attempt: 1, outcome: 'running', outcomeAt: start, movedAt: start },
  progress: { ...newProgress(start), pages: 3, records: 60, written: 12, unchanged: 48, deleted: 2 },
};
const idle: Checkpoint = {
  ...running,
  ...{ state: 'idle', run: null, outcome: 'complete', outcomeAt: start + 90_000, reason: 'all is there' },
};

const [first, last] = await streamOfCheckpoints([running, idle]);
/** Kept by whoever writes. */
const history = expect.any(Array) as Checkpoint['history'];

/** The same record, with its new image changed. */
function withImage(change: object): DynamoDBRecord {
  return { ...last, dynamodb: { ...last?.dynamodb, NewImage: { ...last?.dynamodb?.NewImage, ...change } } };
}

describe('a write of a schema, as the stream has it', () => {
  const counter = new FieldCounter();
  counter.add({ id: '1', work: { title: 'made up' } });
  const run = { at: start, definition: 'd', gave: 'all' } as const;
  const before = learn(undefined, 'bob/people', { ...run, run: 'run-1', counts: counter.counted() })!.schema;
  counter.add({ id: '2', pay: 1.5 });
  const after = learn(before, 'bob/people', { ...run, run: 'run-2', counts: counter.counted() })!;

  it('is one of those that are told where something has changed with it', async () => {
    const news = after.changes;
    expect(news).toMatchObject([{ kind: 'added', field: 'pay' }]);
    const [quiet, loud] = await streamOfSchemas([
      [before, []],
      [after.schema, news],
    ]);
    expect(toldWriteOf(loud!)).toEqual({
      ...{ stream: 'bob/people', run: 'run-2', learnedAt: start },
      ...{ changes: news, more: 0 },
    });
    expect(toldWriteOf(quiet!)).toBeNull();
    const isShown = ({ dynamodb }: DynamoDBRecord): boolean =>
      checkpointFilters.some((filter) => matchesPattern(filter, dynamodb ?? {}));
    expect([quiet, loud].map((record) => isShown(record!))).toEqual([false, true]);
  });
});

describe('a write of a checkpoint, as the stream has it', () => {
  it('has what the checkpoint was before, and what it is', () => {
    expect(toldWriteOf(last!)).toEqual({
      before: { ...running, revision: 1, history },
      after: { ...idle, revision: 2, history },
    });
  });

  it('has nothing before the first one', () => {
    expect(first?.eventName).toBe('INSERT');
    expect(toldWriteOf(first!)).toEqual({ before: null, after: { ...running, revision: 1, history } });
  });

  it('is none where the checkpoint is taken away', () => {
    const { dynamodb: { NewImage: OldImage, ...dynamodb } = {} } = last!;
    const removal = { ...last, eventName: 'REMOVE', dynamodb: { ...dynamodb, OldImage } } as DynamoDBRecord;
    expect(toldWriteOf(removal)).toBeNull();
    expect(toldWriteOf({})).toBeNull();
  });

  it('is not made anything of where a later version has written it, or where it is damaged', () => {
    expect(() => toldWriteOf(withImage({ v: { N: '3' } }))).toThrow(NewerVersionError);
    expect(() => toldWriteOf(withImage({ state: { S: 'sleeping' } }))).toThrow('state');
  });
});
