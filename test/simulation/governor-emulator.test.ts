import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoGovernor } from '../../lib/aws/dynamo-governor.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

/** 240 a minute are ours: 4 in a second. */
const terms = { published: 300, chosen: null };
const share = 4;
const seconds = 5;

/** The vendor's limit in small, for a minute would take a minute: 5 in a second, and at most 10 at once. */
class Bucket {
  #tokens = 10;
  #at = Date.now();

  take(): boolean {
    const now = Date.now();
    this.#tokens = Math.min(10, this.#tokens + ((now - this.#at) * 5) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

describe('streams that share one limit over the real table, in real time', () => {
  // A busy machine may stand still for longer than so short a run can make up for.
  it.each([1, 4, 12])('%i of them: no 429, and all of the share used', { retry: 2 }, async (streams) => {
    const limitScope = `shared by ${streams} at ${Date.now()}`;
    const start = Date.now() + 200;
    // From here on one by one: a run this short would otherwise be all burst.
    await new DynamoGovernor(dynamoDb.client, dynamoDb.checkpointsTable).close(limitScope, start);
    const vendor = new Bucket();
    let refused = 0;
    const walk = async (): Promise<number> => {
      const governor = new DynamoGovernor(dynamoDb.client, dynamoDb.checkpointsTable);
      let slot: number | null = null;
      let pages = 0;
      for (let now = Date.now(); now < start + seconds * 1000; now = Date.now()) {
        const permit = await governor.permit(limitScope, { now, terms, slot });
        if (permit.granted) {
          slot = null;
          if (vendor.take()) pages += 1;
          else refused += 1;
          await sleep(20);
        } else {
          slot = permit.slot;
          await sleep(Math.max(1, Math.min(permit.at, start + seconds * 1000) - now));
        }
      }
      return pages;
    };
    const pages = await Promise.all(Array.from({ length: streams }, walk));
    const calls = pages.reduce((sum, one) => sum + one, 0);
    expect(refused).toBe(0);
    expect(calls).toBeGreaterThanOrEqual(0.97 * share * seconds);
    expect(calls).toBeLessThanOrEqual(share * seconds + 2);
    expect(Math.max(...pages) - Math.min(...pages)).toBeLessThanOrEqual(2);
  });
});
