import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';

import type { SchemaWrite } from '../events/of-schema.ts';
import type { ToldWrite } from '../events/tell.ts';
import { decodeCheckpoint } from './dynamo-checkpoints.ts';
import { decodeSchemaWrite, isSchemaKey } from './dynamo-schemas.ts';

/**
 * A write of a checkpoint or a schema, as the table's stream gives it to a function.
 * @returns null for one that takes it away
 * @throws {DamagedItemError | NewerVersionError}
 */
export function toldWriteOf({ dynamodb = {} }: DynamoDBRecord): ToldWrite | null {
  const { Keys, OldImage, NewImage } = dynamodb;
  if (NewImage === undefined) return null;
  if (isSchemaKey(Keys?.['pk']?.S ?? '')) return decodeSchemaWrite(itemOf(NewImage));
  return {
    before: OldImage === undefined ? null : decodeCheckpoint(itemOf(OldImage)),
    after: decodeCheckpoint(itemOf(NewImage)),
  };
}

/** Neither of them holds binaries, so that an event has them as the table does. */
function itemOf(image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage']): Record<string, AttributeValue> {
  return image as Record<string, AttributeValue>;
}

/** The connections whose streams, breakers or incidents were written. */
export function connectionsWritten({ Records }: DynamoDBStreamEvent): ReadonlySet<string> {
  return new Set(
    Records.flatMap(({ dynamodb }) => {
      const [kind, ...name] = (dynamodb?.Keys?.['pk']?.S ?? '').split('#');
      if (kind === 'breaker' || kind === 'incidents') return [name.join('#')];
      return kind === 'stream' ? name.join('#').split('/', 1) : [];
    }),
  );
}

/** What has changed with the writes of schemas. @param onUnreadable the others are not to wait for one that cannot be understood */
export function schemaNewsIn(
  { Records }: DynamoDBStreamEvent,
  onUnreadable: (error: Error) => void,
): readonly SchemaWrite[] {
  return Records.flatMap(({ dynamodb: { Keys, NewImage } = {} }) => {
    if (NewImage === undefined || !isSchemaKey(Keys?.['pk']?.S ?? '')) return [];
    try {
      return decodeSchemaWrite(itemOf(NewImage)) ?? [];
    } catch (error) {
      onUnreadable(error as Error);
      return [];
    }
  });
}
