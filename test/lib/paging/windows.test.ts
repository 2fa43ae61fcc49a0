import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Windows } from '../../../lib/connectors/connector.ts';
import { boundText, firstWindow, nextWindow, type Window } from '../../../lib/paging/windows.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-22T03:04:05.678Z');
const instants: Windows = { days: 30, format: 'instant', lookBackHours: 24, historyDays: 100 };
const dates: Windows = { ...instants, format: 'date' };

function walked(windows: Windows, known: Partial<Parameters<typeof firstWindow>[1]> = {}): Window[] {
  const all = [firstWindow(windows, { readUntil: null, historyFrom: null, now, ...known })];
  for (;;) {
    const last = all.at(-1);
    const next = last === undefined ? null : nextWindow(last, windows);
    if (next === null) return all;
    all.push(next);
  }
}

const told = (windows: Windows, known: Partial<Parameters<typeof firstWindow>[1]> = {}) =>
  walked(windows, known).map(({ since, until }) => [boundText(since, windows), boundText(until, windows)]);

describe('windows of time', () => {
  it('lead from the beginning of the history to the run, and overlap by a second', () => {
    expect(told(instants)).toEqual([
      ['2026-08-14T03:04:05Z', '2026-09-13T03:04:05Z'],
      ['2026-09-13T03:04:04Z', '2026-10-13T03:04:04Z'],
      ['2026-10-13T03:04:03Z', '2026-11-12T03:04:03Z'],
      ['2026-11-12T03:04:02Z', '2026-11-22T03:04:06Z'],
    ]);
  });

  it('of dates have so many days, both ends counted, and overlap by both of them', () => {
    expect(told(dates, { historyFrom: Date.parse('2026-10-01') })).toEqual([
      ['2026-10-01', '2026-10-30'],
      ['2026-10-29', '2026-11-22'],
    ]);
  });

  it('begin a little before what has been read already', () => {
    const readUntil = now - 3_600_000;
    expect(told(instants, { readUntil })).toEqual([['2026-11-21T02:04:05Z', '2026-11-22T03:04:06Z']]);
  });

  it('begin there also where that is longer ago than the history of a first run', () => {
    const [first] = told(dates, { readUntil: now - 400 * day });
    expect(first?.[0]).toBe(
      new Date(now - 400 * day - dates.lookBackHours * 3_600_000).toISOString().slice(0, 10),
    );
  });

  it('never begin before the history that is wanted', () => {
    const historyFrom = now - 60_000;
    expect(told(instants, { readUntil: now, historyFrom })).toEqual([
      ['2026-11-22T03:03:05Z', '2026-11-22T03:04:06Z'],
    ]);
    expect(told(instants, { historyFrom: now + day })).toEqual([
      ['2026-11-22T03:04:06Z', '2026-11-22T03:04:06Z'],
    ]);
  });

  it('may reach ahead', () => {
    const ahead = { ...dates, historyDays: 1, aheadDays: 10 };
    expect(told(ahead)).toEqual([['2026-11-21', '2026-12-02']]);
  });

  it('leave out no moment, are never too long, and come to an end', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('instant', 'date'),
        fc.integer({ min: 3, max: 200 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: 0, max: 4_000 * day }),
        (format, days, historyDays, at) => {
          const windows: Windows = { days, format, lookBackHours: 0, historyDays };
          const all = walked(windows, { now: at + 1000 * day });
          for (const [index, { since, until }] of all.entries()) {
            expect(until - since).toBeLessThanOrEqual(days * day);
            // However a vendor counts its bounds in, what lies on one of them is asked for.
            const overlap = format === 'date' ? day : 1000;
            if (index > 0) expect(since).toBe((all[index - 1]?.until ?? NaN) - overlap);
          }
          expect(all.at(-1)?.until).toBe(all[0]?.end);
        },
      ),
    );
  });
});
