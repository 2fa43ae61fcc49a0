import { describe, expect, it } from 'vitest';

import { inputAt, ScheduledTimes } from '../../../../infra/emulator/scheduler/scheduled-time.ts';

describe('scheduled times', () => {
  it('are ISO 8601 with milliseconds, now, and later each time', () => {
    const times = new ScheduledTimes();
    const given = Array.from({ length: 100 }, () => times.next());
    expect(given[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(given[0] ?? '') - Date.now())).toBeLessThan(60_000);
    expect(new Set(given).size).toBe(100);
    expect([...given].sort()).toEqual(given);
  });

  it('are put into the input of a schedule', () => {
    const input = '{"stream":"mobaro/users","scheduledAt":"<aws.scheduler.scheduled-time>"}';
    expect(inputAt(input, '2026-11-22T07:00:00.000Z')).toEqual({
      stream: 'mobaro/users',
      scheduledAt: '2026-11-22T07:00:00.000Z',
    });
  });
});
