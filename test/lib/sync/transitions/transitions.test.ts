import { describe, expect, it } from 'vitest';

import type { Position, SweepPosition } from '../../../../lib/paging/position.ts';
import {
  newCheckpoint,
  newProgress,
  type Checkpoint,
  type RunProgress,
} from '../../../../lib/sync/checkpoint.ts';
import { closed, drifted, sweptUp } from '../../../../lib/sync/transitions/end.ts';
import {
  advanced,
  awaitingFile,
  noCounts,
  steppedBack,
  sweeping,
  swept,
  type StoredPage,
} from '../../../../lib/sync/transitions/page.ts';
import { claimed, opened, resumed } from '../../../../lib/sync/transitions/run.ts';
import { inMidRun, hour, now, paused, position, progress } from '../../../support/claimed-checkpoint.ts';

const page: StoredPage = {
  ...{ records: 20, written: 5, unchanged: 15, status: 200 },
  ...{ partial: false, reason: null, total: 95, absent: null, requestFingerprint: 'basis' },
};

/** What such a page makes of the run's progress. */
const after: RunProgress = {
  ...progress,
  ...{ pages: 4, records: 80, written: 15, unchanged: 65, remembered: 4 },
};

describe('a new checkpoint', () => {
  it('is idle, has never run, and is not stored yet', () => {
    expect(newCheckpoint('mobaro/users')).toMatchObject({
      stream: 'mobaro/users',
      revision: 0,
      state: 'idle',
      run: null,
      sequence: 0,
      attempt: 0,
      movedAt: 0,
      outcome: null,
      completedAt: null,
    });
  });
});

describe('an opened run', () => {
  it('begins at the first page, with nothing done and no attempt', () => {
    const next = opened(inMidRun, 'new-run', now);
    expect(next).toEqual({
      ...resumed(inMidRun, now),
      run: 'new-run',
      sequence: 0,
      position: null,
      waitingSince: null,
      progress: next.progress,
    });
    expect(next.progress).toEqual({
      startedAt: now,
      pages: 0,
      records: 0,
      written: 0,
      unchanged: 0,
      partial: false,
      leftOut: null,
      unwritten: false,
      setbacks: 0,
      confirmations: 0,
      deleted: 0,
      remembered: 0,
      total: null,
      requestFingerprint: null,
      waitedMs: 0,
      absent: null,
      firstPage: null,
      skippedRows: 0,
      unknownParentsInRow: 0,
      cutShort: false,
      offsets: null,
      validators: null,
    });
  });

  it.each(['idle', 'halted', 'exhausted'] as const)('runs, though the stream was %s', (state) => {
    expect(opened({ ...inMidRun, state }, 'new-run', now).state).toBe('running');
  });
});

describe('a resumed run', () => {
  it.each(['halted', 'exhausted', 'parked', 'paused'] as const)('goes on where it stands: %s', (state) => {
    expect(resumed({ ...inMidRun, state }, now)).toEqual({
      ...inMidRun,
      // What had halted it had an alarm of its own: its time begins anew.
      freshFrom: state === 'halted' ? now : inMidRun.freshFrom,
      state: 'running',
      lease: null,
      attempt: 0,
      retryAt: null,
      halt: null,
      movedAt: now,
      outcome: 'running',
      outcomeAt: now,
    });
  });
});

describe('a runaway that goes on', () => {
  it('has its budgets once more, whoever has ended its halt', () => {
    const halt = { outcome: 'runaway', at: now - hour, definition: 'before' } as const;
    const runaway: Checkpoint = { ...inMidRun, state: 'halted', halt, waitingSince: now - hour };
    expect(resumed(runaway, now)).toMatchObject({
      halt: null,
      waitingSince: now,
      progress: { pages: 0, waitedMs: now - progress.startedAt, records: progress.records },
    });
    expect(resumed({ ...runaway, progress: null }, now)).toMatchObject({
      progress: null,
      waitingSince: now - hour,
    });
    const missing = { ...runaway, halt: { ...halt, outcome: 'missing' as const } };
    expect(resumed(missing, now)).toMatchObject({ progress, waitingSince: now - hour });
  });
});

