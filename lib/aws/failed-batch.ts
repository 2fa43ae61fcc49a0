import { isDeepStrictEqual } from 'node:util';

import type { DynamoDBRecord } from 'aws-lambda';
import * as z from 'zod';

/**
 * What Lambda stores of a batch of a table's stream that a function could not handle: an object of its own below this prefix,
 * JSON in which the whole event stands as text. https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export const failedBatchesPrefix = 'aws/lambda/';

const batch = z.looseObject({ payload: z.string() });
const image = z.record(z.string(), z.looseObject({ S: z.string().optional() }));
const event = z.looseObject({
  Records: z.array(
    z.looseObject({
      dynamodb: z.looseObject({
        Keys: image,
        OldImage: image.optional(),
        NewImage: image.optional(),
        ApproximateCreationDateTime: z.number(),
        SequenceNumber: z.string(),
      }),
    }),
  ),
});

type StreamRecord = z.infer<typeof event>['Records'][number];

/** An object that is no such batch. Its text would be personal data. */
export class UnreadableBatchError extends Error {
  override readonly name = 'UnreadableBatchError';

  constructor() {
    super('an object of a failed batch cannot be read');
  }
}

/** The writes of a batch, as a function gets them. @throws {UnreadableBatchError} */
export function recordsOfBatch(text: string): readonly DynamoDBRecord[] {
  return parse(text).event.Records as readonly DynamoDBRecord[];
}

/**
 * A batch without what a record was. That it was erased stays, without what was erased: a reader of the log has to hear of it.
 *
 * @param until epoch milliseconds; later writes stay
 * @returns null if there is nothing to take out, and an empty text if nothing is left
 * @throws {UnreadableBatchError}
 */
export function batchWithout(
  text: string,
  { stream, id }: { readonly stream: string; readonly id: string },
  until: number,
): string | null {
  const { envelope, event } = parse(text);
  const left = event.Records.flatMap((record) => {
    const { Keys: keys, ApproximateCreationDateTime: seconds } = record.dynamodb;
    const isMeant = keys['stream']?.S === stream && keys['id']?.S === id && seconds * 1000 <= until;
    if (!isMeant) return [record];
    return isErasure(record) ? [withoutContent(record)] : [];
  });
  if (isDeepStrictEqual(left, event.Records)) return null;
  if (left.length === 0) return '';
  return JSON.stringify({ ...envelope, payload: JSON.stringify({ ...event, Records: left }) });
}

/** The content has a hash as long as it is there. */
function isErasure({ dynamodb: { OldImage: before, NewImage: after } }: StreamRecord): boolean {
  return before?.['hash'] !== undefined && after?.['hash'] === undefined;
}

/** As little as the publisher takes for a record with content. */
function withoutContent(record: StreamRecord): StreamRecord {
  const { OldImage: before = {}, ...rest } = record.dynamodb;
  const kept = ['stream', 'id', 'firstSeenAt', 'changedAt', 'v'].flatMap((name) => {
    const value = before[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const emptied = { ...Object.fromEntries(kept), hash: { S: '' }, json: { S: 'null' } };
  return { ...record, dynamodb: { ...rest, OldImage: emptied } };
}

function parse(text: string) {
  try {
    const envelope = batch.parse(JSON.parse(text));
    return { envelope, event: event.parse(JSON.parse(envelope.payload)) };
  } catch {
    throw new UnreadableBatchError();
  }
}
