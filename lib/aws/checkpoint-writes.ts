import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';

import type { CheckpointWrite } from '../events/of-checkpoint.ts';
import { decodeCheckpoint } from './dynamo-checkpoints.ts';

/**
 * A write of a checkpoint, as the table's stream gives it to a function.
 * @returns null for one that takes it away
 * @throws {DamagedItemError | NewerVersionError}
 */
export function checkpointWriteOf({ dynamodb = {} }: DynamoDBRecord): CheckpointWrite | null {
  const { OldImage, NewImage } = dynamodb;
  if (NewImage === undefined) return null;
  return {
    before: OldImage === undefined ? null : decodeCheckpoint(itemOf(OldImage)),
    after: decodeCheckpoint(itemOf(NewImage)),
  };
}

/** Checkpoints hold no binaries, so that an event has them as the table does. */
function itemOf(image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage']): Record<string, AttributeValue> {
  return image as Record<string, AttributeValue>;
}