describe('a file that is being written', () => {
  const next = {
    position: { kind: 'file', name: 'f', since: now } as Position,
    ...{ status: 202, retryAt: now + 20_000 },
  };

  it.each([
    [null, 'basis', 'basis'],
    ['basis', 'basis', 'basis'],
    ['other', 'basis', 'mixed'],
  ])('belongs to what it was asked with: %s, then %s, makes %s', (before, requestFingerprint, expected) => {
    const checkpoint = { ...inMidRun, progress: { ...progress, requestFingerprint: before } };
    expect(awaitingFile(paused, { ...next, requestFingerprint: 'basis' }, now)).toMatchObject({
      state: 'paused',
      outcome: 'paused',
    });
    expect(awaitingFile(checkpoint, { ...next, requestFingerprint }, now)).toMatchObject({
      ...{ state: 'running', sequence: 4, attempt: 0, lease: null },
      ...{ position: next.position, retryAt: now + 20_000, waitingSince: now, lastStatus: 202, reason: null },
      progress: { ...progress, pages: 4, requestFingerprint: expected },
    });
  });
});

describe('a parent that the vendor does not know', () => {
  const next = { position, by: 'message' } as const;

  it('is counted, as long as no known one comes between', () => {
    const unknown = (before: number, isUnknown?: boolean): number | undefined => {
      const checkpoint = { ...inMidRun, progress: { ...progress, unknownParentsInRow: before } };
      const its = isUnknown === undefined ? page : { ...page, isUnknown };
      return advanced(checkpoint, its, next, now).progress?.unknownParentsInRow;
    };
    expect([unknown(2, true), unknown(2, false), unknown(2)]).toEqual([3, 0, 0]);
  });
});

describe('a claim', () => {
  it('takes the lease and counts, and nothing is waited for any more', () => {
    expect(claimed({ ...inMidRun, state: 'parked', outcome: 'waiting' }, 'other', now + 7000, now)).toEqual({
      ...inMidRun,
      lease: { holder: 'other', until: now + 7000 },
      attempt: 3,
      retryAt: null,
      slot: null,
      outcomeAt: now,
      waitingSince: null,
      progress: { ...progress, waitedMs: 11_000 },
    });
  });

  it.each([
    ['it did not wait', null, 5000],
    ['the clock was put back meanwhile', now + 1, 5000],
  ])('counts no time as waited for where %s', (_, waitingSince, waitedMs) => {
    expect(claimed({ ...inMidRun, waitingSince }, 'other', now + 7000, now).progress.waitedMs).toBe(waitedMs);
    const unknown = claimed({ ...inMidRun, waitingSince: null, progress: null }, 'other', now + 7000, now);
    expect(unknown.progress).toEqual(newProgress(now));
  });
});

/** What every page that is stored does. */
const stored = {
  sequence: 4,
  lease: null,
  attempt: 0,
  retryAt: null,
  movedAt: now,
  outcomeAt: now,
  lastStatus: 200,
  reason: null,
  stopped: null,
  // The trouble is over now, and freshness counts from here.
  freshFrom: now,
  halt: null,
};

