import { createHash } from 'node:crypto';

import type { StreamRecord } from '../embedded/stream-record.ts';
import { localRegion } from '../template/local-account.ts';
import type { StreamMappingModel } from '../template/template-model.ts';
import { partialResponse } from './event-source.ts';
import type { Invocation } from './function-worker.ts';

/** What Lambda takes as a request: a batch ends before it is more. */
const maxEventBytes = 6 * 1024 * 1024;

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export function eventOf(records: readonly StreamRecord[], streamArn: string) {
  return {
    Records: records.map(({ eventName, dynamodb }) => ({
      // The same whenever it is handed over.
      eventID: createHash('md5').update(`${streamArn} ${dynamodb.SequenceNumber}`).digest('hex'),
      eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: localRegion,
      dynamodb,
      eventSourceARN: streamArn,
    })),
  };
}

/** The first of the records, as many as go into one request. One always does. */
export function withinOneRequest(
  records: readonly StreamRecord[],
  streamArn: string,
): readonly StreamRecord[] {
  let bytes = 0;
  const end = records.findIndex((record, index) => {
    bytes += Buffer.byteLength(JSON.stringify(eventOf([record], streamArn)));
    return index > 0 && bytes > maxEventBytes;
  });
  return end < 0 ? records : records.slice(0, end);
}

/**
 * How many of the records are done with, from the first one on. An error, or a response that cannot be understood or names
 * something that was not in the batch, fails the whole batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function handledOf(
  records: readonly StreamRecord[],
  invocation: Invocation,
  { reportsItemFailures }: Pick<StreamMappingModel, 'reportsItemFailures'>,
): number {
  if (invocation.kind === 'failed') return 0;
  if (!reportsItemFailures) return records.length;
  const response = partialResponse.safeParse(invocation.value);
  if (!response.success) return 0;
  const places = (response.data?.batchItemFailures ?? []).map(({ itemIdentifier }) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
  );
  return Math.max(0, Math.min(records.length, ...places));
}

export function createdAt({ dynamodb }: StreamRecord): number {
  return dynamodb.ApproximateCreationDateTime * 1000;
}
