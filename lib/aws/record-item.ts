import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import type { RecordImage } from '../changes/change.ts';
import type { WrittenBy } from '../sync/ports.ts';
import type { SourceRecord, StoredRecord } from '../sync/record.ts';
import { fromAttributes } from './attributes.ts';
import { DamagedItemError } from './damaged-item-error.ts';
import { parseItem } from './parse-item.ts';

type Item = Record<string, AttributeValue>;

/** The format of record items, in their attribute `v`. */
export const recordVersion = 1;

/** Longer texts are compressed: a write costs by the KB, and small texts hardly shrink. */
const compressFrom = 8 * 1024;

/** DynamoDB's limits for an item and for a sort key. */
const itemLimit = 400 * 1024;
const idLimit = 1024;

/** For what the sum over the attributes leaves out: DynamoDB's own bookkeeping. */
const margin = 1024;

/** Room for `hash`, `firstSeenAt`, `changedAt`, `run`, `escapedId` and `v`: names and values, with something to spare. */
const otherAttributes = 256;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const recordItem = z
  .object({
    id: z.string(),
    firstSeenAt: z.string(),
    changedAt: z.string(),
    json: z.string().optional(),
    gzip: z.object({ B: z.instanceof(Uint8Array) }).optional(),
    deletedAt: z.string().optional(),
    hash: z.string().optional(),
    run: z.string().optional(),
  })
  .refine(({ json, gzip, deletedAt }) => (json ?? gzip ?? deletedAt) !== undefined, {
    path: ['json'],
    message: 'is missing, and so is gzip',
  });

/** DynamoDB takes it for a key. */
export function isStorableId(id: string): boolean {
  return id !== '' && Buffer.byteLength(id) <= idLimit;
}

/**
 * Looks before anything is written.
 * @returns what is wrong with the record in words that hold no value of it, or null if it can be stored.
 */
export async function whyUnstorable(stream: string, { id, json }: SourceRecord): Promise<string | null> {
  const idBytes = Buffer.byteLength(id);
  if (idBytes === 0) return 'has an empty id';
  if (idBytes > idLimit) return `has an id of ${idBytes} bytes; DynamoDB takes ${idLimit}`;

  const keys = 'stream'.length + Buffer.byteLength(stream) + 'id'.length + idBytes;
  const room = itemLimit - margin - otherAttributes - keys - 'json'.length;
  // The body is short enough as it is, in all but a few cases: then nothing has to be compressed to know.
  if (Buffer.byteLength(json) <= room) return null;
  const { gzip: packed } = await body(json);
  if (packed !== undefined && packed.B.byteLength <= room) return null;
  const kilobytes = Math.ceil((packed?.B.byteLength ?? Buffer.byteLength(json)) / 1024);
  return `is ${kilobytes} KB even compressed; DynamoDB takes 400 KB with the id and everything else`;
}

/** A record that lives: what makes a tombstone of it is added by an update. */
export async function encodeRecord(
  record: SourceRecord & Pick<StoredRecord, 'stream' | 'firstSeenAt' | 'changedAt'> & Pick<WrittenBy, 'run'>,
): Promise<Item> {
  const { stream, id, formerId, json, hash, firstSeenAt, changedAt, run } = record;
  return {
    stream: { S: stream },
    id: { S: id },
    ...(await body(json)),
    hash: { S: hash },
    firstSeenAt: { S: firstSeenAt },
    changedAt: { S: changedAt },
    run: { S: run },
    v: { N: String(recordVersion) },
    // Or it could be taken for what an older version stored of another row.
    ...(formerId !== undefined && { escapedId: { BOOL: true } }),
  };
}

/** @throws {DamagedItemError | NewerVersionError} which name the stream alone: an id is personal data. */
export async function decodeRecord(stream: string, item: Item): Promise<StoredRecord> {
  const parsed = parseRecord(stream, item);
  const { id, firstSeenAt, changedAt, deletedAt = null } = parsed;
  return { stream, id, json: await contentOf(stream, parsed), firstSeenAt, changedAt, deletedAt };
}

/**
 * A record as a write has left it.
 * @param withContent or `json` is null
 * @throws {DamagedItemError | NewerVersionError} which name the stream alone
 */
export async function decodeImage(item: Item, withContent: boolean): Promise<RecordImage> {
  const stream = item['stream']?.S ?? 'a stream without a name';
  const parsed = parseRecord(stream, item);
  const { id, hash = null, changedAt, deletedAt = null, run = null } = parsed;
  const json = withContent ? await contentOf(stream, parsed) : null;
  return { stream, id, hash, json, changedAt, deletedAt, run };
}

type ParsedRecord = z.infer<typeof recordItem>;

function parseRecord(stream: string, item: Item): ParsedRecord {
  return parseItem(nameOf(stream), fromAttributes(item), recordVersion, recordItem);
}

function nameOf(stream: string): string {
  return `of a record of ${stream}`;
}

async function contentOf(stream: string, { json, gzip }: ParsedRecord): Promise<string | null> {
  if (json !== undefined || gzip === undefined) return json ?? null;
  const bytes = await decompress(gzip.B).catch(() => {
    throw new DamagedItemError(nameOf(stream), new Map([['gzip', 'cannot be decompressed']]));
  });
  return bytes.toString('utf8');
}

type Body =
  | { readonly json: AttributeValue.SMember; readonly gzip?: never }
  | { readonly gzip: AttributeValue.BMember; readonly json?: never };

/** The JSON as it is stored: as text, or compressed where that is shorter. */
async function body(json: string): Promise<Body> {
  const text = { json: { S: json } };
  const length = Buffer.byteLength(json);
  if (length <= compressFrom) return text;
  const packed = await compress(json);
  return packed.byteLength < length ? { gzip: { B: packed } } : text;
}
