import { randomUUID } from 'node:crypto';

import type { StreamRecord } from '../embedded/stream-record.ts';
import type { FunctionModel, StreamMappingModel } from '../template/template-model.ts';
import { createdAt, eventOf } from './stream-batch.ts';

export interface Discarded {
  readonly records: readonly StreamRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** How often the function was called with the batch. */
  readonly invocations: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Of a stream on a laptop there is one. */
const shardId = 'shardId-00000000000000000000-laptop00';

/**
 * What Lambda writes into a bucket of a batch that it gives up: where it was in the stream, and the event itself, as text.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export function objectOf(
  { records, condition, invocations, at }: Discarded,
  { id, streamArn }: Pick<StreamMappingModel, 'id' | 'streamArn'>,
  functionArn: FunctionModel['arn'],
): { readonly key: string; readonly body: string } {
  const timestamp = new Date(at).toISOString();
  const [day = '', time = ''] = timestamp.split('T');
  const [first, last] = [records[0], records.at(-1)];
  const arrival = (record: StreamRecord | undefined) =>
    record === undefined ? null : new Date(createdAt(record)).toISOString().replace('.000Z', 'Z');
  const second = time.slice(0, 8).replaceAll(':', '.');
  return {
    key: `aws/lambda/${id}/${shardId}/${day.replaceAll('-', '/')}/${day}T${second}-${randomUUID()}`,
    body: JSON.stringify({
      requestContext: {
        requestId: randomUUID(),
        functionArn: `${functionArn}:$LATEST`,
        condition,
        approximateInvokeCount: invocations,
      },
      responseContext:
        invocations === 0
          ? null
          : { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp,
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: first?.dynamodb.SequenceNumber,
        endSequenceNumber: last?.dynamodb.SequenceNumber,
        approximateArrivalOfFirstRecord: arrival(first),
        approximateArrivalOfLastRecord: arrival(last),
        batchSize: records.length,
        streamArn,
      },
      payload: JSON.stringify(eventOf(records, streamArn)),
    }),
  };
}
