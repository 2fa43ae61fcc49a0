import { beforeEach, describe, expect, it } from 'vitest';

import type {
  AnswerPosition,
  CursorPosition,
  KeysetPosition,
  FilePosition,
  OffsetPosition,
  Part,
  Position,
  StepsPosition,
  WalkPosition,
} from '../../../lib/paging/position.ts';
import { newCheckpoint, type Checkpoint, type RunProgress } from '../../../lib/sync/checkpoint.ts';
import type { Checkpoints } from '../../../lib/sync/ports.ts';
import { progressOf } from '../progress.ts';

/** A checkpoint with something in every field. */
export const fullCheckpoint: Checkpoint = {
  stream: 'mobaro/users',
  revision: 0,
  state: 'running',
  run: 'run-1',
  sequence: 7,
  position: { kind: 'offset', offset: 140 },
  lease: { holder: 'invocation-1', until: 1_772_366_440_000 },
  attempt: 2,
  slot: 1_700_000_002_000,

  accountSlot: 14_000,
  retryAt: 1_772_366_500_123,
  lastTick: 1_772_366_400_000,
  movedAt: 1_772_366_401_500,
  outcome: 'waiting',
  outcomeAt: 1_772_366_401_500,
  lastStatus: 429,
  reason: 'Too many requests: naïve “quotes”, ünïcode',
  stopped: { by: 'exhausted', since: 7 },
  halt: { outcome: 'missing', at: 1_772_366_300_000, definition: 'c29tZSBoYXNo' },
  progress: progressOf({
    startedAt: 1_772_366_400_000,
    pages: 7,
    records: 140,
    written: 12,
    unchanged: 128,
    partial: true,
    leftOut: 'the vendor left 2 out',
    unwritten: true,
    cutShort: true,
    offsets: 'pages',
    validators: { etag: null, lastModified: 'Sun, 29 Nov 2026 09:00:00 GMT', fingerprint: 'bGlzdA' },
    changesSince: 1_772_365_000_000,
    newest: 1_772_365_900_000,
    smaller: { rows: 10, at: 3 },
  }),
  completedAt: 1_772_280_000_000,
  waitingSince: 1_772_366_400_000,
  trustedFingerprint: 'dHJ1c3RlZA',
  heldDeletions: { rows: 150, of: 197, since: 1_772_280_000_000 },
  allowed: 150,
  allowedUntil: 1_772_366_400_000,
  freshFrom: 1_772_280_000_000,
  doubtedSince: 1_772_270_000_000,
  readUntil: {
    ...{ at: 1_772_366_000_000, definition: 'c29tZSBoYXNo' },
    whole: { at: 1_772_000_000_000, nextAt: 1_772_604_800_000 },
  },
  validators: { etag: 'W/"7"', lastModified: null, fingerprint: 'bGlzdA', wholeAt: 1_772_280_000_000 },
  lastRunRows: 140,
  totals: 'too low',
  cutShortRuns: 1,
  coverage: {
    absent: ['work.title'],
    first: { page: 'part', absent: ['work.title', 'work.site'] },
    definition: 'c29tZSBoYXNo',
    withheld: ['payroll.salary'],
  },
  answers: [{ from: 1_772_362_800_000, all: 21, later: 4 }],
  history: [
    {
      ...{ began: 1_772_366_400_000, what: 'waiting', status: 503, reason: 'HTTP 503', times: 3 },
      ...{ at: 1_772_366_400_100, until: 1_772_366_400_900, pages: 7, written: 12, deleted: 1 },
    },
    {
      ...{ began: 1_772_366_400_000, what: 'waiting', status: 429, times: 1 },
      reason: 'Too many requests: naïve “quotes”, ünïcode',
      ...{ at: 1_772_366_401_500, until: 1_772_366_401_500, pages: 7, written: 12, deleted: 0 },
    },
  ],
};

// Each kind whole: the compiler asks for a field that is new.
const offset: Required<OffsetPosition> = {
  kind: 'offset',
  offset: 140,
  anchor: 'YW5jaG9y',
  blind: true,
  confirming: true,
  reached: true,
  counted: true,
  second: true,
  stepBack: 2,
  page: 'cGFnZQ',
  rows: 20,
  fullest: 20,
  again: true,
  total: 160,
};
const steps: Required<StepsPosition> = {
  ...{ kind: 'steps', offset: 7, step: 1, stage: 'proving', next: 2, walked: 140 },
  ...{ page: 'cGFnZQ', rows: 20, fullest: 20, again: true, total: 160 },
};
const cursor: Required<CursorPosition> = {
  kind: 'cursor',
  cursor: 'bmV4dA==',
  mark: { cursor: 'bWFyaw==', pages: 4, left: 1 },
  page: 'cGFnZQ',
};
const keyset: Required<KeysetPosition> = {
  ...{ kind: 'keyset', after: { after_time: '2026-01-31T23:59:59Z', after_number: 7 }, last: 'bGFzdA' },
  ...{ blind: true, rows: 20, fullest: 20, mark: { cursor: 'bWFyaw==', pages: 4, left: 1 } },
};
const answer: Required<AnswerPosition> = { kind: 'answer', after: 'users/9-A' };
const file: Required<FilePosition> = {
  kind: 'file',
  name: 'report-1',
  since: 1_772_366_400_000,
  after: 'users/9-A',
};

