import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import { learned, type Observation } from '../governor/learn.ts';
import { permitOf, type ScopeAsk, type ScopedPermit } from '../governor/permits.ts';
import { minMs } from '../governor/span.ts';
import { newGovernorState, type GovernorState, type LimitTerms } from '../governor/state.ts';
import { limitUse, type LimitUse } from '../governor/use.ts';
import type { Governor } from '../sync/ports.ts';
import { fromAttributes, toAttributes } from './attributes.ts';
import { parseItem } from './parse-item.ts';
import { wholeSchemaOf } from './whole-schema.ts';

export type { LimitUse };

/** Still 1: a version that knows only `closedUntil` keeps the gate as well as before, and the rest of the item alone. */
const version = 1;

const time = z.number();
const count = z.number().nonnegative();
const fresh = newGovernorState();
const counts = z.object({ since: time, calls: z.array(count) });

/**
 * What is not there, or is not what it ought to be, counts as not known yet: unlike a place in a list it is learned again
 * from the next answers, while a limit scope that cannot be read would stop all its streams.
 */
const governorState = wholeSchemaOf<GovernorState>()(
  z.object({
    closedUntil: time.catch(fresh.closedUntil),
    planned: time.catch(fresh.planned),
    lastSlot: time.catch(fresh.lastSlot),
    spent: time.catch(fresh.spent),
    grantedAt: time.catch(fresh.grantedAt),
    counts: counts.catch({ since: 0, calls: [0] }),
    adaptive: z
      .object({ knee: count.nullable(), grownMs: count, strikes: count, calls: count, waveUntil: time })
      .catch(fresh.adaptive),
    limit: count.nullable().catch(fresh.limit),
    window: z
      .object({
        id: z.number(),
        resetAt: time,
        remaining: count,
        first: z.object({ at: time, remaining: count }),
        seenAt: time,
        answers: count,
        calls: count,
        slots: count,
        foreign: count,
        isRolling: z.boolean().default(false),
      })
      .nullable()
      .catch(fresh.window),
    span: z
      .object({
        ms: z.number().min(minMs).nullable(),
        longestMs: count,
        measured: z
          .object({
            from: z.object({ at: time, reset: z.number() }),
            passed: count,
            reset: z.number(),
            resetAt: time,
            calls: count,
            answers: count,
          })
          .nullable(),
      })
      .catch(fresh.span),
    meters: z.array(z.object({ ms: z.number().positive(), planned: time, spent: time, counts })).catch([]),
  }),
);

/** One gets through each time, so losing this often takes as many others in the same instant. */
const maxTries = 20;

/**
 * One item for each limit scope: `gate#<limitScope>` of the checkpoints table, with the governor's state as native maps.
 * A permit is a consistent read and one conditional update, in each limit scope that the call counts in.
 */
export class DynamoGovernor implements Governor {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  permit(asks: readonly ScopeAsk[], now: number): Promise<ScopedPermit> {
    return permitOf(asks, now, {
      read: (scope) => this.#read(scope),
      replace: (scope, stored: Stored, next) => this.#replace(scope, stored, next),
    });
  }

  /** Needs no reading, so it cannot lose against permits: the vendor's word is in force when this returns. */
  async close(limitScope: string, until: number): Promise<void> {
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: keyOf(limitScope) } },
          UpdateExpression: 'SET closedUntil = :until, #v = if_not_exists(#v, :version)',
          ConditionExpression:
            'attribute_not_exists(closedUntil) OR closedUntil < :until OR NOT attribute_type(closedUntil, :number)',
          ExpressionAttributeNames: { '#v': 'v' },
          // A fraction is rounded away from the vendor: never earlier than it said.
          ExpressionAttributeValues: {
            ':until': { N: String(Math.ceil(until)) },
            ':version': { N: String(version) },
            ':number': { S: 'N' },
          },
        }),
      );
    } catch (error) {
      // It is closed for longer already.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async learn(limitScope: string, terms: LimitTerms, observation: Observation): Promise<void> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const stored = await this.#read(limitScope);
      if (await this.#replace(limitScope, stored, learned(stored.state, terms, observation))) return;
    }
  }

  /** How the limit stands. Changes nothing. */
  async use(limitScope: string, terms: LimitTerms, now: number): Promise<LimitUse> {
    return limitUse((await this.#read(limitScope)).state, terms, now);
  }

  async #read(limitScope: string): Promise<Stored> {
    const pk = keyOf(limitScope);
    const { Item: item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    if (item === undefined) return { state: newGovernorState(), revision: undefined, closedUntil: undefined };
    const { revision, closedUntil } = item;
    return { state: parseItem(pk, fromAttributes(item), version, governorState), revision, closedUntil };
  }

  /** @returns false if another writer was faster */
  async #replace(limitScope: string, stored: Stored, next: GovernorState): Promise<boolean> {
    const revision = (Number(stored.revision?.N ?? 0) || 0) + 1;
    const attributes = toAttributes({ ...next, revision, v: version });
    const names = Object.keys(attributes);
    const unchanged = (['revision', 'closedUntil'] as const).map((name) => ({ name, value: stored[name] }));
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: keyOf(limitScope) } },
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ConditionExpression: unchanged
            .map(({ name, value }) =>
              value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :seen_${name}`,
            )
            .join(' AND '),
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
            ...Object.fromEntries(
              unchanged.flatMap(({ name, value }) => (value === undefined ? [] : [[`:seen_${name}`, value]])),
            ),
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

interface Stored {
  readonly state: GovernorState;
  /**
   * As stored, of any type; undefined where only the gate was ever closed, or nothing is stored at all. A change is
   * conditional on both: nothing has been decided in between, and the gate was not closed.
   */
  readonly revision: AttributeValue | undefined;
  readonly closedUntil: AttributeValue | undefined;
}

function keyOf(limitScope: string): string {
  return `gate#${limitScope}`;
}
