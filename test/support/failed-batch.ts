import type { DynamoDBRecord } from 'aws-lambda';

import { failedBatchesPrefix } from '../../lib/aws/failed-batch.ts';

/** Where Lambda keeps a batch. @param name tells it from others */
export function failedBatchKey(name: string): string {
  return `${failedBatchesPrefix}mapping/shard/2026/11/30/${name}`;
}

/** What Lambda keeps of a batch that a function could not handle, as far as anybody reads it. */
export function failedBatch(records: readonly DynamoDBRecord[]): string {
  return JSON.stringify({ version: '1.0', payload: JSON.stringify({ Records: records }) });
}

/** The write of a record that is new. @param sequence tells it from others */
export function creationOf(
  stream: string,
  id: string,
  { json, sequence, at }: { readonly json: string; readonly sequence: number; readonly at: number },
): DynamoDBRecord {
  const key = { stream: { S: stream }, id: { S: id } };
  const time = { S: new Date(at).toISOString() };
  return {
    dynamodb: {
      Keys: key,
      NewImage: {
        ...{ ...key, v: { N: '1' }, run: { S: 'run-1' } },
        ...{ firstSeenAt: time, changedAt: time, hash: { S: 'h' }, json: { S: json } },
      },
      SequenceNumber: String(sequence),
      ApproximateCreationDateTime: Math.floor(at / 1000),
    },
  };
}
