import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import type { Mute, Mutes } from '../on-call/mute.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;

const mute = wholeSchemaOf<Mute>()(
  z.object({
    connection: z.string(),
    revision: z.int().positive(),
    since: z.number(),
    until: z.number(),
    why: z.string(),
    by: z.string(),
  }),
);

/** Mutes as items `mute#<connection>` of the checkpoints table. */
export class DynamoMutes implements Mutes {
  readonly #items: RevisionedItems<Mute>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems(client, table, mute, version);
  }

  async read(connection: string): Promise<Mute | null> {
    return (await this.#items.read(keyOf(connection))) ?? null;
  }

  replace(next: Mute): Promise<Mute | undefined> {
    return this.#items.replace(keyOf(next.connection), next);
  }
}

function keyOf(connection: string): string {
  return `mute#${connection}`;
}
