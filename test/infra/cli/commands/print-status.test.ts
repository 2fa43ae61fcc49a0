import { describe, expect, it } from 'vitest';

import { statusText } from '../../../../infra/cli/commands/print-status.ts';
import { plain } from '../../../../infra/terminal/colors.ts';
import { streamStatus } from '../../../../lib/operations/status.ts';
import { newCheckpoint, type Checkpoint } from '../../../../lib/sync/checkpoint.ts';

const at = Date.parse('2026-11-22T10:00:00Z');

describe('statusText', () => {
  it.each(['', ' --stack Pagekeeper', " --data 'my data'"])(
    'proposes commands for the store that was looked at (%j)',
    (where) => {
      const halt = { outcome: 'missing', at, definition: 'd' } as const;
      const halted = { ...newCheckpoint('mobaro/users'), state: 'halted', outcome: 'missing', halt } as const;
      const text = statusText(
        {
          connections: [{ connection: 'bob', key: 'open', refusedSince: null }],
          streams: [streamStatus('mobaro/users', halted)],
        },
        where,
        at,
        plain,
      );

      expect(text.split('\n').flatMap((line) => /npx .*/.exec(line) ?? [])).toEqual([
        `npx pagekeeper resume bob${where}`,
        `npx pagekeeper resume mobaro/users${where}`,
      ]);
    },
  );

  const held = { rows: 150, of: 1970, since: at };
  const textOf = (more: Partial<Checkpoint>) =>
    statusText(
      {
        connections: [],
        streams: [streamStatus('mobaro/users', { ...newCheckpoint('mobaro/users'), ...more })],
      },
      ' --stack Pagekeeper',
      at,
      plain,
    );
  const heldLine =
    '… mobaro/users: 150 of 1,970 records would be deleted, held since 2026-11-22T10:00:00.000Z; npx pagekeeper allow-deletions mobaro/users --stack Pagekeeper';

  it.each([
    ['since the last run', { outcome: 'suspicious', reason: 'the vendor does not give 150' }],
    ['while a later run is under way', { state: 'running', outcome: 'running', run: 'run-2' }],
    ['when a later run has ended otherwise', { outcome: 'complete', completedAt: at }],
  ] as const)('tells once of deletions that are held back (%s)', (_, more) => {
    expect(textOf({ ...more, heldDeletions: held }).split('\n\n')[1]).toBe(heldLine);
  });

  it('tells what has been allowed instead', () => {
    const line = (allowedUntil: number | null) =>
      textOf({ outcome: 'suspicious', heldDeletions: held, allowed: 150, allowedUntil }).split('\n\n')[1];
    expect(line(null)).toBe('… mobaro/users: its next run may delete up to 150 records');
    expect(line(at)).toBe(
      '… mobaro/users: its next run may delete up to 150 records, until 2026-11-22T10:00:00.000Z',
    );
    // What was allowed too long ago is held again.
    expect(line(at - 1)).toBe(heldLine);
  });

  it('tells for which fields nothing is written, and what to type if that is right', () => {
    const withheld = ['payroll.salary', 'payroll.grade'];
    const coverage = { absent: [], first: null, definition: 'hash', withheld };
    expect(textOf({ outcome: 'running', state: 'running', coverage }).split('\n\n')[1]).toBe(
      '✗ mobaro/users: nothing is written as long as nothing of payroll comes; only if that is right: npx pagekeeper allow-empty-fields mobaro/users --stack Pagekeeper',
    );
  });

  it.each([
    ['nothing where a run is simply complete', null, undefined],
    [
      'why a complete run has deleted nothing',
      'nothing is deleted: the run has seen more rows than fit into memory',
      '… mobaro/users: synced to its end (nothing is deleted: the run has seen more rows than fit into memory)',
    ],
  ])('tells %s', (_, reason, line) => {
    expect(textOf({ outcome: 'complete', completedAt: at, reason }).split('\n\n')[1]).toBe(line);
  });

  it('tells of other trouble beside held deletions', () => {
    const notes = textOf({ state: 'running', outcome: 'waiting', retryAt: at + 3000, heldDeletions: held });

    expect(notes.split('\n\n')[1]).toBe(`… mobaro/users: waits for its next try, again in 3 s\n${heldLine}`);
  });

  it('shows that a run has come to its sweep, and not where that stands', () => {
    const after = 'users/1-A';
    const position = { kind: 'sweep', step: 'count', after, live: 1, gone: 0, end: null } as const;
    const text = textOf({ state: 'running', outcome: 'running', run: 'run-1', position });

    expect(text).toMatch(/ mobaro\/users +running +running +its search for deleted records +never$/);
    expect(text).not.toContain(after);
  });

  it('tells why a connection broke in words', () => {
    const reason = 'the connection broke (UND_ERR_SOCKET)';
    const waiting = {
      ...newCheckpoint('mobaro/users'),
      ...({ state: 'running', outcome: 'waiting', retryAt: at + 3000, reason } as const),
    };
    const text = statusText(
      { connections: [], streams: [streamStatus('mobaro/users', waiting)] },
      '',
      at,
      plain,
    );

    expect(text).toContain(`… mobaro/users: waits for its next try, again in 3 s (${reason})`);
  });
});
