import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

import { heartbeatKey } from '../changes/heartbeat.ts';

/** Writes to the records table, so that whoever reads its stream can tell whether something of it is missing. */
export class DynamoHeartbeat {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** @returns how often it has been done */
  async beat(): Promise<number> {
    const { Attributes } = await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { stream: { S: heartbeatKey.stream }, id: { S: heartbeatKey.id } },
        UpdateExpression: 'ADD #count :one',
        ExpressionAttributeNames: { '#count': 'count' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return Number(Attributes?.['count']?.N);
  }
}
