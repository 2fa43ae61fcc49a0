import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import type { SchemaWrite } from '../events/of-schema.ts';
import type { Schemas } from '../sync/ports.ts';
import type { Schema, SchemaChange } from '../sync/schema.ts';
import { fromAttributes } from './attributes.ts';
import { packFields, unpackFields } from './packed-fields.ts';
import { DamagedItemError } from './damaged-item-error.ts';
import { isUnreadable, parseItem } from './parse-item.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;

/** Epoch milliseconds. */
const time = z.number();

const change = z.object({
  at: time,
  run: z.string(),
  kind: z.enum(['added', 'gone', 'type']),
  field: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
});

/** So many are told with one write: nobody reads more of them, and an item takes 400 KB. */
const maxNews = 200;
const newsOfWrite = z.object({ changes: z.array(change), more: z.int().nonnegative() });

/** As it is stored: its fields packed, as a text, and what has changed with this very write as one more. */
interface Stored extends Omit<Schema, 'fields'> {
  readonly fields: string;
  /** JSON of an object; an empty text where nothing is news, for that is what the events' filter goes by. */
  readonly news: string;
}

const stored = wholeSchemaOf<Stored>()(
  z.object({
    stream: z.string(),
    revision: z.int().positive(),
    run: z.string(),
    learnedAt: time,
    definition: z.string(),
    isUnsettled: z.boolean(),
    fields: z.string(),
    changes: z.array(change),
    news: z.string(),
  }),
);

const keyPrefix = 'schema#';

/** Items `schema#<stream>` of the checkpoints table. */
export class DynamoSchemas implements Schemas {
  readonly #items: RevisionedItems<Stored>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems<Stored>(client, table, stored, version);
  }

  async read(stream: string): Promise<Schema | undefined> {
    const found = await this.#items.read(keyOf(stream));
    return found && loaded(found);
  }

  /** Nothing rests on them: one that cannot be read keeps nobody from what else there is to see. */
  async readAll(streams: readonly string[]): Promise<ReadonlyMap<string, Schema>> {
    const found = await this.#items.readAll(streams.map(keyOf), isUnreadable);
    const schemas = new Map<string, Schema>();
    for (const item of found.values()) {
      try {
        schemas.set(item.stream, loaded(item));
      } catch (error) {
        if (!isUnreadable(error)) throw error;
      }
    }
    return schemas;
  }

  async replace({ fields, ...schema }: Schema, news: readonly SchemaChange[]): Promise<Schema | undefined> {
    const written = await this.#items.replace(keyOf(schema.stream), {
      ...schema,
      fields: Buffer.from(packFields(fields)).toString('base64'),
      news:
        news.length === 0
          ? ''
          : JSON.stringify({
              changes: news.slice(0, maxNews),
              more: Math.max(0, news.length - maxNews),
            }),
    });
    return written && { ...schema, fields, revision: written.revision };
  }
}

export function isSchemaKey(pk: string): boolean {
  return pk.startsWith(keyPrefix);
}

/** @returns null for a write with which nothing has changed @throws {DamagedItemError | NewerVersionError} */
export function decodeSchemaWrite(item: Readonly<Record<string, AttributeValue>>): SchemaWrite | null {
  const { stream, run, learnedAt, news } = parseItem('of a schema', fromAttributes(item), version, stored);
  return news === '' ? null : { stream, run, learnedAt, ...newsOfWrite.parse(JSON.parse(news)) };
}

/** @throws {DamagedItemError} */
function loaded(item: Stored): Schema {
  const { stream, revision, run, learnedAt, definition, isUnsettled, changes } = item;
  try {
    const fields = unpackFields(Buffer.from(item.fields, 'base64'));
    return { stream, revision, run, learnedAt, definition, isUnsettled, fields, changes };
  } catch {
    throw new DamagedItemError(keyOf(stream), new Map([['fields', 'cannot be unpacked']]));
  }
}

function keyOf(stream: string): string {
  return `${keyPrefix}${stream}`;
}
