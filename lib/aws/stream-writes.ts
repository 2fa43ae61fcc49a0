import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AttributeValue as EventValue, DynamoDBRecord } from 'aws-lambda';

import { heartbeatStream, type Heartbeat } from '../changes/heartbeat.ts';
import type { RecordWrite } from '../changes/change.ts';
import { decodeImage } from './record-item.ts';

type Item = Record<string, AttributeValue>;

/** What a batch of the table's stream holds. */
export interface StreamBatch {
  readonly writes: readonly RecordWrite[];
  readonly heartbeats: readonly Heartbeat[];
  /** When the first of all was written, epoch milliseconds; null of an empty batch. */
  readonly oldest: number | null;
}

/**
 * A batch of the records table's stream, as a function is given it.
 * @param keepsBefore the old content is unpacked only where it is wanted
 * @throws {DamagedItemError | NewerVersionError} which name the stream alone
 */
export async function readStreamBatch(
  records: readonly DynamoDBRecord[],
  keepsBefore: boolean,
): Promise<StreamBatch> {
  const isHeartbeat = ({ dynamodb }: DynamoDBRecord): boolean =>
    dynamodb?.Keys?.['stream']?.S === heartbeatStream;
  return {
    writes: await writesOf(
      records.filter((record) => !isHeartbeat(record)),
      keepsBefore,
    ),
    heartbeats: records.filter(isHeartbeat).flatMap((record) => heartbeatOf(record) ?? []),
    oldest: oldestOf(records),
  };
}

function oldestOf(records: readonly DynamoDBRecord[]): number | null {
  const seconds = records.flatMap(({ dynamodb }) => dynamodb?.ApproximateCreationDateTime ?? []);
  return seconds.length === 0 ? null : Math.min(...seconds) * 1000;
}

/** Null for one that a person has taken away. */
function heartbeatOf({ eventSourceARN: source, dynamodb = {} }: DynamoDBRecord): Heartbeat | null {
  const { NewImage, ApproximateCreationDateTime: seconds = 0 } = dynamodb;
  const count = Number(NewImage?.['count']?.N);
  return source === undefined || Number.isNaN(count) ? null : { source, count, at: seconds * 1000 };
}

function writesOf(records: readonly DynamoDBRecord[], keepsBefore: boolean): Promise<readonly RecordWrite[]> {
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
