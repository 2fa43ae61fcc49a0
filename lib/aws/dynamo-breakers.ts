import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import { newBreaker, type Breaker } from '../sync/breaker.ts';
import type { Breakers } from '../sync/ports.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;

const breaker = wholeSchemaOf<Breaker>()(
  z.object({
    connection: z.string(),
    revision: z.int().positive(),
    state: z.enum(['closed', 'open', 'half-open']),
    secretVersion: z.string().nullable(),
    openedAt: z.number().nullable(),
    // Absent from what an older version stored.
    openedBy: z.string().nullable().default(null),
    doubtUntil: z.number().nullable().default(null),
    goodVersion: z.string().nullable().default(null),
    probe: z.object({ stream: z.string(), until: z.number() }).nullable(),
  }),
);

/** Breakers as items `breaker#<connection>` of the checkpoints table. */
export class DynamoBreakers implements Breakers {
  readonly #items: RevisionedItems<Breaker>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems(client, table, breaker, version);
  }

  async read(connection: string): Promise<Breaker> {
    return (await this.#items.read(keyOf(connection))) ?? newBreaker(connection);
  }

  replace(next: Breaker): Promise<Breaker | undefined> {
    return this.#items.replace(keyOf(next.connection), next);
  }
}

function keyOf(connection: string): string {
  return `breaker#${connection}`;
}
