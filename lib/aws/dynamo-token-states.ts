import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import type { TokenStates } from '../sync/ports.ts';
import { newTokenState, type TokenState } from '../sync/token.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;

const tokenState = wholeSchemaOf<TokenState>()(
  z.object({
    connection: z.string(),
    revision: z.int().positive(),
    lease: z.object({ holder: z.string(), until: z.number() }).nullable(),
    version: z.string().nullable(),
    requestedAt: z.number().nullable(),
    renewAt: z.number().nullable(),
    expired: z.string().nullable(),
    doubted: z.string().nullable(),
    retryAt: z.number().nullable(),
  }),
);

/** What is known of connections' access tokens, as items `token#<connection>` of the checkpoints table. */
export class DynamoTokenStates implements TokenStates {
  readonly #items: RevisionedItems<TokenState>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems(client, table, tokenState, version);
  }

  async read(connection: string): Promise<TokenState> {
    return (await this.#items.read(keyOf(connection))) ?? newTokenState(connection);
  }

  replace(next: TokenState): Promise<TokenState | undefined> {
    return this.#items.replace(keyOf(next.connection), next);
  }
}

function keyOf(connection: string): string {
  return `token#${connection}`;
}
