import { advance, newProgress, type Progress } from '../../../../infra/laptop/report/progress.ts';
import type { LocalEvent } from '../../../../infra/laptop/run/local-run.ts';
import type { PageReport } from '../../../../lib/sync/report.ts';

export const t0 = Date.parse('2026-11-22T10:00:00Z');

/** A page that went well, in the midst of a run, unless said otherwise. */
export function reportOf(more: Partial<PageReport> = {}): PageReport {
  return {
    stream: 'mobaro/users',
    trigger: 'message',
    run: 'run-1',
    sequence: 1,
    outcome: 'fetched',
    streamOutcome: 'running',
    endpoint: 'GET /users',
    status: 200,
    attempt: 1,
    reason: null,
    next: 'continue',
    retryAt: null,
    delaySeconds: null,
    requests: 1,
    records: 20,
    written: 20,
    unchanged: 0,
    deleted: 0,
    ...more,
  };
}

export function pageEvent(more: Partial<PageReport> = {}, at = t0): LocalEvent {
  return { kind: 'report', report: reportOf(more), at };
}

const nothing = { records: 0, written: 0, unchanged: 0 } as const;

export const lastPage = pageEvent({
  streamOutcome: 'complete',
  next: 'none',
  records: 7,
  written: 0,
  unchanged: 7,
});

export function deferral(more: Partial<PageReport> = {}): LocalEvent {
  return pageEvent({
    ...nothing,
    outcome: 'deferred',
    streamOutcome: 'waiting',
    status: 429,
    reason: 'HTTP 429',
    next: 'redrive',
    retryAt: t0 + 3000,
    delaySeconds: 3,
    ...more,
  });
}

export const refusal = deferral({ outcome: 'refused', requests: 0, reason: 'the limit of mobaro is closed' });

/** A part of what is stored was looked through for what has gone, and there is more of it. */
export function sweepEvent(more: Partial<PageReport> = {}): LocalEvent {
  return pageEvent({ ...nothing, status: null, requests: 0, ...more });
}

/** The end of that: two have gone. */
export const lastSweep = sweepEvent({ deleted: 2, streamOutcome: 'complete', next: 'none' });

export const suspicious = sweepEvent({
  streamOutcome: 'suspicious',
  next: 'none',
  reason: 'the vendor does not give 150 of 197 records any more',
});

export const missing = pageEvent({
  ...nothing,
  outcome: 'missing',
  streamOutcome: 'missing',
  status: 404,
  reason: 'HTTP 404',
  next: 'none',
});

export function alarmEvent(state: 'OK' | 'ALARM'): LocalEvent {
  return { kind: 'alarm', name: 'x missing', state, reason: 'long' };
}

export const leaseEvent: LocalEvent = {
  kind: 'waiting-for-lease',
  stream: 'mobaro/users',
  until: t0 + 23_000,
};

/** By the lines of its objects. */
export function published(...lines: readonly number[]): LocalEvent {
  return {
    kind: 'published',
    objects: lines.map((count, index) => ({ stream: 'mobaro/users', key: `o${index}`, lines: count })),
  };
}

export function sentEvent(type: string): LocalEvent {
  return {
    kind: 'event',
    event: {
      ...{ version: '0', id: '1', 'detail-type': type, source: 'pagekeeper', account: '0', resources: [] },
      ...{ time: '2026-11-22T10:00:00Z', region: 'us-east-1', detail: {} },
    },
  };
}

export function after(...events: readonly LocalEvent[]): Progress {
  return events.reduce(advance, newProgress(['mobaro/users', 'bob/people']));
}
