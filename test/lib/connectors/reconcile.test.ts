import { describe, expect, it } from 'vitest';

import { reconcileMsOf } from '../../../lib/connectors/reconcile.ts';

describe('how often a list is walked whole', () => {
  it.each([
    ['rate(1 hour)', 3_600_000],
    ['rate(7 days)', 7 * 86_400_000],
    ['rate(366 days)', 366 * 86_400_000],
    ['rate(367 days)', null],
    ['rate(1 hours)', null],
    ['rate(2 hour)', null],
    ['rate(0 days)', null],
    ['rate(30 minutes)', null],
    ['cron(0 3 ? * SUN *)', null],
    ['7 days', null],
    ['', null],
  ])('is %s', (expression, expected) => {
    expect(reconcileMsOf(expression)).toBe(expected);
  });
});
