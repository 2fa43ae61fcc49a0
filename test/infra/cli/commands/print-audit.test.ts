import { describe, expect, it } from 'vitest';

import { auditText, standingInWords } from '../../../../infra/cli/commands/print-audit.ts';
import { plain } from '../../../../infra/terminal/colors.ts';
import type { ActEnd, AuditEntry, Standing } from '../../../../lib/sync/audit.ts';

const standing = (target: string, more: Partial<Extract<Standing, { kind: 'stream' }>> = {}): Standing => ({
  ...{ kind: 'stream', target, state: 'idle', run: null, sequence: 0, haltedFor: null },
  ...{ heldDeletions: null, allowedDeletions: null, fieldsAwaited: [] },
  ...more,
});

const at = '2026-03-01T12:00:00.000Z';
const now = Date.parse('2026-03-04T13:00:00.000Z');
const end = (more: Partial<ActEnd> = {}): ActEnd => ({
  ...{ at, outcome: 'changed', fault: null, results: [], after: [] },
  ...more,
});
const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  ...{ id: '1', at, who: 'ada', command: 'pause', target: null, typed: 'pause --all', why: null },
  ...{ before: [], end: end() },
  ...more,
});

describe('the text of the audit', () => {
  it('has a paragraph for each act', () => {
    const halted = standing('mobaro/users', {
      state: 'halted',
      haltedFor: 'missing',
      run: '12345678-9',
      sequence: 3,
    });
    const text = auditText(
      [
        entry({
          ...{ typed: 'resume mobaro/users', why: 'bought', before: [halted] },
          end: end({
            results: [
              { target: 'mobaro/users', changed: true, refused: false, sentence: 'It goes on at offset 40.' },
            ],
            after: [standing('mobaro/users', { state: 'parked', run: '12345678-9', sequence: 3 })],
          }),
        }),
        entry({}),
      ],
      now,
      plain,
    );
    expect(text.split('\n')).toEqual([
      '3 d ago  resume mobaro/users: changed',
      '  by ada, 2026-03-01 12:00 UTC',
      '  why: bought',
      '  mobaro/users was halted as missing, page 4 of run 12345678, then parked, page',
      '    4 of run 12345678',
      '  It goes on at offset 40.',
      '',
      '3 d ago  pause --all: changed',
      '  by ada, 2026-03-01 12:00 UTC',
    ]);
  });

  it('tells of several what has changed, and of one that it has not', () => {
    const [users, people] = [standing('mobaro/users'), standing('bob/people')];
    const paused = { ...users, state: 'paused' } as Standing;
    expect(
      auditText([entry({ before: [users, people], end: end({ after: [paused, people] }) })], now, plain),
    ).toMatch(/UTC\n {2}mobaro\/users was idle, then paused$/);
    expect(auditText([entry({ before: [users], end: end({ after: [users] }) })], now, plain)).toMatch(
      /\n {2}mobaro\/users was idle, and stayed so$/,
    );
  });

  it('tells that something failed, was refused, or has no end', () => {
    const heading = (of: ActEnd | null) => auditText([entry({ end: of })], now, plain).split('\n')[0];
    expect(heading(end({ outcome: 'failed', fault: 'AccessDenied' }))).toBe(
      '3 d ago  pause --all: failed (AccessDenied)',
    );
    expect(heading(end({ outcome: 'refused' }))).toBe('3 d ago  pause --all: refused');
    expect(heading(null)).toBe('3 d ago  pause --all: its end is not on record');
  });

  it('tells what waited for a person, and how a key stood', () => {
    const more = { heldDeletions: 1, allowedDeletions: 1, fieldsAwaited: ['work', 'payroll'] };
    expect(standingInWords(standing('bob/people', more))).toBe(
      'idle, 1 deletion held, 1 of them allowed, waiting for work and payroll',
    );
    const key = (of: string) => standingInWords({ kind: 'connection', target: 'bob', key: of });
    expect(['closed', 'open', 'half-open', 'of a later version'].map(key)).toEqual([
      ...[
        'with a key that was not refused',
        'with a refused key',
        'with a key on trial',
        'of a later version',
      ],
    ]);
  });
});