describe('a page that is stored', () => {
  const position: Position = { kind: 'cursor', cursor: 'next' };
  const next = { position, by: 'message' } as const;

  it('moves the run on, and what was wrong is forgotten', () => {
    expect(advanced({ ...inMidRun, outcome: 'waiting' }, page, next, now)).toEqual({
      ...inMidRun,
      ...stored,
      state: 'running',
      position,
      outcome: 'running',
      waitingSince: null,
      progress: after,
    });
  });

  it('moves the run of a paused stream on, too, which stays paused', () => {
    expect(advanced(paused, page, next, now)).toMatchObject({
      ...stored,
      state: 'paused',
      outcome: 'paused',
      position,
    });
  });

  it('waits from then on where the next tick carries it', () => {
    expect(advanced(inMidRun, page, { position, by: 'tick' }, now).waitingSince).toBe(now);
  });

  it.each([
    [false, false, false],
    [false, true, true],
    [true, false, true],
    [true, true, true],
  ])('makes the run partial if it was (%s) or the page is (%s): %s', (before, partial, expected) => {
    const checkpoint = { ...inMidRun, progress: { ...progress, partial: before } };
    expect(advanced(checkpoint, { ...page, partial }, next, now).progress?.partial).toBe(expected);
  });

  it.each([
    [90, 95, 90],
    [95, 90, 90],
    [null, 95, 95],
    [90, null, 90],
    [null, null, null],
  ])('keeps the least total: of %s and %s, %s', (before, total, least) => {
    const checkpoint = { ...inMidRun, progress: { ...progress, total: before } };
    expect(advanced(checkpoint, { ...page, total }, next, now).progress?.total).toBe(least);
  });

  it.each([
    [null, 'basis', 'basis'],
    ['basis', 'basis', 'basis'],
    ['other', 'basis', 'mixed'],
    ['mixed', 'basis', 'mixed'],
  ])('knows what it was asked with: %s, then %s, makes %s', (before, requestFingerprint, expected) => {
    const checkpoint = { ...inMidRun, progress: { ...progress, requestFingerprint: before } };
    expect(
      advanced(checkpoint, { ...page, requestFingerprint }, next, now).progress?.requestFingerprint,
    ).toBe(expected);
  });

  it('keeps the first reason why something was left out', () => {
    const [first, second] = ['the vendor left 2 out', 'the vendor left 3 out'];
    const told = { ...inMidRun, progress: { ...progress, leftOut: first } };
    expect(advanced(told, { ...page, reason: second }, next, now).progress?.leftOut).toBe(first);
    expect(advanced(inMidRun, { ...page, reason: second }, next, now).progress?.leftOut).toBe(second);
  });

  it('does not begin to count what an older version did not count', () => {
    const checkpoint = { ...inMidRun, progress: { ...progress, remembered: null } };
    expect(advanced(checkpoint, page, next, now).progress?.remembered).toBeNull();
  });

  it('is the first that is counted where nothing has been', () => {
    for (const reason of [null, 'the vendor left 2 out']) {
      const partial = reason !== null;
      const first = { ...page, partial, reason, unwritten: partial };
      expect(advanced({ ...inMidRun, progress: newProgress(now) }, first, next, now).progress).toEqual({
        startedAt: now,
        pages: 1,
        records: 20,
        written: 5,
        unchanged: 15,
        partial,
        leftOut: reason,
        unwritten: partial,
        setbacks: 0,
        confirmations: 0,
        deleted: 0,
        remembered: 1,
        total: 95,
        requestFingerprint: 'basis',
        waitedMs: 0,
        absent: null,
        firstPage: null,
        skippedRows: 0,
        unknownParentsInRow: 0,
        cutShort: false,
        offsets: null,
        validators: null,
      });
    }
  });
});

const sweep: SweepPosition = { kind: 'sweep', step: 'count', after: null, live: 0, gone: 0, end: null };

describe('the last page', () => {
  const complete = { outcome: 'complete', enumerated: true, sure: true, deleted: null } as const;

  it('closes the run: it is complete, and what it was asked with is trusted', () => {
    expect(closed(inMidRun, page, complete, now)).toEqual({
      ...inMidRun,
      ...stored,
      state: 'idle',
      run: null,
      position: null,
      outcome: 'complete',
      lastRunRows: 80,
      completedAt: now,
      doubtedSince: null,
      waitingSince: null,
      trustedFingerprint: 'basis',
      progress: after,
    });
  });

  it.each([
    ['nobody has said that this is all', { ...complete, enumerated: false }, 'basis', 'former basis'],
    ['it was asked with this and that', complete, 'other', null],
  ])('is trusted for nothing new where %s', (_, end, requestFingerprint, trusted) => {
    const checkpoint = { ...inMidRun, progress: { ...progress, requestFingerprint } };
    expect(closed(checkpoint, page, end, now).trustedFingerprint).toBe(trusted);
  });

  it.each([
    ['nobody has said that this is all', { ...complete, enumerated: false }],
    ['something was left out', { outcome: 'partial', reason: 'left out' }],
  ] as const)('says nothing of how much there is where %s', (_, end) => {
    expect(closed({ ...inMidRun, lastRunRows: 500 }, page, end, now).lastRunRows).toBe(500);
  });

  it('leaves a paused stream paused', () => {
    expect(closed(paused, page, complete, now)).toMatchObject({
      state: 'paused',
      run: null,
      outcome: 'complete',
    });
  });

  it('makes it partial if something was left out, and nothing else is learned from it', () => {
    expect(
      closed(inMidRun, page, { outcome: 'partial', reason: 'the vendor left 2 out' }, now),
    ).toMatchObject({
      state: 'idle',
      outcome: 'partial',
      reason: 'the vendor left 2 out',
      completedAt: now,
      doubtedSince: inMidRun.doubtedSince,
      freshFrom: now,
      trustedFingerprint: 'former basis',
      heldDeletions: inMidRun.heldDeletions,
      allowed: 150,
      allowedUntil: null,
    });
  });

  it('is not fresh where rows of it were not written', () => {
    const end = { outcome: 'partial', reason: 'the vendor left 2 out' } as const;
    const unwritten = { ...inMidRun, stopped: null, progress: { ...progress, unwritten: true } };
    expect(closed(unwritten, page, end, now).freshFrom).toBe(inMidRun.freshFrom);
    const last = { ...page, unwritten: true };
    expect(closed({ ...inMidRun, stopped: null }, last, end, now).freshFrom).toBe(inMidRun.freshFrom);
  });

  it('may be followed by a search for what has gone', () => {
    expect(sweeping(inMidRun, page, sweep, now)).toEqual({
      ...inMidRun,
      ...stored,
      state: 'running',
      outcome: 'running',
      position: sweep,
      progress: after,
    });
    expect(sweeping(paused, page, sweep, now)).toMatchObject({ state: 'paused', position: sweep });
  });
});

