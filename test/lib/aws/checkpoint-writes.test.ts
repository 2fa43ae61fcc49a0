import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';

import { checkpointWriteOf } from '../../../lib/aws/checkpoint-writes.ts';
import { NewerVersionError } from '../../../lib/aws/newer-version-error.ts';
import { newCheckpoint, newProgress, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { streamOfCheckpoints } from '../../support/checkpoint-stream.ts';

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

describe('a write of a checkpoint, as the stream has it', () => {
  it('has what the checkpoint was before, and what it is', () => {
    expect(checkpointWriteOf(last!)).toEqual({
      before: { ...running, revision: 1, history },
      after: { ...idle, revision: 2, history },
    });
  });

  it('has nothing before the first one', () => {
    expect(first?.eventName).toBe('INSERT');
    expect(checkpointWriteOf(first!)).toEqual({ before: null, after: { ...running, revision: 1, history } });
  });

  it('is none where the checkpoint is taken away', () => {
    const { dynamodb: { NewImage: OldImage, ...dynamodb } = {} } = last!;
    const removal = { ...last, eventName: 'REMOVE', dynamodb: { ...dynamodb, OldImage } } as DynamoDBRecord;
    expect(checkpointWriteOf(removal)).toBeNull();
    expect(checkpointWriteOf({})).toBeNull();
  });

  it('is not made anything of where a later version has written it, or where it is damaged', () => {
    expect(() => checkpointWriteOf(withImage({ v: { N: '3' } }))).toThrow(NewerVersionError);
    expect(() => checkpointWriteOf(withImage({ state: { S: 'sleeping' } }))).toThrow('state');
  });
});
