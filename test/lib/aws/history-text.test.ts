import { describe, expect, it } from 'vitest';

import { decodeHistory, encodeHistory } from '../../../lib/aws/history-text.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { historyWith, maxEvents } from '../../../lib/sync/history.ts';
import { progressOf } from '../../support/progress.ts';

const began = Date.parse('2026-11-22T10:00:00Z');

function history(runs: number, reason: string | null): Checkpoint['history'] {
  let events: Checkpoint['history'] = [];
  for (let index = 0; index < runs; index += 1) {
    const startedAt = began + index * 900_000;
    events = historyWith({
      ...{ ...newCheckpoint('mobaro/users'), history: events, outcome: 'complete', reason },
      ...{ outcomeAt: startedAt + 61_234, lastStatus: 200 },
      progress: progressOf({ startedAt, pages: 1234, written: 56, deleted: 7 }),
    });
  }
  return events;
}

describe('the history as a text', () => {
  it('comes back as it was', () => {
    const events = history(3, 'a "word" — ünïcode');
    expect(decodeHistory(encodeHistory(events))).toEqual(events);
  });

  it('stays well below a kilobyte, whatever happened', () => {
    expect(history(50, null)).toHaveLength(maxEvents);
    expect(Buffer.byteLength(encodeHistory(history(50, null)))).toBeLessThan(700);
    expect(Buffer.byteLength(encodeHistory(history(50, 'HTTP 503: '.repeat(30))))).toBeLessThan(700);
  });

  it.each(['', 'nonsense', '{}', '[[1]]'])('takes %j for none', (text) => {
    expect(decodeHistory(text)).toEqual([]);
  });
});