describe('a part of the records that was looked through', () => {
  const past = { ...stored, lastStatus: inMidRun.lastStatus, reason: inMidRun.reason, halt: inMidRun.halt };

  it('moves the run on', () => {
    const next = { position: { ...sweep, after: 'id' }, deleted: 2, by: 'message' } as const;
    expect(swept(inMidRun, next, now)).toEqual({
      ...inMidRun,
      ...past,
      state: 'running',
      outcome: 'running',
      position: next.position,
      waitingSince: null,
      progress: { ...progress, deleted: 9 },
    });
    expect(swept(paused, next, now).state).toBe('paused');
    expect(swept(inMidRun, { ...next, by: 'tick' }, now).waitingSince).toBe(now);
    const confirming = { ...next, position: { kind: 'offset', offset: 60, confirming: true } } as const;
    expect(swept(inMidRun, confirming, now).progress?.confirmations).toBe(2);
  });

  it('ends the run if it was the last, and with it what was held back and allowed', () => {
    const end = { outcome: 'complete', enumerated: true, sure: true, deleted: 3 } as const;
    expect(sweptUp(inMidRun, end, now)).toEqual({
      ...inMidRun,
      ...past,
      state: 'idle',
      run: null,
      position: null,
      outcome: 'complete',
      reason: null,
      lastRunRows: 60,
      completedAt: now,
      doubtedSince: null,
      waitingSince: null,
      trustedFingerprint: 'basis',
      heldDeletions: null,
      allowed: null,
      allowedUntil: null,
      progress: { ...progress, deleted: 10 },
    });
  });

  it.each([
    [inMidRun.heldDeletions, now - 3 * hour],
    [null, now],
  ])('holds back too many, since the first time it did: %j', (before, since) => {
    const end = { outcome: 'suspicious', reason: 'too many', rows: 90, of: 100 } as const;
    expect(sweptUp({ ...inMidRun, heldDeletions: before }, end, now)).toMatchObject({
      state: 'idle',
      run: null,
      outcome: 'suspicious',
      reason: 'too many',
      completedAt: now,
      trustedFingerprint: 'basis',
      heldDeletions: { rows: 90, of: 100, since },
      allowed: null,
      allowedUntil: null,
      stopped: null,
    });
  });
});

describe('how much there is', () => {
  it('is known from a run that has seen all of it, though its deletions are held back', () => {
    const suspicious = { outcome: 'suspicious', reason: 'too many', rows: 1, of: 2 } as const;
    expect(sweptUp({ ...inMidRun, lastRunRows: 500 }, suspicious, now).lastRunRows).toBe(progress.records);
    const partial = { outcome: 'partial', reason: 'left out', enumerated: true, sure: true } as const;
    const after = closed({ ...inMidRun, lastRunRows: 500, doubtedSince: null }, page, partial, now);
    expect(after).toMatchObject({ lastRunRows: 500, doubtedSince: now });
  });
});

