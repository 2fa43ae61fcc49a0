import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import {
  auditKeptMs,
  auditMonthOf,
  auditMonths,
  monthExpiresAt,
  type Act,
  type ActEnd,
  type AuditEntry,
  type AuditKey,
  type AuditTrail,
} from '../sync/audit.ts';
import type { Clock } from '../sync/ports.ts';
import { fromAttributes, toAttribute, toAttributes } from './attributes.ts';
import { getItems, type Item } from './get-items.ts';
import { parseItem } from './parse-item.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;

const standing = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('stream'),
    target: z.string(),
    state: z.string(),
    run: z.string().nullable(),
    sequence: z.number(),
    haltedFor: z.string().nullable(),
    heldDeletions: z.number().nullable(),
    allowedDeletions: z.number().nullable(),
    fieldsAwaited: z.array(z.string()),
  }),
  z.object({ kind: z.literal('connection'), target: z.string(), key: z.string() }),
]);

const entrySchema = wholeSchemaOf<AuditEntry>()(
  z.object({
    id: z.string(),
    at: z.string(),
    who: z.string(),
    command: z.string(),
    target: z.string().nullable(),
    typed: z.string(),
    why: z.string().nullable(),
    before: z.array(standing),
    end: z
      .object({
        at: z.string(),
        outcome: z.string(),
        fault: z.string().nullable(),
        results: z.array(
          z.object({ target: z.string(), changed: z.boolean(), refused: z.boolean(), sentence: z.string() }),
        ),
        after: z.array(standing),
      })
      .nullable(),
  }),
);

/**
 * Acts as items `audit#<month>#<number>` of the checkpoints table, one each. The item `audit#<month>` counts them, so that they
 * can be listed by their keys: the table has no sort key, and a Scan would read all that runs have seen.
 *
 * A number is drawn by an atomic count, so that no two persons wait for each other, and an entry is written only where there is
 * none. A number that was drawn and then not used is a gap in the list, and nothing else. It needs `UpdateItem`, and
 * `BatchGetItem` for the list.
 */
export class DynamoAudit implements AuditTrail {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(client: DynamoDBClient, table: string, clock: Pick<Clock, 'now'>) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  async begin(act: Act): Promise<AuditKey> {
    const at = Date.parse(act.at);
    const month = auditMonthOf(at);
    const entry: AuditEntry = { ...act, end: null };
    // Where the count has been lost, or set back by a restored table, it comes to a free number in the end.
    for (;;) {
      const key = keyOf(month, await this.#draw(month));
      if (await this.#write(key, entry, at + auditKeptMs)) return { key, id: act.id };
    }
  }

  async end({ key, id }: AuditKey, end: ActEnd): Promise<void> {
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { pk: { S: key } },
        UpdateExpression: 'SET #end = :end',
        // An entry that is gone is not begun anew by its end.
        ConditionExpression: '#id = :id',
        ExpressionAttributeNames: { '#end': 'end', '#id': 'id' },
        ExpressionAttributeValues: { ':end': toAttribute(end), ':id': { S: id } },
      }),
    );
  }

  async list(since: number): Promise<readonly AuditEntry[]> {
    const now = this.#clock.now();
    const months = auditMonths(since, now);
    const counts = new Map(
      (await getItems(this.#client, this.#table, months.map(countKeyOf))).map(({ pk, last }) => [
        pk?.S,
        Number(last?.N ?? 0),
      ]),
    );
    const keys = months.flatMap((month) => {
      const last = counts.get(countKeyOf(month)) ?? 0;
      return Array.from({ length: last }, (_, index) => keyOf(month, last - index));
    });
    const items = await getItems(this.#client, this.#table, keys);
    const byKey = new Map(items.map((item) => [item['pk']?.S, item]));
    return keys
      .flatMap((key) => {
        const item = byKey.get(key);
        if (item === undefined || hasExpired(item, now)) return [];
        return [parseItem(key, fromAttributes(item), version, entrySchema)];
      })
      .filter(({ at }) => Date.parse(at) >= since);
  }

  async #draw(month: string): Promise<number> {
    const { Attributes } = await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { pk: { S: countKeyOf(month) } },
        UpdateExpression: 'ADD #last :one SET expiresAt = :expiresAt, #v = :v',
        ExpressionAttributeNames: { '#last': 'last', '#v': 'v' },
        ExpressionAttributeValues: {
          ':one': { N: '1' },
          ':expiresAt': { N: seconds(monthExpiresAt(month)) },
          ':v': { N: String(version) },
        },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return Number(Attributes?.['last']?.N);
  }

  /** @returns false if there is another entry; its own one, from a try whose answer was lost, is written once more */
  async #write(key: string, entry: AuditEntry, expiresAt: number): Promise<boolean> {
    const attributes = toAttributes({ ...entry, v: version, expiresAt: Number(seconds(expiresAt)) });
    const names = Object.keys(attributes);
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: key } },
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ConditionExpression: 'attribute_not_exists(pk) OR #id = :id',
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [`:${name}`, value]),
          ),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

/** DynamoDB takes its time with it, and an emulator never does it. */
function hasExpired(item: Item, now: number): boolean {
  return Number(item['expiresAt']?.N) * 1000 <= now;
}

function countKeyOf(month: string): string {
  return `audit#${month}`;
}

function keyOf(month: string, number: number): string {
  return `audit#${month}#${String(number)}`;
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1000));
}
