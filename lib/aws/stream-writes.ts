import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AttributeValue as EventValue, DynamoDBRecord } from 'aws-lambda';

import type { RecordWrite } from '../changes/change.ts';
import { decodeImage } from './record-item.ts';

type Item = Record<string, AttributeValue>;

/**
 * Writes of the records table, as its stream gives them to a function.
 * @param keepsBefore the old content is unpacked only where it is wanted
 * @throws {DamagedItemError | NewerVersionError} which name the stream alone
 */
export function writesOf(
  records: readonly DynamoDBRecord[],
  keepsBefore: boolean,
): Promise<readonly RecordWrite[]> {
  return Promise.all(
    records.map(async ({ dynamodb: write = {} }) => {
      const { OldImage, NewImage, SequenceNumber: sequence, ApproximateCreationDateTime: seconds } = write;
      if (sequence === undefined || seconds === undefined)
        throw new Error('A write has no sequence or no time');
      return {
        before: OldImage === undefined ? null : await decodeImage(itemOf(OldImage), keepsBefore),
        after: NewImage === undefined ? null : await decodeImage(itemOf(NewImage), true),
        sequence,
        writtenAt: seconds * 1000,
      };
    }),
  );
}

/** An event is JSON, so binaries are base64 in it. Record items have them at their top level and nowhere else. */
function itemOf(image: Readonly<Record<string, EventValue>>): Item {
  return Object.fromEntries(
    Object.entries(image).map(([name, value]) => [
      name,
      value.B === undefined ? (value as AttributeValue) : { B: Buffer.from(value.B, 'base64') },
    ]),
  );
}
