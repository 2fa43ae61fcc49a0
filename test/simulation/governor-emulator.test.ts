import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoGovernor } from '../../lib/aws/dynamo-governor.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

/** 960 a minute are ours: 16 in a second. */
const terms = { published: 1200, chosen: null };
const perSecond = 16;
const seconds = 4;

/**
 * The vendor's limit in small: a minute would take a minute. 25 in any 1.25 s are 1,200 a minute, with a twentieth of a
 * second on top for what the machine does in between.
 */
const vendorWindowMs = 1200;
const vendorLimit = 25;

describe('streams that share one limit over the real table, in real time', () => {
  // A busy machine may stop for longer than the vendor's small window forgives.
  it.each([1, 4, 12])('%i of them: no 429, and all of the share used', { retry: 2 }, async (streams) => {
    const limitScope = `shared by ${streams} at ${Date.now()}`;
    const start = Date.now() + 200;
    // From here on one by one: a run this short would otherwise be all burst.
    await new DynamoGovernor(dynamoDb.client, dynamoDb.checkpointsTable).close(limitScope, start);
    const calls: number[] = [];
    let refused = 0;
    const walk = async (): Promise<number> => {
      const governor = new DynamoGovernor(dynamoDb.client, dynamoDb.checkpointsTable);
      let slot: number | null = null;
      let pages = 0;
      while (Date.now() < start + seconds * 1000) {
        const now = Date.now();
        const permit = await governor.permit(limitScope, { now, terms, slot });
        if (!permit.granted) {
          slot = permit.slot;
          await sleep(Math.max(1, permit.at - now));
          continue;
        }
        slot = null;
        const at = Date.now();
        if (calls.filter((call) => call > at - vendorWindowMs).length >= vendorLimit) refused += 1;
        calls.push(at);
        pages += 1;
        await sleep(20);
      }
      return pages;
    };
    const pages = await Promise.all(Array.from({ length: streams }, walk));
    expect(refused).toBe(0);
    expect(calls.length).toBeGreaterThanOrEqual(0.97 * perSecond * seconds);
    expect(Math.max(...pages) - Math.min(...pages)).toBeLessThanOrEqual(3);
  });
});
