import { describe, expect, it } from 'vitest';

import { batchWithout, recordsOfBatch, UnreadableBatchError } from '../../../lib/aws/failed-batch.ts';
import { readStreamBatch } from '../../../lib/aws/stream-writes.ts';
import { changeOf } from '../../../lib/changes/change.ts';

const seconds = 1_796_030_000;
const stream = 'bob/people';

function image(id: string, name: string) {
  const at = '2026-11-30T09:00:00.000Z';
  return {
    ...{ stream: { S: stream }, id: { S: id }, v: { N: '1' }, firstSeenAt: { S: at }, changedAt: { S: at } },
    ...{ hash: { S: name }, json: { S: JSON.stringify({ name }) } },
  };
}

interface Images {
  readonly OldImage?: object;
  readonly NewImage?: object;
}

function record(id: string, images: Images, ApproximateCreationDateTime = seconds) {
  const Keys = { stream: { S: stream }, id: { S: id } };
  const dynamodb = { Keys, SequenceNumber: '7', ApproximateCreationDateTime, ...images };
  return { eventID: 'e', eventSourceARN: 'arn', dynamodb };
}

/** As AWS documents it. */
const batchOf = (...records: readonly object[]): string =>
  JSON.stringify({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 8 },
    ...{ version: '1.0', timestamp: '2026-11-30T09:00:00.000Z' },
    DDBStreamBatchInfo: { shardId: 'shardId-1', batchSize: records.length },
    payload: JSON.stringify({ Records: records }),
  });

const without = (text: string, until = seconds * 1000) => batchWithout(text, { stream, id: '1' }, until);

describe('a batch that has failed', () => {
  it('gives its writes as the function would have got them', async () => {
    const text = batchOf(record('1', { NewImage: image('1', 'Ada') }));
    expect((await readStreamBatch(recordsOfBatch(text), false)).writes).toMatchObject([
      { before: null, after: { id: '1', json: '{"name":"Ada"}' }, sequence: '7', writtenAt: seconds * 1000 },
    ]);
  });

  it('loses the writes of one record up to a moment, and nothing else', () => {
    const [ada, bob] = [{ NewImage: image('1', 'Ada') }, { NewImage: image('2', 'Bob') }];
    const text = batchOf(record('1', ada), record('2', bob), record('1', ada, seconds + 1));
    const left = JSON.parse(without(text)!) as { payload: string };
    expect(left).toMatchObject({ version: '1.0', DDBStreamBatchInfo: { batchSize: 3 } });
    expect(JSON.parse(left.payload)).toEqual({
      Records: [record('2', bob), record('1', ada, seconds + 1)],
    });
    expect(without(text, seconds * 1000 - 1)).toBeNull();
    expect(batchWithout(text, { stream: 'bob/tasks', id: '1' }, seconds * 1000)).toBeNull();
    expect(without(batchOf(record('1', ada)))).toBe('');
  });

  it('still says that the record was erased, and not what', async () => {
    const emptied = { stream: { S: stream }, id: { S: '1' }, v: { N: '1' }, deletedAt: { S: 'then' } };
    const times = { firstSeenAt: { S: 'first' }, changedAt: { S: 'last' } };
    for (const images of [
      { OldImage: image('1', 'Ada') },
      { OldImage: image('1', 'Ada'), NewImage: { ...emptied, ...times } },
    ]) {
      const left = without(batchOf(record('1', images)))!;
      expect(left).not.toContain('Ada');
      for (const keepsBefore of [true, false]) {
        const [write] = (await readStreamBatch(recordsOfBatch(left), keepsBefore)).writes;
        expect(changeOf(write!, keepsBefore)).toMatchObject({
          op: 'erased',
          id: '1',
          json: null,
          before: null,
        });
      }
      expect(without(left)).toBeNull();
    }
  });

  it.each(['', '{}', '{"payload":7}', '{"payload":"SALARY 9"}', '{"payload":"{\\"Records\\":[{}]}"}'])(
    'that is none is an error without its text: %s',
    (text) => {
      expect(() => recordsOfBatch(text)).toThrow(UnreadableBatchError);
      expect(() => without(text)).toThrow(/^an object of a failed batch cannot be read$/);
    },
  );
});
