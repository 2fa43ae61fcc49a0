import { describe, expect, it } from 'vitest';

import { endOfRun, stateChangeOf } from '../../../lib/events/of-checkpoint.ts';
import { newCheckpoint, newProgress, type Checkpoint } from '../../../lib/sync/checkpoint.ts';

const start = Date.UTC(2026, 10, 30, 9);
const idle: Checkpoint = { ...newCheckpoint('bob/people'), revision: 7, movedAt: start };
const running: Checkpoint = {
  ...idle,
  ...{ state: 'running', run: 'run-1', outcome: 'running', outcomeAt: start, revision: 8 },
  progress: { ...newProgress(start), pages: 3, records: 60, written: 12, unchanged: 48, deleted: 2 },
};
const ended: Checkpoint = {
  ...running,
  ...{ state: 'idle', run: null, outcome: 'complete', outcomeAt: start + 90_400, revision: 9 },
};

describe('the end of a run', () => {
  it('is told with what the run has done', () => {
    expect(endOfRun({ before: running, after: ended }, 'Pagekeeper')).toEqual({
      event: {
        id: 'run/bob/people/run-1',
        deployment: 'Pagekeeper',
        stream: 'bob/people',
        run: 'run-1',
        at: '2026-11-30T09:01:30.400Z',
        outcome: 'complete',
        reason: null,
        whole: true,
        startedAt: '2026-11-30T09:00:00.000Z',
        durationSeconds: 90,
        ...{ pages: 3, records: 60, written: 12, unchanged: 48, deleted: 2 },
      },
      lines: 14,
      startedAt: start,
      endedAt: start + 90_400,
    });
  });

  it.each<[string, Partial<Checkpoint>, boolean]>([
    ['one that vouches for all', { outcome: 'complete' }, true],
    ['one whose deletions wait', { outcome: 'suspicious' }, true],
    ['one that was given a part', { outcome: 'partial', doubtedSince: start }, false],
    ['one that has drifted', { outcome: 'drifted', doubtedSince: start }, false],
    ['one that is doubted', { outcome: 'complete', doubtedSince: start }, false],
    [
      'one that wrote nothing of what came no more',
      { outcome: 'complete', progress: { ...running.progress!, unwritten: true } },
      false,
    ],
  ])('is whole or not: %s', (_, end, whole) => {
    expect(endOfRun({ before: running, after: { ...ended, ...end } }, 'P')?.event.whole).toBe(whole);
  });

  it('is told of a run in whose place another one begins, as it stood', () => {
    const halted: Checkpoint = { ...running, state: 'halted', outcome: 'looping' };
    const after: Checkpoint = {
      ...{ ...running, run: 'run-2', movedAt: start + 60_000 },
      progress: newProgress(start + 60_000),
    };
    expect(endOfRun({ before: halted, after }, 'P')?.event).toMatchObject({
      ...{ run: 'run-1', outcome: 'looping', pages: 3, whole: false, durationSeconds: 60 },
    });
  });

  it.each<[string, Checkpoint | null, Checkpoint]>([
    ['a page', running, { ...running, sequence: 1 }],
    ['a run that begins', idle, running],
    ['the first write of all', null, running],
    ['a halt, after which the run goes on', running, { ...running, state: 'halted', outcome: 'missing' }],
    ['a stream without a run', idle, { ...idle, revision: 8 }],
  ])('is none: %s', (_, before, after) => {
    expect(endOfRun({ before, after }, 'P')).toBeNull();
  });
});

describe('the state of a stream', () => {
  it('is told when it is another one', () => {
    const halted: Checkpoint = {
      ...running,
      state: 'halted',
      outcome: 'missing',
      reason: '404',
      revision: 9,
    };
    expect(stateChangeOf({ before: running, after: halted }, 'Pagekeeper')).toEqual({
      id: 'state/bob/people/9',
      deployment: 'Pagekeeper',
      stream: 'bob/people',
      at: '2026-11-30T09:00:00.000Z',
      ...{ from: 'running', to: 'halted', outcome: 'missing', reason: '404' },
    });
    expect(stateChangeOf({ before: null, after: running }, 'P')).toMatchObject({
      from: 'idle',
      to: 'running',
    });
    expect(stateChangeOf({ before: running, after: { ...running, sequence: 2 } }, 'P')).toBeNull();
    expect(stateChangeOf({ before: null, after: idle }, 'P')).toBeNull();
  });
});
