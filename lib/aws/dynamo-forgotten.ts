import { setTimeout as sleep } from 'node:timers/promises';

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import { forgottenKeptMs, type ForgottenUntil } from '../changes/forgotten.ts';
import type { ForgottenRecords } from '../changes/ports.ts';
import type { Clock } from '../sync/ports.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;
const key = 'forgotten#records';

/** Losing more often to other people who forget something is no accident. */
const maxTries = 10;
const maxPauseMs = 100;
/** An entry takes some 80 bytes, and an item 400 KB. */
const maxEntries = 4000;

interface Entry {
  /** Epoch milliseconds; null while every write is left out. */
  readonly until: number | null;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

interface Item {
  readonly revision: number;
  readonly records: Readonly<Record<string, Entry>>;
  /** Epoch seconds, for the table's TTL. */
  readonly expiresAt: number;
}

const item = wholeSchemaOf<Item>()(
  z.object({
    revision: z.int().positive(),
    records: z.record(z.string(), z.object({ until: z.number().nullable(), expiresAt: z.number() })),
    expiresAt: z.number(),
  }),
);

/**
 * What has been forgotten lately, in one item `forgotten#records` of the checkpoints table: whoever publishes reads it whole,
 * before each batch. It holds digests and no ids. It needs `GetItem`, and to forget something `UpdateItem`.
 */
export class DynamoForgotten implements ForgottenRecords {
  readonly #items: RevisionedItems<Item>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(client: DynamoDBClient, table: string, clock: Pick<Clock, 'now'>) {
    this.#items = new RevisionedItems(client, table, item, version);
    this.#clock = clock;
  }

  async read(): Promise<ForgottenUntil> {
    const entries = this.#living((await this.#items.read(key))?.records ?? {});
    return new Map(entries.map(([digest, { until }]) => [digest, until]));
  }

  async hold(digest: string): Promise<void> {
    const expiresAt = Math.ceil((this.#clock.now() + forgottenKeptMs) / 1000);
    await this.#change(digest, () => ({ until: null, expiresAt }));
  }

  release(digest: string, until: number): Promise<boolean> {
    return this.#change(digest, (entry) => (entry?.until === null ? { ...entry, until } : null));
  }

  /** @param next of the entry that there is; null leaves it as it is @returns whether there was something to change */
  async #change(digest: string, next: (entry: Entry | undefined) => Entry | null): Promise<boolean> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const stored = await this.#items.read(key);
      const records = Object.fromEntries(this.#living(stored?.records ?? {}));
      const entry = next(records[digest]);
      if (entry === null) return false;
      const changed = { ...records, [digest]: entry };
      if (Object.keys(changed).length > maxEntries) {
        throw new Error(`More than ${maxEntries} records were forgotten within 8 days, and no more are kept`);
      }
      const expiresAt = Math.max(...Object.values(changed).map((one) => one.expiresAt));
      const replaced = { revision: stored?.revision ?? 0, records: changed, expiresAt };
      if ((await this.#items.replace(key, replaced)) !== undefined) return true;
      await sleep(Math.random() * maxPauseMs);
    }
    throw new Error('The list of what was forgotten is changed by others again and again');
  }

  #living(records: Readonly<Record<string, Entry>>): readonly (readonly [string, Entry])[] {
    const now = this.#clock.now() / 1000;
    return Object.entries(records).filter(([, { expiresAt }]) => expiresAt > now);
  }
}
