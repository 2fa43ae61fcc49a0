import { describe, expect, it } from 'vitest';

import { notLookedAt, waitInWords } from '../../../../infra/laptop/report/progress.ts';
import type { LocalEvent } from '../../../../infra/laptop/run/local-run.ts';
import {
  after,
  alarmEvent,
  deferral,
  lastPage,
  lastSweep,
  leaseEvent,
  missing,
  pageEvent,
  refusal,
  suspicious,
  sweepEvent,
  t0,
} from './events.ts';

const users = (...events: readonly LocalEvent[]) => after(...events).streams.get('mobaro/users');

describe('notLookedAt', () => {
  it('has the streams of which nothing has been seen', () => {
    const lease = { kind: 'waiting-for-lease', stream: 'bob/people', until: t0 } as const;

    expect([...notLookedAt(after())]).toEqual(['mobaro/users', 'bob/people']);
    expect([...notLookedAt(after(pageEvent()))]).toEqual(['bob/people']);
    expect([...notLookedAt(after(missing, lease))]).toEqual([]);
  });
});

describe('advance', () => {
  it('counts what the pages of this process did', () => {
    expect(users(pageEvent(), deferral(), refusal, pageEvent(), lastPage)).toEqual({
      stream: 'mobaro/users',
      run: 'run-1',
      beforeRun: { pages: 0, records: 0, written: 0, unchanged: 0, deleted: 0 },
      pages: 3,
      requests: 4,
      redrives: 1,
      records: 47,
      written: 40,
      unchanged: 7,
      deleted: 0,
      phase: { kind: 'ended', outcome: 'complete', why: null },
    });
  });

  it('counts what a sweep deletes, and no page for it', () => {
    expect(users(pageEvent(), sweepEvent({ deleted: 1 }))).toMatchObject({
      ...{ pages: 1, requests: 1, records: 20, deleted: 1 },
      phase: { kind: 'going', sweeping: true },
    });
    expect(users(pageEvent(), sweepEvent({ deleted: 1 }), lastSweep)).toMatchObject({
      ...{ pages: 1, requests: 1, records: 20, deleted: 3 },
      phase: { kind: 'ended', outcome: 'complete', why: null },
    });
  });

  it('says why deletions are held back', () => {
    expect(users(pageEvent(), suspicious)?.phase).toEqual({
      kind: 'ended',
      outcome: 'suspicious',
      why: 'the vendor does not give 150 of 197 records any more',
    });
  });

  it('counts a wait that is too long for the queue as a re-drive, and the last try before giving up not', () => {
    expect(users(deferral({ next: 'parked' }))).toMatchObject({ redrives: 1, phase: { kind: 'waiting' } });
    const ended = { redrives: 0, phase: { kind: 'ended', outcome: 'exhausted', why: 'HTTP 429' } };
    const last = { next: 'none', retryAt: null, streamOutcome: 'exhausted' } as const;
    expect(users(deferral(last))).toMatchObject(ended);
    // Its message comes again to probe.
    expect(users(deferral({ ...last, next: 'redrive', retryAt: t0 + 30_000 }))).toMatchObject(ended);
  });

  it('says what a stream waits for, also where only its limit is closed', () => {
    expect(users(refusal)?.phase).toEqual({
      kind: 'waiting',
      why: 'the limit of mobaro is closed',
      until: t0 + 3000,
    });
  });

  it('lets a message that came too late, or met another one at work, change nothing', () => {
    const late = pageEvent({
      outcome: 'stale',
      requests: 0,
      records: 0,
      written: 0,
      next: 'none',
      streamOutcome: 'complete',
    });
    const met = pageEvent({
      outcome: 'busy',
      requests: 0,
      records: 0,
      written: 0,
      next: 'none',
      streamOutcome: 'running',
    });

    expect(users(deferral(), late, met)?.phase).toMatchObject({ kind: 'waiting' });
  });

  it('waits for the lease of a killed run', () => {
    const phase = users(leaseEvent)?.phase;

    expect(phase?.kind === 'waiting' && waitInWords(phase, t0)).toBe(
      'waits for the lease of a killed run, 23 s',
    );
  });

  it('keeps the alarms that are in ALARM', () => {
    expect([...after(alarmEvent('ALARM')).alarms]).toEqual(['x missing']);
    expect([...after(alarmEvent('ALARM'), alarmEvent('OK')).alarms]).toEqual([]);
  });

  it('leaves out streams that were not selected', () => {
    expect([...after(pageEvent({ stream: 'mobaro/locations' })).streams.keys()]).toEqual([
      'mobaro/users',
      'bob/people',
    ]);
  });

  it('ends where a page was final', () => {
    expect(users(pageEvent(), missing)?.phase).toEqual({
      kind: 'ended',
      outcome: 'missing',
      why: 'HTTP 404',
    });
  });
});
