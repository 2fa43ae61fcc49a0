import type { Position } from '../../lib/paging/position.ts';
import type { Claimed, RunProgress } from '../../lib/sync/checkpoint.ts';

export const now = 1_700_000_000_000;
export const hour = 3600 * 1000;
export const position: Position = { kind: 'offset', offset: 60 };

export const progress: RunProgress = {
  startedAt: now - hour,
  pages: 3,
  records: 60,
  written: 10,
  unchanged: 50,
  partial: false,
  leftOut: null,
  unwritten: false,
  setbacks: 1,
  confirmations: 1,
  deleted: 7,
  remembered: 3,
  total: 90,
  requestFingerprint: 'basis',
  waitedMs: 5000,
  absent: null,
  firstPage: null,
  skippedRows: 0,
  unknownParentsInRow: 0,
  cutShort: false,
  offsets: null,
  validators: null,
  changesSince: null,
  newest: null,
};

/** In the middle of a run, with everything in it that a transition may have to take out. */
export const inMidRun: Claimed = {
  stream: 'mobaro/users',
  revision: 12,
  state: 'running',
  run: 'run',
  sequence: 3,
  position,
  lease: { holder: 'me', until: now + 40_000 },
  attempt: 2,
  retryAt: now - 1000,
  slot: now - 2000,

  accountSlot: null,
  lastTick: now - hour,
  movedAt: now - 5000,
  outcome: 'running',
  outcomeAt: now - 4000,
  lastStatus: 503,
  reason: 'HTTP 503',
  stopped: { by: 'exhausted', since: 7 },
  halt: { outcome: 'missing', at: now - 3000, definition: 'former' },
  progress,
  completedAt: now - 2 * hour,
  waitingSince: now - 6000,
  trustedFingerprint: 'former basis',
  heldDeletions: { rows: 150, of: 197, since: now - 3 * hour },
  allowed: 150,
  allowedUntil: null,
  freshFrom: now - 2 * hour,
  doubtedSince: now - 4 * hour,
  readUntil: { at: now - 5 * hour, definition: 'hash' },
  validators: null,
  totals: null,
  cutShortRuns: 0,
  lastRunRows: 90,
  coverage: null,
  answers: [],
  history: [],
};

/** A person has paused the stream while its page was under way. */
export const paused: Claimed = { ...inMidRun, state: 'paused', outcome: 'paused' };
