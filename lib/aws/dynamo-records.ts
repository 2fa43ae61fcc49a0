import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';

import type { Deletion, RecordKey, Records, Upserted, WrittenBy } from '../sync/ports.ts';
import type { SourceRecord, StoredRecord } from '../sync/record.ts';
import { bury, erase, forget, removeFormer } from './dynamo-tombstones.ts';
import { idsToLookUp, storedOf, type Known } from './former-ids.ts';
import { NewerVersionError } from './newer-version-error.ts';
import { decodeRecord, encodeRecord, recordVersion, whyUnstorable } from './record-item.ts';
import { chunksOf, inParallel, untilProcessed, type Progress } from './until-processed.ts';

type Item = Record<string, AttributeValue>;

const batchGetLimit = 100;
const batchWriteLimit = 25;
/** A list ends at 1 MB anyway. */
const listLimit = 1000;
/** Enough to keep the wire busy, too few to take a table's capacity from the other functions. */
const batchesAtOnce = 4;

/** Records as items of the records table: partition key `stream`, sort key `id`. */
export class DynamoRecords implements Records {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async upsert(
    stream: string,
    records: readonly SourceRecord[],
    { at: now, run }: WrittenBy,
    signal: AbortSignal,
  ): Promise<Upserted> {
    signal.throwIfAborted();
    // By id, the last row given with it. BatchWriteItem refuses a batch that names an item twice.
    const rows = new Map(records.map((record, index) => [record.id, { record, index }]));
    for (const { record, index } of rows.values()) {
      const reason = await whyUnstorable(stream, record);
      if (reason !== null) return { kind: 'unstorable', index, reason };
    }

    const all = [...rows.values()].map(({ record }) => record);
    const known = await this.#known(stream, idsToLookUp(all), signal);
    const { before, movedFrom, left } = storedOf(all, known);
    const at = new Date(now).toISOString();
    const isChanged = ({ id, hash }: SourceRecord): boolean => {
      const stored = before.get(id);
      // A Put takes a tombstone's marks away: the record lives again.
      return stored?.hash !== hash || stored.deletedAt !== undefined;
    };
    const changed = all.filter(isChanged);
    const moved = all.filter((record) => movedFrom.has(record.id) && !isChanged(record));
    const progress = { processed: 0 };
    await inParallel(chunksOf([...changed, ...moved], batchWriteLimit), batchesAtOnce, async (chunk) => {
      const puts = chunk.map(async (record): Promise<WriteRequest> => {
        const { firstSeenAt = at, changedAt = at } = before.get(record.id) ?? {};
        const times = { firstSeenAt, changedAt: isChanged(record) ? at : changedAt };
        return { PutRequest: { Item: await encodeRecord({ stream, ...record, ...times, run }) } };
      });
      await this.#write(await Promise.all(puts), signal, progress);
    });
    // Last: a function that is killed before it leaves both, and the page that is tried again takes the old one away.
    await removeFormer({ client: this.#client, table: this.#table, stream, signal }, left);
    return { kind: 'stored', written: changed.length, unchanged: all.length - changed.length };
  }

  /** Those of the ids that are there, in the order of the ids, each once. Consistent. */
  async *find(stream: string, ids: readonly string[]): AsyncGenerator<StoredRecord, void, undefined> {
    for (const id of new Set(ids)) {
      // A Query and no GetItem: who may list records has the permission for it, and for nothing else.
      const { Items = [] } = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: '#stream = :stream AND #id = :id',
          ExpressionAttributeNames: { '#stream': 'stream', '#id': 'id' },
          ExpressionAttributeValues: { ':stream': { S: stream }, ':id': { S: id } },
          ConsistentRead: true,
        }),
      );
      for (const item of Items) yield await decodeRecord(stream, item);
    }
  }

  /**
   * All records of a stream in the order of their ids (by their UTF-8 bytes), read page by page. Consistent.
   * @param after the id before the first; null for all
   */
  async *scan(
    stream: string,
    signal?: AbortSignal,
    after: string | null = null,
  ): AsyncGenerator<StoredRecord, void, undefined> {
    let start: Item | undefined = after === null ? undefined : { stream: { S: stream }, id: { S: after } };
    do {
      const answer = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: '#stream = :stream',
          ExpressionAttributeNames: { '#stream': 'stream' },
          ExpressionAttributeValues: { ':stream': { S: stream } },
          ConsistentRead: true,
          ...(start && { ExclusiveStartKey: start }),
        }),
        { ...(signal && { abortSignal: signal }) },
      );
      for (const item of answer.Items ?? []) yield await decodeRecord(stream, item);
      start = answer.LastEvaluatedKey;
    } while (start !== undefined);
  }

  /** Projections cost what the whole item costs: a part is 1 MB of the table, however little of it is looked at. */
  async list(
    stream: string,
    after: string | null,
    signal: AbortSignal,
    max = listLimit,
  ): Promise<{ keys: RecordKey[]; last: string | null }> {
    const answer = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: '#stream = :stream',
        ProjectionExpression: '#id, #hash, deletedAt',
        ExpressionAttributeNames: { '#stream': 'stream', '#id': 'id', '#hash': 'hash' },
        ExpressionAttributeValues: { ':stream': { S: stream } },
        ConsistentRead: true,
        Limit: max,
        ...(after !== null && { ExclusiveStartKey: { stream: { S: stream }, id: { S: after } } }),
      }),
      { abortSignal: signal },
    );
    const keys = (answer.Items ?? []).map(({ id, hash, deletedAt }): RecordKey => {
      const at = deletedAt?.S === undefined ? null : Date.parse(deletedAt.S);
      return { id: id?.S ?? '', deletedAt: at, erased: hash === undefined };
    });
    return { keys, last: answer.LastEvaluatedKey?.['id']?.S ?? null };
  }

  markDeleted(stream: string, ids: readonly string[], by: Deletion, signal: AbortSignal): Promise<number> {
    return bury({ client: this.#client, table: this.#table, stream, signal }, ids, by);
  }

  purge(stream: string, tombstones: readonly RecordKey[], signal: AbortSignal): Promise<void> {
    return erase({ client: this.#client, table: this.#table, stream, signal }, tombstones);
  }

  /** Erases a record in any state. @returns whether there was one */
  eraseRecord(stream: string, id: string): Promise<boolean> {
    return forget({ client: this.#client, table: this.#table, stream }, id);
  }

  async #known(
    stream: string,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Known>> {
    const known = new Map<string, Known>();
    const progress = { processed: 0 };
    await inParallel(chunksOf(ids, batchGetLimit), batchesAtOnce, (chunk) =>
      untilProcessed(
        chunk.map((id): Item => ({ stream: { S: stream }, id: { S: id } })),
        async (keys) => {
          const answer = await this.#client.send(
            new BatchGetItemCommand({
              RequestItems: {
                [this.#table]: {
                  Keys: keys,
                  ConsistentRead: true,
                  ProjectionExpression: '#id, #hash, firstSeenAt, changedAt, deletedAt, escapedId, #v',
                  ExpressionAttributeNames: { '#id': 'id', '#hash': 'hash', '#v': 'v' },
                },
              },
            }),
            { abortSignal: signal },
          );
          for (const item of answer.Responses?.[this.#table] ?? []) {
            const version = Number(item['v']?.N ?? recordVersion);
            // A Put replaces the whole item: what a newer version keeps in it would be gone.
            if (version > recordVersion) {
              throw new NewerVersionError(`stored record of ${stream}`, version, recordVersion);
            }
            known.set(item['id']?.S ?? '', {
              hash: item['hash']?.S,
              firstSeenAt: item['firstSeenAt']?.S,
              changedAt: item['changedAt']?.S,
              deletedAt: item['deletedAt']?.S,
              isEscaped: item['escapedId']?.BOOL === true,
            });
          }
          return answer.UnprocessedKeys?.[this.#table]?.Keys;
        },
        signal,
        progress,
      ),
    );
    return known;
  }

  async #write(puts: WriteRequest[], signal: AbortSignal, progress: Progress): Promise<void> {
    await untilProcessed(
      puts,
      async (requests) => {
        const answer = await this.#client.send(
          new BatchWriteItemCommand({ RequestItems: { [this.#table]: requests } }),
          { abortSignal: signal },
        );
        return answer.UnprocessedItems?.[this.#table];
      },
      signal,
      progress,
    );
  }
}