describe('a page, once it is stored,', () => {
  const next = { position, by: 'message' } as const;

  it('without rows counts none', () => {
    expect(noCounts).toEqual({ records: 0, written: 0, unchanged: 0 });
  });

  it('leaves a stream paused that was paused while it was under way', () => {
    const outcome = advanced({ ...inMidRun, state: 'paused' }, page, next, now).outcome;
    expect(outcome).toBe('paused');
  });

  it.each([
    [false, undefined, false],
    [false, true, true],
    [true, undefined, true],
    [true, false, true],
  ])('cuts its run short if it was (%s) or the page is (%s): %s', (before, cutShort, expected) => {
    const checkpoint = { ...inMidRun, progress: { ...progress, cutShort: before } };
    const its = cutShort === undefined ? page : { ...page, cutShort };
    expect(advanced(checkpoint, its, next, now).progress?.cutShort).toBe(expected);
  });

  it.each([
    ['of the whole list', null, null, ['b'], { page: 'whole', absent: ['b'] }],
    ['of a part of it', null, position, ['b'], { page: 'part', absent: ['b'] }],
    ['that had rows before', { page: 'part', absent: ['a'] }, null, ['b'], { page: 'part', absent: ['a'] }],
    ['none, where none had rows', null, null, null, null],
  ] as const)('is the first one %s', (_, firstPage, at, absent, expected) => {
    const checkpoint = { ...inMidRun, position: at, progress: { ...progress, firstPage } };
    expect(advanced(checkpoint, { ...page, absent }, next, now).progress?.firstPage).toEqual(expected);
  });

  it('shows what is known of totals and of offsets, or leaves it as it was', () => {
    const known = { ...inMidRun, totals: 'too low', progress: { ...progress, offsets: 'any' } } as const;
    const shown = { ...page, totals: 'confirmed', offsets: 'pages' } as const;
    const confirmed = { totals: 'confirmed', progress: { offsets: 'pages' } };
    expect(advanced(known, shown, next, now)).toMatchObject(confirmed);
    expect(advanced(known, page, next, now)).toMatchObject({
      totals: 'too low',
      progress: { offsets: 'any' },
    });
  });
});

describe('deletions that are held back', () => {
  const complete = { outcome: 'complete', enumerated: true, sure: true, deleted: null } as const;
  const none = { ...inMidRun, progress: { ...progress, records: 0 } };
  const empty = { ...page, records: 0 };

  it.each([
    ['the vendor never says where its list ends', inMidRun, page, { ...complete, enumerated: false }, null],
    ['it says so', inMidRun, page, complete, inMidRun.heldDeletions],
    ['nothing came', none, empty, { ...complete, enumerated: false }, inMidRun.heldDeletions],
  ])('are kept, or not, where %s', (_, checkpoint, last, end, held) => {
    expect(closed(checkpoint, last, end, now).heldDeletions).toEqual(held);
  });
});

describe('runs that were cut short', () => {
  const complete = { outcome: 'complete', enumerated: true, sure: true, deleted: null } as const;

  it.each([
    [true, 2, 3],
    [false, 2, 0],
  ])('are counted as long as they follow each other: %s, %i before, then %i', (cutShort, before, count) => {
    const checkpoint = { ...inMidRun, cutShortRuns: before, progress: { ...progress, cutShort } };
    expect(closed(checkpoint, page, complete, now).cutShortRuns).toBe(count);
  });
});

describe('fields that were asked for', () => {
  const next = { position, by: 'message' } as const;
  const absentAfter = (before: readonly string[] | null, absent: readonly string[] | null) =>
    advanced({ ...inMidRun, progress: { ...progress, absent: before } }, { ...page, absent }, next, now)
      .progress;

  it('are absent from a run as long as no page has had them', () => {
    expect(absentAfter(['a', 'b'], ['b', 'c'])?.absent).toEqual(['b']);
    expect(absentAfter(null, ['b'])?.absent).toEqual(['b']);
    expect(absentAfter(['a'], null)?.absent).toEqual(['a']);
  });
});