const walks: readonly WalkPosition[] = [
  offset,
  { kind: 'offset', offset: 0 },
  steps,
  cursor,
  { kind: 'cursor', cursor: 'bmV4dA==' },
  keyset,
  { kind: 'keyset', after: { after: 'row-1' }, last: 'bGFzdA', rows: 1 },
  answer,
  file,
  { kind: 'file', name: 'report-1', since: 1_772_366_400_000 },
];

const parts: readonly Part[] = [
  { kind: 'ids' },
  { kind: 'batch', index: 1, of: 4 },
  { kind: 'slice', parent: 'users/1-A', window: null },
  { kind: 'slice', parent: null, window: { since: 1, until: 2, end: 3 } },
  { kind: 'changes', since: 1_772_365_000_000 },
  { kind: 'changes', since: 1, whole: true },
];

const positions: readonly Position[] = [
  ...walks,
  ...parts.flatMap((part) =>
    [null, ...walks].map((walk) => ({ kind: 'part', part, walk, from: 3 }) as const),
  ),
  { kind: 'sweep', step: 'count', after: null, live: 0, gone: 0, end: null },
  { kind: 'sweep', step: 'delete', after: 'users/9-A', live: 140, gone: 2, end: offset },
];

/** @param makeAdapter over a store that is empty, or at least has none of these streams. */
export function describeCheckpoints(name: string, makeAdapter: () => Checkpoints): void {
  describe(`${name} keeps the contract of Checkpoints`, () => {
    let checkpoints: Checkpoints;
    let round = 0;
    const named = (stream: string): string => `contract-${round}/${stream}`;

    beforeEach(() => {
      round++;
      checkpoints = makeAdapter();
    });

    it('says undefined of a stream that has none', async () => {
      expect(await checkpoints.read(named('none'))).toBeUndefined();
    });

    it('gives back what was stored, one revision higher', async () => {
      const full = { ...fullCheckpoint, stream: named('users') };
      const stored = { ...full, revision: 1 };
      expect(await checkpoints.replace(full)).toEqual(stored);
      expect(await checkpoints.read(full.stream)).toEqual(stored);
    });

    it('keeps nulls and empty positions', async () => {
      const empty = newCheckpoint(named('empty'));
      await checkpoints.replace(empty);
      expect(await checkpoints.read(empty.stream)).toEqual({ ...empty, revision: 1 });
    });

    it.each(positions.map((position) => [JSON.stringify(position), position] as const))(
      'keeps the position %s',
      async (_, position) => {
        const next = { ...newCheckpoint(named('position')), position };
        await checkpoints.replace(next);
        expect((await checkpoints.read(next.stream))?.position).toEqual(position);
      },
    );

    it('lets a parked value go back to null', async () => {
      const full = { ...fullCheckpoint, stream: named('users') };
      await checkpoints.replace(full);
      const bare = { ...newCheckpoint(full.stream), revision: 1 };
      await checkpoints.replace(bare);
      expect(await checkpoints.read(full.stream)).toEqual({ ...bare, revision: 2 });
    });

    it('refuses a write over a revision that is past', async () => {
      const first = newCheckpoint(named('users'));
      const stored = await checkpoints.replace(first);
      expect(stored?.revision).toBe(1);
      expect(await checkpoints.replace({ ...first, attempt: 9 })).toBeUndefined();
      expect(await checkpoints.replace({ ...first, revision: 2, attempt: 9 })).toBeUndefined();
      expect(await checkpoints.read(first.stream)).toEqual(stored);

      const second = await checkpoints.replace({ ...first, revision: 1, attempt: 1 });
      expect(await checkpoints.replace({ ...first, revision: 1, attempt: 9 })).toBeUndefined();
      expect(await checkpoints.read(first.stream)).toEqual(second);
    });

    it('refuses a write over an item that is not there', async () => {
      const gone = { ...newCheckpoint(named('gone')), revision: 3 };
      expect(await checkpoints.replace(gone)).toBeUndefined();
      expect(await checkpoints.read(gone.stream)).toBeUndefined();
    });

    it('lets one of many win', async () => {
      const first = newCheckpoint(named('users'));
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          checkpoints.replace({ ...first, lease: { holder: `holder-${index}`, until: 1 } }),
        ),
      );
      const winners = claims.filter((claim) => claim !== undefined);
      expect(winners).toHaveLength(1);
      expect(await checkpoints.read(first.stream)).toEqual(winners[0]);
    });

    it('reads many at once and leaves out those that do not exist', async () => {
      const streams = Array.from({ length: 3 }, (_, index) => named(`stream-${index}`));
      for (const stream of streams) await checkpoints.replace(newCheckpoint(stream));
      const asked = [...streams, named('none'), ...streams];
      const found = await checkpoints.readAll(asked);
      expect([...found.keys()].sort()).toEqual(streams);
      expect(found.get(named('stream-1'))).toEqual({ ...newCheckpoint(named('stream-1')), revision: 1 });
      expect((await checkpoints.readAll([])).size).toBe(0);
    });

    it('hands out copies: what is stored does not change with them', async () => {
      const progress: { pages: number } & RunProgress = progressOf({ startedAt: 1, pages: 1 });
      const given = { ...newCheckpoint(named('users')), progress };
      await checkpoints.replace(given);
      progress.pages = 99;
      expect((await checkpoints.read(given.stream))?.progress?.pages).toBe(1);
    });
  });
}
