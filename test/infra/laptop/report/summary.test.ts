import { describe, expect, it } from 'vitest';

import { withChangeLog } from '../../../../infra/laptop/report/progress.ts';
import { exitStatus, summarize } from '../../../../infra/laptop/report/summary.ts';
import type { LocalRunResult } from '../../../../infra/laptop/run/local-run.ts';
import { newCheckpoint, type Checkpoint } from '../../../../lib/sync/checkpoint.ts';
import { streamOutcomes } from '../../../../lib/sync/outcome.ts';
import {
  after,
  deferral,
  lastPage,
  missing,
  pageEvent,
  published,
  sentEvent,
  sweepEvent,
  t0,
} from './events.ts';

const times = { startedAt: t0 - 5000, endedAt: t0 + 7345 };

function resultOf(checkpoint: Partial<Checkpoint>): LocalRunResult {
  return {
    checkpoints: new Map([['mobaro/users', { ...newCheckpoint('mobaro/users'), ...checkpoint }]]),
    alarms: [{ name: 'a', state: 'ALARM', reason: 'r', description: 'd' }],
    notifications: [{ topic: 't', subject: 's', message: 'm', listeners: 'people' }],
    ended: 'settled',
    stored: { records: 0, isMore: false, streams: 0, example: null },
  };
}

const usersOf = (checkpoint: Partial<Checkpoint>) =>
  summarize(after(), resultOf(checkpoint), times).streams.find(({ stream }) => stream === 'mobaro/users');

describe('summarize', () => {
  it('has the whole shape, counts from this process and the rest from what is stored', () => {
    const done = { state: 'idle', outcome: 'complete', completedAt: t0, lastStatus: 200 } as const;

    const events = [pageEvent(), deferral(), lastPage, sweepEvent({ deleted: 3 })];
    expect(summarize(after(...events), resultOf(done), times)).toEqual({
      schemaVersion: 1,
      streams: [
        {
          stream: 'mobaro/users',
          outcome: 'complete',
          pages: 2,
          requests: 3,
          redrives: 1,
          records: 27,
          written: 20,
          unchanged: 7,
          deleted: 3,
          position: null,
          attempt: 0,
          lastStatus: 200,
          reason: null,
        },
        {
          stream: 'bob/people',
          outcome: 'waiting',
          pages: 0,
          requests: 0,
          redrives: 0,
          records: 0,
          written: 0,
          unchanged: 0,
          deleted: 0,
          position: null,
          attempt: 0,
          lastStatus: null,
          reason: null,
        },
      ],
      alarms: [{ name: 'a', state: 'ALARM', reason: 'r' }],
      notifications: [{ topic: 't', subject: 's', message: 'm', listeners: 'people' }],
      changes: null,
      events: {},
      seconds: 12.3,
    });
  });

  it('counts what was written into the change log, and what was sent by its type', () => {
    const events = [sentEvent('Run Ended'), published(3, 4), sentEvent('Records Changed'), published(1)];
    expect(summarize(after(...events, sentEvent('Run Ended')), null, times)).toMatchObject({
      changes: { lines: 8, objects: 3 },
      events: { 'Run Ended': 2, 'Records Changed': 1 },
    });
    expect(summarize(withChangeLog(after()), null, times).changes).toEqual({ lines: 0, objects: 0 });
    expect(summarize(withChangeLog(after(published(5))), null, times).changes).toEqual({
      lines: 5,
      objects: 1,
    });
  });

  it('says where an open run goes on', () => {
    const open = {
      state: 'exhausted',
      outcome: 'exhausted',
      attempt: 5,
      lastStatus: 503,
      reason: 'HTTP 503',
    } as const;

    expect(usersOf({ ...open, position: { kind: 'offset', offset: 40 } })).toMatchObject({
      outcome: 'exhausted',
      position: 40,
      attempt: 5,
      lastStatus: 503,
      reason: 'HTTP 503',
    });
    // Where a sweep stands is the id of somebody's record.
    const sweep = { kind: 'sweep', step: 'count', after: 'users/1-A', live: 1, gone: 0, end: null } as const;
    expect(usersOf({ ...open, position: sweep })).toMatchObject({ position: null });
    expect(usersOf({ ...open, position: { kind: 'cursor', cursor: 'abc' } })).toMatchObject({
      position: 'abc',
    });
  });

  it.each(['complete', 'partial'] as const)(
    'does not take an earlier end (%s) for one of this process',
    (outcome) => {
      const before = { state: 'idle', outcome, completedAt: times.startedAt - 1 } as const;

      expect(usersOf(before)).toMatchObject({ outcome: 'waiting' });
      expect(usersOf({ ...before, completedAt: times.startedAt })).toMatchObject({ outcome });
    },
  );

  it('tells what it has seen where the run broke down', () => {
    const summary = summarize(after(pageEvent(), missing), null, times);

    expect(summary.streams[0]).toMatchObject({ outcome: 'missing', pages: 1, reason: 'HTTP 404' });
    expect(summary).toMatchObject({ alarms: [], notifications: [] });
  });
});

describe('exitStatus', () => {
  it('is 0 for complete alone', () => {
    const statuses = streamOutcomes.map((outcome) => {
      const streams = [{ ...usersOf({}), outcome }] as Parameters<typeof exitStatus>[0]['streams'];
      return [outcome, exitStatus({ streams })];
    });

    expect(statuses.filter(([, status]) => status === 0)).toEqual([['complete', 0]]);
  });
});
