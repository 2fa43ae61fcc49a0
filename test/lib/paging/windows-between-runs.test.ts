import { describe, expect, it } from 'vitest';

import type { Windows } from '../../../lib/connectors/connector.ts';
import { firstWindow, readUntil } from '../../../lib/paging/windows.ts';

const day = 86_400_000;
const began = Date.parse('2026-11-22T03:04:05.678Z');
const instants: Windows = { days: 30, format: 'instant', lookBackHours: 0, historyDays: 100 };

const nextSince = (windows: Windows): string => {
  const last = firstWindow(windows, { readUntil: null, historyFrom: began, now: began });
  const known = readUntil(last, windows, began);
  const next = firstWindow(windows, { readUntil: known, historyFrom: null, now: began + day });
  return new Date(next.since).toISOString();
};

describe('what one run has read', () => {
  it('ends a second before it began, for the rest of that second is yet to come', () => {
    expect(nextSince(instants)).toBe('2026-11-22T03:04:04.000Z');
  });

  it('ends a day before, where windows are made of days', () => {
    expect(nextSince({ ...instants, format: 'date' })).toBe('2026-11-21T00:00:00.000Z');
  });

  it('does not reach ahead, though its window did', () => {
    expect(nextSince({ ...instants, aheadDays: 20 })).toBe('2026-11-22T03:04:04.000Z');
  });
});
