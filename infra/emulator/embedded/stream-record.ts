import { isDeepStrictEqual } from 'node:util';

import dynaliteDb, { type Item } from 'dynalite/db/index.js';

/**
 * A change of an item, in the shape that Lambda gives to functions. Binary values are in Base64, as dynalite keeps them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
 */
export interface StreamRecord {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly OldImage?: Item;
    readonly NewImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: 'NEW_AND_OLD_IMAGES';
  };
}

export interface Change {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** Names of the attributes of the key. */
  readonly keys: readonly string[];
}

/** DynamoDB tells of no write that changes nothing. The order of attributes is nothing, nor is that of a set's members. */
export function changesAnything({ before, after }: Change): boolean {
  return !isDeepStrictEqual(comparable(before), comparable(after));
}

const sets = new Set(['SS', 'NS', 'BS']);

function comparable(item: Item | undefined): unknown {
  if (item === undefined) return undefined;
  return JSON.parse(JSON.stringify(item), (name, value: unknown) =>
    sets.has(name) && Array.isArray(value) ? [...(value as unknown[])].sort() : value,
  );
}

export function recordOf({ before, after, keys }: Change, sequence: string, now: number): StreamRecord {
  const item = after ?? before ?? {};
  const Keys = Object.fromEntries(keys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]])));
  const size = [Keys, before ?? {}, after ?? {}].reduce((sum, part) => sum + dynaliteDb.itemSize(part), 0);
  return {
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(now / 1000),
      Keys,
      ...(before === undefined ? {} : { OldImage: before }),
      ...(after === undefined ? {} : { NewImage: after }),
      SequenceNumber: sequence,
      SizeBytes: size,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}

/** 21 digits, as AWS's shortest ones: as texts they are in the order of their numbers. */
const before = 10n ** 20n;

export const firstSequence = String(before);

export function nextSequence(sequence: string): string {
  return String(BigInt(sequence) + 1n);
}
