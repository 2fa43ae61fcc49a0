import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoGovernor } from '../../lib/aws/dynamo-governor.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../support/embedded-dynamodb.ts';
import { permitIn } from '../support/permit-in.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

/** 240 a minute are ours: 4 in a second. */
const terms = { published: 300, chosen: null };
const share = 4;
const seconds = 10;
/** Who comes within this of another one asks at the same time. */
const togetherMs = 50;

/** The vendor's limit in small: 5 in a second, and at most 10 at once. */
class Bucket {
  #tokens = 10;
  #at: number;

  constructor(start: number) {
    this.#at = start;
  }

  take(now: number): boolean {
    this.#tokens = Math.min(10, this.#tokens + (Math.max(0, now - this.#at) * 5) / 1000);
    this.#at = Math.max(now, this.#at);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

interface Walker {
  readonly governor: DynamoGovernor;
  /** When it asks next, in virtual time. */
  at: number;
  slot: number | null;
  pages: number;
}

describe('streams that share one limit over the real table, in virtual time', () => {
  it.each([1, 4, 12])('%i of them: no 429, and all of the share used', async (streams) => {
    const limitScope = `shared by ${streams}`;
    const start = Date.parse('2026-03-01T12:00:00Z');
    const end = start + seconds * 1000;
    const newGovernor = () => new DynamoGovernor(dynamoDb.newClient(), dynamoDb.checkpointsTable);
    // From here on one by one: a run this short would otherwise be all burst.
    await newGovernor().close(limitScope, start);
    const vendor = new Bucket(start);
    let refused = 0;
    const ask = async (walker: Walker): Promise<void> => {
      const { governor, at, slot } = walker;
      const permit = await permitIn(governor, limitScope, { now: at, terms, slot });
      walker.slot = permit.granted ? null : permit.slot;
      walker.at = permit.granted ? at + 20 : Math.max(at + 1, permit.at);
      if (!permit.granted) return;
      if (vendor.take(at)) walker.pages += 1;
      else refused += 1;
    };
    const walkers: Walker[] = Array.from({ length: streams }, () => ({
      ...{ governor: newGovernor(), at: start, slot: null, pages: 0 },
    }));
    for (let now = start; now < end; now = Math.min(...walkers.map(({ at }) => at))) {
      await Promise.all(walkers.filter(({ at }) => at <= now + togetherMs && at < end).map(ask));
    }
    const pages = walkers.map((walker) => walker.pages);
    const calls = pages.reduce((sum, one) => sum + one, 0);
    expect(refused).toBe(0);
    expect(calls).toBeGreaterThanOrEqual(0.97 * share * seconds);
    expect(calls).toBeLessThanOrEqual(share * seconds + 2);
    expect(Math.max(...pages) - Math.min(...pages)).toBeLessThanOrEqual(2);
  });
});
