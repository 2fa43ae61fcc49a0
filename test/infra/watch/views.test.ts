import { describe, expect, it } from 'vitest';

import { streamStatus } from '../../../lib/operations/status.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { streamOutcomes } from '../../../lib/sync/outcome.ts';
import { severityOf } from '../../../infra/watch/severity.ts';
import { streamView } from '../../../infra/watch/views.ts';
import { progressOf } from '../../support/progress.ts';

const context = {
  schedule: { expression: 'cron(0 9 * * ? *)', timeZone: 'Europe/Copenhagen' },
  nextTick: 5000,
  pagesBefore: 13,
};
const progress = progressOf({
  startedAt: 1000,
  pages: 4,
  records: 76,
  written: 1,
  unchanged: 75,
});
const running = { state: 'running', outcome: 'running', run: 'run-1', progress } as const;

function view(checkpoint: Partial<Checkpoint>) {
  return streamView(
    streamStatus('mobaro/users', { ...newCheckpoint('mobaro/users'), ...checkpoint }),
    context,
  );
}

describe('a stream on the page', () => {
  it('says where an open run is, and how far the last one went', () => {
    expect(view({ ...running, position: { kind: 'offset', offset: 76 } })).toMatchObject({
      outcome: 'running',
      words: 'under way',
      severity: 'active',
      position: 'offset 76',
      run: {
        isOpen: true,
        startedAt: 1000,
        pages: 4,
        pagesBefore: 13,
        counts: { records: 76, written: 1, unchanged: 75 },
      },
      nextTick: 5000,
      schedule: 'cron(0 9 * * ? *) Europe/Copenhagen',
    });
  });

  it('does not show a cursor: it may hold anything', () => {
    const cursor = { kind: 'cursor', cursor: 'person@example.com' } as const;

    expect(JSON.stringify(view({ ...running, position: cursor }))).not.toContain('person');
  });

  it('says what a wait is for and until when', () => {
    expect(
      view({
        state: 'running',
        outcome: 'waiting',
        retryAt: 9000,
        attempt: 2,
        reason: 'HTTP 429',
        lastStatus: 429,
      }),
    ).toMatchObject({ severity: 'waiting', waitingUntil: 9000, attempt: 2, reason: 'HTTP 429' });
  });

  it('is new before it has ever run', () => {
    expect(streamView(streamStatus('mobaro/users', undefined), context)).toMatchObject({
      outcome: 'new',
      words: 'has not run yet',
      severity: 'new',
      run: null,
    });
  });

  it('shows a count that is not known here', () => {
    const status = streamStatus('mobaro/users', { ...newCheckpoint('mobaro/users'), progress });
    const run = { ...status.run!, deleted: 3 };

    expect(streamView({ ...status, run }, context).run?.counts).toMatchObject({ records: 76, deleted: 3 });
  });
});

describe('the severity of an outcome', () => {
  it('is good for what is complete alone, and bad for what is not known', () => {
    expect(streamOutcomes.filter((outcome) => severityOf(outcome) === 'good')).toEqual(['complete']);
    expect(severityOf('missing')).toBe('bad');
    expect(severityOf('suspicious')).toBe('bad');
  });
});
