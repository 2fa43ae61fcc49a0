import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

import { heartbeatStream } from '../changes/heartbeat.ts';

/** Writes to the records table, so that whoever reads its stream can tell whether something of it is missing. */
export class DynamoHeartbeat {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #source: string;

  /** @param source the ARN of the stream: each counts from 1, so that whoever begins to read one knows what is missing */
  constructor(client: DynamoDBClient, table: string, source: string) {
    this.#client = client;
    this.#table = table;
    this.#source = source;
  }

  /** @returns how often it has been done */
  async beat(): Promise<number> {
    const { Attributes } = await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { stream: { S: heartbeatStream }, id: { S: this.#source } },
        UpdateExpression: 'ADD #count :one',
        ExpressionAttributeNames: { '#count': 'count' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return Number(Attributes?.['count']?.N);
  }
}
