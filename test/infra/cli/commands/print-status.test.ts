import { describe, expect, it } from 'vitest';

import { statusText } from '../../../../infra/cli/commands/print-status.ts';
import { plain } from '../../../../infra/terminal/colors.ts';
import type { StoredCount } from '../../../../infra/cli/commands/count-stored.ts';
import { streamStatus } from '../../../../lib/operations/status.ts';
import { newCheckpoint, type Checkpoint } from '../../../../lib/sync/checkpoint.ts';
import { progressOf } from '../../../support/progress.ts';

const at = Date.parse('2026-11-22T10:00:00Z');

describe('statusText', () => {
  it.each(['', ' --stack Pagekeeper', " --data 'my data'"])(
    'proposes commands for the store that was looked at (%j)',
    (where) => {
      const halt = { outcome: 'missing', at, definition: 'd' } as const;
      const halted = { ...newCheckpoint('mobaro/users'), state: 'halted', outcome: 'missing', halt } as const;
      const text = statusText(
        {
          connections: [{ connection: 'bob', key: 'open', refusedSince: null, muted: null }],
          streams: [streamStatus('mobaro/users', halted)],
        },
        where,
        at,
        plain,
      );

      expect(text.split('\n').flatMap((line) => /npx .*/.exec(line) ?? [])).toEqual([
        `npx pagekeeper fix bob${where}`,
        `npx pagekeeper resume mobaro/users${where}`,
      ]);
    },
  );

  const held = { rows: 150, of: 1970, since: at - 2 * 3_600_000 };
  const textOf = (more: Partial<Checkpoint>, stored: StoredCount | null = null) =>
    statusText(
      {
        connections: [],
        streams: [
          {
            ...streamStatus('mobaro/users', { ...newCheckpoint('mobaro/users'), ...more }),
            ...{ attemptCap: 5, stored },
          },
        ],
      },
      ' --stack Pagekeeper',
      at,
      plain,
    );
  const heldLines = [
    '… mobaro/users: 150 of 1,970 records would be deleted, held back 2 h ago',
    '    npx pagekeeper allow-deletions mobaro/users --stack Pagekeeper',
  ].join('\n');

  it.each([
    ['since the last run', { outcome: 'suspicious', reason: 'the vendor does not give 150' }],
    ['while a later run is under way', { state: 'running', outcome: 'running', run: 'run-2' }],
    ['when a later run has ended otherwise', { outcome: 'complete', completedAt: at }],
  ] as const)('tells once of deletions that are held back (%s)', (_, more) => {
    expect(textOf({ ...more, heldDeletions: held }).split('\n\n')[1]).toBe(heldLines);
  });

  it('tells what has been allowed instead', () => {
    const line = (allowedUntil: number | null) =>
      textOf({ outcome: 'suspicious', heldDeletions: held, allowed: 150, allowedUntil }).split('\n\n')[1];
    expect(line(null)).toBe('… mobaro/users: its next run may delete up to 150 records');
    expect(line(at + 3 * 86_400_000)).toBe(
      '… mobaro/users: its next run may delete up to 150 records, within 3 d',
    );
    // What was allowed too long ago is held again.
    expect(line(at - 1)).toBe(heldLines);
  });

  it('tells since when a stream has given up, and what to type', () => {
    const spent = { state: 'exhausted', outcome: 'exhausted', run: 'run-1', reason: 'HTTP 503' } as const;
    const stopped = { by: 'exhausted', since: at - 2 * 3_600_000 } as const;
    expect(textOf({ ...spent, outcomeAt: at - 60_000, stopped }).split('\n\n')[1]).toBe(
      [
        '✗ mobaro/users: gave up for now after too many tries; goes on at the same place',
        '    when the vendor answers again; stopped 2 h ago; HTTP 503',
        '    npx pagekeeper resume mobaro/users --stack Pagekeeper',
      ].join('\n'),
    );
  });

  it('tells for which fields nothing is written, and what to type if that is right', () => {
    const withheld = ['payroll.salary', 'payroll.grade'];
    const coverage = { absent: [], first: null, definition: 'hash', withheld };
    expect(textOf({ outcome: 'complete', coverage }).split('\n\n')[1]).toBe(
      [
        '✗ mobaro/users: nothing is written as long as nothing of payroll comes; only if',
        '    that is right:',
        '    npx pagekeeper allow-empty-fields mobaro/users --stack Pagekeeper',
      ].join('\n'),
    );
  });

  it.each([
    ['nothing where a run is simply complete', null, undefined],
    [
      'why a complete run has deleted nothing',
      'nothing is deleted: the run has seen more rows than fit into memory',
      '… mobaro/users: synced to its end; nothing is deleted: the run has seen more\n    rows than fit into memory',
    ],
  ])('tells %s', (_, reason, line) => {
    expect(textOf({ outcome: 'complete', completedAt: at, reason }).split('\n\n')[1]).toBe(line);
  });

  it('tells of other trouble beside held deletions', () => {
    const notes = textOf({ state: 'running', outcome: 'waiting', retryAt: at + 3000, heldDeletions: held });

    expect(notes.split('\n\n')[1]).toBe(`… mobaro/users: waits for its next try, again in 3 s\n${heldLines}`);
  });

  const underWay = { state: 'running', outcome: 'running', run: 'run-1' } as const;
  const noteOf = (more: Partial<Checkpoint>) => textOf(more).split('\n\n')[1] ?? '';

  it('shows that a run has come to its sweep, and not where that stands', () => {
    const after = 'users/1-A';
    const position = { kind: 'sweep', step: 'count', after, live: 1, gone: 0, end: null } as const;
    const text = textOf({ ...underWay, position });

    expect(text).toContain('  mobaro/users: under way at its search for deleted records');
    expect(text).not.toContain(after);
  });

  it('shows in which step of time a run stands, and after how many pages', () => {
    const [since, until] = [Date.parse('2026-03-01T00:00:00Z'), Date.parse('2026-03-31T00:00:00Z')];
    const window = { since, until, end: at };
    const position = {
      kind: 'part',
      part: { kind: 'slice', parent: null, window },
      walk: null,
      from: 0,
    } as const;
    const progress = progressOf({ startedAt: at, pages: 25 });

    expect(noteOf({ ...underWay, position, progress })).toBe(
      '  mobaro/users: under way at 2026-03-01 to 2026-03-31, after 25 pages',
    );
    expect(
      streamStatus('mobaro/users', { ...newCheckpoint('mobaro/users'), ...underWay, position }).window,
    ).toEqual({
      since: '2026-03-01T00:00:00.000Z',
      until: '2026-03-31T00:00:00.000Z',
    });
  });

  it("says which try it is, and the vendor's last word", () => {
    const reason = 'no answer in 20 s';
    const waiting = { ...underWay, outcome: 'waiting', retryAt: at + 20_000 } as const;

    expect(noteOf({ ...waiting, attempt: 3, reason })).toBe(`… mobaro/users: try 4 of 5 in 20 s; ${reason}`);
    expect(noteOf({ ...underWay, attempt: 4, reason })).toBe(
      `… mobaro/users: try 4 of 5 at the beginning; ${reason}`,
    );
    expect(textOf({ ...underWay, attempt: 4 })).toMatch(/^ mobaro\/users +try 4 of 5 /m);
    expect(textOf({ ...underWay, attempt: 1 })).toMatch(/^ mobaro\/users +running /m);
  });

  it('shows what is idle after a resume as idle, without a word', () => {
    const resumed = { outcome: 'waiting', reason: 'resumed by a person', progress: progressOf({}) } as const;
    expect(textOf(resumed)).toMatch(/^ mobaro\/users +idle /m);
    expect(noteOf(resumed)).toBe('');
  });

  it('shows what is stored beside what the last run was given, and where it stopped counting', () => {
    const progress = progressOf({ startedAt: at, records: 12 });
    const row = (stored: StoredCount | null) =>
      textOf({ outcome: 'complete', completedAt: at, progress }, stored);
    expect(row({ rows: 4407, isMore: false })).toMatch(/ mobaro\/users +idle +12 +4,407 +0 s ago$/);
    expect(row({ rows: 12_000, isMore: true })).toMatch(/ 12 +12,000\+ /);
    expect(row(null)).toMatch(/ 12 +0 s ago$/);
  });

  it('fits 80 columns, whatever there is to say, but for its commands', () => {
    const halt = { outcome: 'rejected', at, definition: 'd' } as const;
    const reason = 'the vendor has refused the request, and has said about it what it says of all of them';
    const progress = progressOf({ startedAt: at, records: 1_234_567 });
    const stream = 'mobaro-of-the-northern-parks/time-off-changes';
    const muted = {
      since: '2026-11-22T09:54:00.000Z',
      until: '2026-11-24T16:54:00.000Z',
      why: reason,
      by: 'ada',
    };
    const text = statusText(
      {
        connections: [{ connection: 'mobaro-of-the-northern-parks', key: 'open', refusedSince: null, muted }],
        streams: [
          [
            'halted',
            { state: 'halted', outcome: 'rejected', halt, reason, heldDeletions: held, progress },
          ] as const,
          [
            'waits',
            { ...underWay, outcome: 'waiting', attempt: 3, retryAt: at + 1, reason, progress },
          ] as const,
        ].map(([, more]) => ({
          ...streamStatus(stream, { ...newCheckpoint(stream), completedAt: at - 59 * 60_000, ...more }),
          ...{ attemptCap: 5, nextTickAt: new Date(at + 59 * 60_000).toISOString() },
          stored: { rows: 1_234_567, isMore: true },
        })),
        limits: [{ limitScope: stream, limit: 100, rate: 80, used: 95, closedUntil: null, spans: [] }],
      },
      ' --stack Pagekeeper',
      at,
      plain,
      true,
    );

    const lines = text.split('\n').filter((line) => !line.includes('npx '));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatch(
      /^ mobaro-of-the-northern-parks\/time-off-changes\n +halted +1,234,567 +1,234,567\+ +59 min ago +in 59 min\n/m,
    );
  });
});
