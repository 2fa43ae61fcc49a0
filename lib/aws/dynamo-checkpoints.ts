import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import type { Checkpoint } from '../sync/checkpoint.ts';
import { streamOutcomes } from '../sync/outcome.ts';
import type { Checkpoints } from '../sync/ports.ts';
import { RevisionedItems } from './revisioned-items.ts';

/** Epoch milliseconds. */
const time = z.number();
const count = z.int().nonnegative();

const checkpoint = z.object({
  stream: z.string(),
  revision: z.int().positive(),
  state: z.enum(['idle', 'running', 'parked', 'exhausted', 'halted', 'paused']),
  run: z.string().nullable(),
  sequence: count,
  position: z
    .discriminatedUnion('kind', [
      z.object({
        kind: z.literal('offset'),
        offset: count,
        anchor: z.string().exactOptional(),
        blind: z.literal(true).exactOptional(),
        stepBack: count.exactOptional(),
        page: z.string().exactOptional(),
        total: count.exactOptional(),
      }),
      z.object({
        kind: z.literal('cursor'),
        cursor: z.string(),
        mark: z.object({ cursor: z.string(), pages: count, left: count }).exactOptional(),
        page: z.string().exactOptional(),
      }),
    ])
    .nullable(),
  lease: z.object({ holder: z.string(), until: time }).nullable(),
  attempt: count,
  retryAt: time.nullable(),
  // An older version did not know it.
  slot: time.nullable().default(null),
  lastTick: time.nullable(),
  movedAt: time,
  outcome: z.enum(streamOutcomes).nullable(),
  outcomeAt: time.nullable(),
  lastStatus: z.int().nullable(),
  reason: z.string().nullable(),
  trouble: z.enum(['exhausted', 'malformed']).nullable(),
  halt: z
    .object({
      outcome: z.enum(['unauthorized', 'forbidden', 'missing', 'rejected', 'looping', 'runaway']),
      at: time,
      definition: z.string(),
    })
    .nullable(),
  progress: z
    .object({
      startedAt: time,
      pages: count,
      records: count,
      written: count,
      unchanged: count,
      partial: z.boolean(),
      // Absent from what an older version stored.
      setbacks: count.default(0),
    })
    .nullable(),
  completedAt: time.nullable(),
}) satisfies z.ZodType<Checkpoint>;

/** Checkpoints as items `stream#<name>`, their parts as native maps. */
export class DynamoCheckpoints implements Checkpoints {
  readonly #items: RevisionedItems<Checkpoint>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems(client, table, checkpoint);
  }

  read(stream: string): Promise<Checkpoint | undefined> {
    return this.#items.read(keyOf(stream));
  }

  async readAll(streams: readonly string[]): Promise<ReadonlyMap<string, Checkpoint>> {
    const found = await this.#items.readAll(streams.map(keyOf));
    return new Map([...found.values()].map((checkpoint) => [checkpoint.stream, checkpoint]));
  }

  replace(next: Checkpoint): Promise<Checkpoint | undefined> {
    return this.#items.replace(keyOf(next.stream), next);
  }
}

function keyOf(stream: string): string {
  return `stream#${stream}`;
}
