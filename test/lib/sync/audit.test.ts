import { describe, expect, it } from 'vitest';

import { auditKeptMs, auditMonthOf, auditMonths, monthExpiresAt } from '../../../lib/sync/audit.ts';

const at = (time: string): number => Date.parse(time);

describe('the months of the audit', () => {
  it('are those since then, newest first, whatever their length', () => {
    expect(auditMonths(at('2026-01-31T23:59Z'), at('2026-03-30T12:00Z'))).toEqual([
      '2026-03',
      '2026-02',
      '2026-01',
    ]);
    expect(auditMonths(at('2025-12-31T23:59Z'), at('2026-01-01T00:00Z'))).toEqual(['2026-01', '2025-12']);
  });

  it('begin no earlier than entries are kept', () => {
    const now = at('2026-11-15T12:00Z');
    const months = auditMonths(0, now);
    expect(months.at(-1)).toBe(auditMonthOf(now - auditKeptMs));
    expect(months).toHaveLength(14);
  });

  it('go as far as the clock of another person may', () => {
    expect(auditMonths(at('2026-03-31T12:00Z'), at('2026-03-31T23:59Z'))).toEqual(['2026-04', '2026-03']);
  });

  it('expire with their last entry, and not before', () => {
    for (const last of ['2026-02-28T23:59:59.999Z', '2026-12-31T23:59:59.999Z', '2028-02-29T12:00:00Z']) {
      const expiresAt = monthExpiresAt(auditMonthOf(at(last)));
      expect(expiresAt).toBeGreaterThanOrEqual(at(last) + auditKeptMs);
      expect(expiresAt).toBeLessThan(at(last) + auditKeptMs + 86_400_000);
    }
  });
});