describe('a page that was no good', () => {
  const back = {
    position: { kind: 'offset', offset: 20 } as Position,
    by: 'message' as const,
    status: 200,
    reason: 'rows have gone',
  };

  it('sets the run back: what was asked for has changed, so the fence moves', () => {
    expect(steppedBack({ ...inMidRun, state: 'parked', outcome: 'waiting' }, back, now)).toEqual({
      ...inMidRun,
      state: 'running',
      sequence: 4,
      position: back.position,
      lease: null,
      attempt: 0,
      retryAt: null,
      movedAt: now,
      outcome: 'running',
      outcomeAt: now,
      lastStatus: 200,
      reason: 'rows have gone',
      waitingSince: null,
      progress: { ...progress, pages: 4, setbacks: 2 },
    });
    expect(steppedBack(inMidRun, { ...back, by: 'tick' }, now).waitingSince).toBe(now);
  });

  it('costs no setback where it tried out what the vendor means', () => {
    for (const [isTrial, setbacks] of [
      [true, 1],
      [false, 2],
    ] as const)
      expect(steppedBack(inMidRun, { ...back, isTrial }, now).progress?.setbacks).toBe(setbacks);
  });

  it('may show what is known of totals', () => {
    const known = { ...inMidRun, totals: 'confirmed' } as const;
    expect(steppedBack(known, { ...back, totals: 'too low' }, now).totals).toBe('too low');
    expect(steppedBack(known, back, now).totals).toBe('confirmed');
  });

  it('leaves a paused stream paused', () => {
    expect(steppedBack(paused, back, now)).toMatchObject({ state: 'paused', outcome: 'paused', sequence: 4 });
  });
});

describe('how fresh a stream is', () => {
  const fine = { ...inMidRun, stopped: null };
  const complete = { outcome: 'complete', enumerated: true, sure: true, deleted: null } as const;
  const next = { position, by: 'message' } as const;

  it('counts from the last run that went through, and not from a page of it', () => {
    expect(advanced(fine, page, next, now).freshFrom).toBe(inMidRun.freshFrom);
    expect(closed(fine, page, complete, now).freshFrom).toBe(now);
    expect(drifted(fine, { status: 200, reason: 'moved' }, now).freshFrom).toBe(inMidRun.freshFrom);
  });

  it('counts anew once the secret has been filled in', () => {
    const until = now + 7000;
    expect(claimed({ ...inMidRun, outcome: 'unconfigured' }, 'me', until, now).freshFrom).toBe(now);
    expect(claimed(inMidRun, 'me', until, now).freshFrom).toBe(inMidRun.freshFrom);
  });

  it('is in doubt from the first run that does not vouch for all rows to the first that does', () => {
    const sure = { ...inMidRun, doubtedSince: null };
    const partial = { outcome: 'partial', reason: 'left out' } as const;
    expect(drifted(sure, { status: 200, reason: 'moved' }, now).doubtedSince).toBe(now);
    expect(closed(sure, page, partial, now).doubtedSince).toBe(now);
    expect(drifted(inMidRun, { status: 200, reason: 'moved' }, now).doubtedSince).toBe(inMidRun.doubtedSince);
    expect(closed(inMidRun, page, partial, now).doubtedSince).toBe(inMidRun.doubtedSince);
    expect(closed(inMidRun, page, complete, now).doubtedSince).toBeNull();
    expect(closed(sure, page, { ...complete, sure: false }, now).doubtedSince).toBe(now);
    expect(closed(inMidRun, page, { ...complete, sure: false }, now).doubtedSince).toBe(
      inMidRun.doubtedSince,
    );
    const suspicious = { outcome: 'suspicious', reason: 'too many', rows: 1, of: 2 } as const;
    expect(sweptUp(inMidRun, suspicious, now).doubtedSince).toBeNull();
  });
});

describe('a run that has drifted', () => {
  const last = { status: 200, reason: 'too many setbacks' };

  it('is over without a result', () => {
    expect(drifted(inMidRun, last, now)).toEqual({
      ...inMidRun,
      state: 'idle',
      run: null,
      sequence: 4,
      position: null,
      lease: null,
      attempt: 0,
      retryAt: null,
      movedAt: now,
      outcome: 'drifted',
      outcomeAt: now,
      lastStatus: 200,
      reason: 'too many setbacks',
      waitingSince: null,
      // The vendor has answered. A halt would stay known.
      ...{ stopped: null, freshFrom: now },
    });
    const stopped = { by: 'missing', since: 7 } as const;
    expect(drifted({ ...inMidRun, stopped }, last, now)).toMatchObject({ stopped });
  });

  it('leaves a paused stream paused', () => {
    expect(drifted(paused, last, now)).toMatchObject({ state: 'paused', outcome: 'drifted', run: null });
  });
});
