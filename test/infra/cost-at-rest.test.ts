import { describe, expect, it } from 'vitest';

import { costAtRest, prices } from './cost-at-rest.ts';
import { synthesized } from './synthesized.ts';

const hours = 730;
const quarterHourly = 4 * hours;

function costOf(streams: Record<string, object>): number {
  const stack = synthesized({ connections: { mobaro: { streams } } });
  return costAtRest(stack, Object.keys(streams).length * quarterHourly).sum;
}

describe('what a deployment costs at rest', () => {
  it('is less than $15 a month by default', () => {
    const { sum } = costAtRest(synthesized(), 4 * quarterHourly + 3 * hours);
    expect(sum).toBeLessThan(15);
    // Should it ever come out at next to nothing, something has not been counted.
    expect(sum).toBeGreaterThan(10);
  });

  it('is less than $1 for a further stream', () => {
    const further = costOf({ users: {}, webhooks: {} }) - costOf({ users: {} });
    expect(further).toBeLessThan(1);
    expect(further).toBeGreaterThan(prices.customMetric + 5 * prices.alarm);
  });
});
