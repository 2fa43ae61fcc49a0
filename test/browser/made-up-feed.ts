import type { Feed } from '../../infra/watch/event-stream.ts';
import type {
  AlarmView,
  TimelineEvent,
  LimitView,
  PageChange,
  PageState,
  StreamView,
} from '../../infra/watch/page-state.ts';
import { connectionOf } from '../../lib/connectors/stream-name.ts';

const minute = 60_000;

/** A feed that a test tells what to say. */
export class MadeUpFeed implements Feed {
  readonly #listeners = new Set<(change: PageChange) => void>();
  #state: PageState;

  constructor(state: PageState) {
    this.#state = state;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  snapshot(): PageState {
    return { ...this.#state, now: Date.now() };
  }

  subscribe(listener: (change: PageChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  change({ events = [], ...parts }: PageChange): void {
    this.#state = { ...this.#state, ...parts, events: [...this.#state.events, ...events] };
    for (const listener of this.#listeners) listener({ ...parts, events });
  }
}

export function streamOf(stream: string, more: Partial<StreamView> = {}): StreamView {
  const now = Date.now();
  return {
    stream,
    connection: connectionOf(stream),
    outcome: 'complete',
    words: 'synced to its end',
    severity: 'good',
    reason: null,
    attempt: 0,
    position: null,
    run: {
      isOpen: false,
      startedAt: now - 4 * minute,
      pages: 13,
      pagesBefore: 13,
      counts: { records: 240, written: 12, unchanged: 228 },
    },
    completedAt: now - 3 * minute,
    waitingUntil: null,
    haltedSince: null,
    nextTick: now + 11 * minute,
    stoppedBy: null,
    schedule: 'cron(3/15 * * * ? *)',
    ...more,
  };
}

export const runningStream: Partial<StreamView> = {
  outcome: 'running',
  words: 'under way',
  severity: 'active',
  position: 'offset 76',
  run: {
    isOpen: true,
    startedAt: Date.now() - 5000,
    pages: 5,
    pagesBefore: 13,
    counts: { records: 95, written: 3, unchanged: 92 },
  },
};

export const refusedStream: Partial<StreamView> = {
  outcome: 'unauthorized',
  words: 'the vendor refused the key (401)',
  severity: 'bad',
  haltedSince: Date.now() - 2 * minute,
  stoppedBy: 'halted',
};

export const unauthorized: AlarmView = {
  name: 'Pagekeeper mobaro unauthorized',
  state: 'ALARM',
  since: Date.now() - 2 * minute,
  text: [
    {
      says: 'Mobaro refused the credentials of mobaro (401). No stream of it is called any more, so its records grow stale; nothing is lost.',
      code: null,
    },
    {
      says: 'Check that the key has not been rotated or restricted, that it is of this environment, and that the user who made it may read these resources.',
      code: null,
    },
    {
      says: 'Put the new ones in place:',
      code: 'npx pagekeeper secret set mobaro',
    },
    {
      says: 'The sync then goes on by itself within 5 minutes. If the credentials were right all along:',
      code: 'npx pagekeeper resume mobaro',
    },
    { says: 'Runbook: docs/runbook.md#unauthorized', code: null },
  ],
  about: 'mobaro',
  commands: [{ line: 'npx pagekeeper secret set mobaro' }, { line: 'npx pagekeeper resume mobaro' }],
};

export const quietAlarm: AlarmView = {
  name: 'Pagekeeper mobaro/users missing',
  state: 'OK',
  since: Date.now() - 10 * minute,
  text: [
    { says: 'Mobaro says that what mobaro/users reads does not exist (404).', code: null },
    { says: 'Then:', code: 'npx pagekeeper resume mobaro/users' },
  ],
  about: 'mobaro/users',
  commands: [{ line: 'npx pagekeeper resume mobaro/users' }],
};

export const limits: readonly LimitView[] = [
  {
    scope: 'mobaro',
    calls: 43,
    pace: 308,
    limit: null,
    saidBy: null,
    closedUntil: Date.now() + 40_000,
    window: null,
  },
  {
    scope: 'bob:POST /people/search',
    calls: 2,
    pace: 40,
    limit: 50,
    saidBy: 'vendor',
    closedUntil: null,
    window: { remaining: 49, resetAt: Date.now() + 50_000 },
  },
];

export function event(id: number, more: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    id,
    at: Date.now() - 60_000 + id * 200,
    kind: 'page',
    severity: 'active',
    stream: 'mobaro/users',
    text: '20 records, 0 written',
    counts: { records: 20, written: 0, unchanged: 20 },
    ...more,
  };
}

export function madeUpState(more: Partial<PageState> = {}): PageState {
  return {
    version: '0.1.0',
    now: 0,
    process: { startedAt: Date.now() - 14 * minute, deployment: 'Pagekeeper', phase: 'running', note: null },
    streams: ['mobaro/users', 'mobaro/timesheets', 'mobaro/webhooks', 'bob/people'].map((name) =>
      streamOf(name),
    ),
    alarms: [quietAlarm, { ...unauthorized, state: 'OK' }],
    limits,
    events: [
      event(1),
      event(2),
      event(3, { kind: 'end', severity: 'good', text: 'synced to its end; last page 7 records, 0 written' }),
    ],
    ...more,
  };
}

/** Something of everything. */
export function troubledState(): PageState {
  const waiting: Partial<StreamView> = {
    ...runningStream,
    outcome: 'waiting',
    words: 'waits for its next try',
    severity: 'waiting',
    reason: 'HTTP 429: TOO_MANY_REQUESTS: Rate limit exceeded',
    attempt: 2,
    waitingUntil: Date.now() + 95_000,
  };
  return madeUpState({
    alarms: [unauthorized, quietAlarm],
    streams: [
      streamOf('mobaro/users', refusedStream),
      streamOf('mobaro/timesheets', refusedStream),
      streamOf('bob/people', runningStream),
      streamOf('bob/employment', waiting),
      streamOf('south/users', {
        outcome: 'unconfigured',
        words: 'the secret still holds its placeholder',
        severity: 'note',
        run: null,
        completedAt: null,
      }),
      streamOf('south/webhooks', {
        outcome: 'new',
        words: 'has not run yet',
        severity: 'new',
        run: null,
        completedAt: null,
      }),
    ],
    events: [
      ...[1, 2, 3, 4, 5, 6].map((id) => event(id, { stream: 'bob/people' })),
      event(7, {
        stream: 'bob/employment',
        kind: 'wait',
        severity: 'waiting',
        text: 'HTTP 429 (try 2 failed)',
        until: Date.now() + 95_000,
      }),
      event(8, { kind: 'end', severity: 'bad', text: 'the vendor refused the key (401) (HTTP 401)' }),
      event(9, {
        stream: null,
        kind: 'alarm',
        severity: 'bad',
        text: 'alarm: Pagekeeper mobaro unauthorized',
      }),
    ],
  });
}
