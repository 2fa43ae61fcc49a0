import type {
  PagekeeperEvent,
  RecordsChanged,
  RunEnded,
  SchemaChanged,
  StreamStateChanged,
} from '../../lib/events/event.ts';

/** Events as the functions send them. */

const common = (stream: string, second: number) => ({
  ...{ id: `${stream} ${second}`, deployment: 'Pagekeeper', stream },
  at: `2026-03-01T08:00:0${second}.000Z`,
});

export function runEnded(stream: string, more: Partial<RunEnded> = {}): PagekeeperEvent {
  const counts = { pages: 12, records: 1200, written: 3, unchanged: 1197, deleted: 0 };
  const run = { run: 'run-1', startedAt: '2026-03-01T07:59:00.000Z', durationSeconds: 60, log: null };
  const outcome = { outcome: 'partial', reason: 'a page was odd', whole: false } as const;
  return { type: 'Run Ended', detail: { ...common(stream, 0), ...run, ...outcome, ...counts, ...more } };
}

export function stateChanged(stream: string, more: Partial<StreamStateChanged> = {}): PagekeeperEvent {
  const change = { from: 'idle', to: 'halted', outcome: 'forbidden', reason: 'HTTP 403' } as const;
  return { type: 'Stream State Changed', detail: { ...common(stream, 1), ...change, ...more } };
}

export function recordsChanged(stream: string, more: Partial<RecordsChanged> = {}): PagekeeperEvent {
  const counts = { created: 2, changed: 0, deleted: 0, restored: 0, erased: 1 };
  const key = `changes/v1/${stream}/1.ndjson`;
  return { type: 'Records Changed', detail: { ...common(stream, 2), counts, key, ...more } };
}

export function schemaChanged(stream: string, more: Partial<SchemaChanged> = {}): PagekeeperEvent {
  const changes = [{ kind: 'added', field: 'work.title', from: null, to: 'text' }] as const;
  return {
    type: 'Schema Changed',
    detail: { ...common(stream, 3), run: 'run-1', changes, more: 0, ...more },
  };
}
