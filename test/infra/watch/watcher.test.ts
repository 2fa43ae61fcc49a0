import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { AlarmModel } from '../../../infra/emulator/template/template-model.ts';
import type { LimitView, LocalView } from '../../../infra/laptop/run/local-run.ts';
import type { LocalStack } from '../../../infra/laptop/run/read-stack.ts';
import type { AlarmLine } from '../../../lib/on-call/alarm-text.ts';
import type { PageChange } from '../../../infra/watch/page-state.ts';
import { Watcher } from '../../../infra/watch/watcher.ts';
import { streamStatus } from '../../../lib/operations/status.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { progressOf } from '../../support/progress.ts';
import { lastPage, pageEvent } from '../laptop/report/events.ts';

const stream = 'mobaro/users';
const name = 'Test mobaro/users missing';
// Of a stack and an alarm, what the watcher reads.
const alarm = {
  name,
  AlarmDescription: '',
  metrics: [{ dimensions: { deployment: 'Test', stream } }],
} as unknown as AlarmModel;
const stack = {
  template: { stackName: 'Test', alarms: [alarm] },
  ticks: [{ stream, schedule: { expression: 'rate(15 minutes)', timeZone: 'UTC' } }],
} as unknown as LocalStack;

const texts = new Map<string, readonly AlarmLine[]>([
  [
    name,
    [
      { says: 'It is gone.' },
      { says: 'Then:', command: { kind: 'pagekeeper', args: `resume ${stream}`, stack: 'Test' } },
    ],
  ],
]);

const limit: LimitView = {
  scope: 'mobaro',
  calls: 1,
  pace: 300,
  limit: null,
  saidBy: null,
  closedUntil: null,
  spans: [],
  window: null,
};

let stored: Checkpoint;
let readings: number;
let watcher: Watcher;
let detach: () => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  stored = newCheckpoint(stream);
  readings = 0;
  const view: LocalView = {
    status: () => {
      readings += 1;
      return Promise.resolve({ connections: [], streams: [streamStatus(stream, stored)] });
    },
    limits: () => Promise.resolve([limit]),
    nextTick: () => 99,
  };
  watcher = new Watcher({
    version: '1',
    streams: [stream],
    here: { dataOption: '', again: 'npm start', runs: true, keys: new Map(), texts },
  });
  watcher.note('synthesizing the stack');
  watcher.use(stack);
  detach = watcher.attach(view);
  watcher.begin();
});

afterEach(async () => {
  await detach();
  vi.useRealTimers();
});

function listen(): PageChange[] {
  const changes: PageChange[] = [];
  watcher.subscribe((change) => changes.push(change));
  return changes;
}

const progress = progressOf({
  startedAt: 1,
  pages: 4,
  records: 76,
  written: 1,
  unchanged: 75,
});

describe('the watcher', () => {
  it('shows the streams and what the process does before anything is stored', () => {
    const fresh = new Watcher({
      version: '1',
      streams: [stream],
      here: { dataOption: '', again: '', runs: true, keys: new Map(), texts: new Map() },
    });
    fresh.note('synthesizing the stack');

    expect(fresh.snapshot()).toMatchObject({
      process: { phase: 'starting', note: 'synthesizing the stack', deployment: null },
      streams: [{ stream, outcome: 'new' }],
    });
  });

  it('tells at once what happens, and soon after what is stored then', async () => {
    const changes = listen();
    await vi.advanceTimersByTimeAsync(10);
    changes.length = 0;
    stored = { ...stored, state: 'running', outcome: 'running', progress };
    watcher.show(pageEvent());
    expect(changes).toMatchObject([{ events: [{ id: 1, stream }] }]);
    await vi.advanceTimersByTimeAsync(300);
    expect(changes[1]).toMatchObject({ streams: [{ outcome: 'running', run: { pages: 4 }, nextTick: 99 }] });
    expect(watcher.snapshot().limits).toEqual([limit]);
  });

  it('notices what another process changes, and sends only what is other than before', async () => {
    const changes = listen();
    await vi.advanceTimersByTimeAsync(10_000);
    changes.length = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(changes).toEqual([]);
    stored = { ...stored, state: 'paused', outcome: 'paused' };
    await vi.advanceTimersByTimeAsync(2500);
    expect(changes.map((change) => Object.keys(change))).toEqual([['streams']]);
  });

  it('reads nothing while nobody looks, but for the end of a run', async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readings).toBe(1);
    watcher.show(pageEvent());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readings).toBe(1);
    watcher.show(lastPage);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readings).toBe(2);
  });

  it('stops reading when nobody looks any more', async () => {
    const stop = watcher.subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(10_000);
    stop();
    await vi.advanceTimersByTimeAsync(5000);
    const before = readings;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readings).toBe(before);
  });

  it('remembers how many pages the run before had', async () => {
    listen();
    stored = { ...stored, state: 'idle', outcome: 'complete', progress: { ...progress, pages: 13 } };
    await vi.advanceTimersByTimeAsync(3000);
    stored = { ...stored, state: 'running', outcome: 'running', progress };
    await vi.advanceTimersByTimeAsync(3000);
    expect(watcher.snapshot().streams[0]?.run).toMatchObject({ isOpen: true, pages: 4, pagesBefore: 13 });
  });

  it('tells of alarms that begin and end, with their commands, and not of those that are well from the beginning', () => {
    const changes = listen();
    const event = { kind: 'alarm', name, reason: 'r' } as const;
    watcher.show({ ...event, state: 'OK' });
    expect(changes).toMatchObject([{ alarms: [{ state: 'OK' }] }]);
    watcher.show({ ...event, state: 'ALARM' });
    watcher.show({ ...event, state: 'OK' });
    expect(watcher.snapshot().events.map(({ text }) => text)).toEqual([
      `alarm: ${name}`,
      `alarm over: ${name}`,
    ]);
    expect(watcher.snapshot().alarms).toMatchObject([
      { name, about: stream, commands: [{ line: 'npx pagekeeper resume mobaro/users' }] },
    ]);
  });

  it('says once that what is stored cannot be read, and goes on trying', async () => {
    await detach();
    const failing = vi.fn(() => Promise.reject(new Error('gone')));
    detach = watcher.attach({ status: failing, limits: () => Promise.resolve([]), nextTick: () => null });
    listen();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(failing.mock.calls.length).toBeGreaterThan(2);
    expect(watcher.snapshot().events.map(({ text }) => text)).toEqual([
      'what is stored could not be read: gone',
    ]);
  });

  it('says that it stops, and that it has ended', () => {
    watcher.note('stopping; once more to stop at once');
    expect(watcher.snapshot().process.phase).toBe('stopping');
    watcher.end();
    expect(watcher.snapshot().process).toMatchObject({ phase: 'ended', note: null });
  });

  it('keeps a bounded number of events', () => {
    for (let page = 0; page < 1300; page += 1) watcher.show(pageEvent());
    const { events } = watcher.snapshot();
    expect(events).toHaveLength(1200);
    expect(events.at(-1)?.id).toBe(1300);
  });
});
