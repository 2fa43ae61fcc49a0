import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import { newOutage, type Outage } from '../sync/outage.ts';
import type { Outages } from '../sync/ports.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;

const outage = wholeSchemaOf<Outage>()(
  z.object({
    limitScope: z.string(),
    revision: z.int().positive(),
    since: z.number().nullable(),
    pauseMs: z.number().nonnegative(),
    nextAt: z.number(),
    carriers: z.record(z.string(), z.string()),
  }),
);

/** Outages as items `outage#<limit scope>` of the checkpoints table. */
export class DynamoOutages implements Outages {
  readonly #items: RevisionedItems<Outage>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems(client, table, outage, version);
  }

  async read(limitScope: string): Promise<Outage> {
    return (await this.#items.read(keyOf(limitScope))) ?? newOutage(limitScope);
  }

  replace(next: Outage): Promise<Outage | undefined> {
    return this.#items.replace(keyOf(next.limitScope), next);
  }
}

function keyOf(limitScope: string): string {
  return `outage#${limitScope}`;
}
