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
  const { sum, dashboard } = costAtRest(synthesized(), 4 * quarterHourly + 3 * hours);
  const ofChangeLog = 4 * prices.alarm;
  const base = sum - dashboard * prices.dashboard - ofChangeLog;

  it('is at most $6.10 a month by default, without the dashboard and the alarms of the change log', () => {
    expect(base).toBeLessThanOrEqual(6.1);
    // Should it ever come out at next to nothing, something has not been counted.
    expect(base).toBeGreaterThan(5);
  });

  it('is at most $5.10 of that without a key of its own', () => {
    expect(base - prices.key).toBeLessThanOrEqual(5.1);
  });

  it('is for a further stream its ticks alone: $0.07 for one each quarter of an hour', () => {
    const further = costOf({ users: {}, webhooks: {} }) - costOf({ users: {} });
    expect(further).toBeLessThan(0.07);
    expect(further).toBeGreaterThan(0.05);
  });
});
