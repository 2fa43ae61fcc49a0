import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import type { ToldAlarms } from '../on-call/ports.ts';
import type { ToldAlarm } from '../on-call/told-alarm.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;

const toldAlarm = wholeSchemaOf<ToldAlarm>()(
  z.object({
    name: z.string(),
    revision: z.int().positive(),
    onSince: z.number().nullable(),
    at: z.number(),
  }),
);

/** What people have been told of alarms, as items `alarm#<name>` of the checkpoints table. */
export class DynamoToldAlarms implements ToldAlarms {
  readonly #items: RevisionedItems<ToldAlarm>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems<ToldAlarm>(client, table, toldAlarm, version);
  }

  read(name: string): Promise<ToldAlarm | undefined> {
    return this.#items.read(`alarm#${name}`);
  }

  replace(next: ToldAlarm): Promise<ToldAlarm | undefined> {
    return this.#items.replace(`alarm#${next.name}`, next);
  }
}
