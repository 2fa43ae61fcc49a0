import { describe, expect, it } from 'vitest';

import { plainLine } from '../../../../infra/laptop/report/plain-line.ts';
import { advance } from '../../../../infra/laptop/report/progress.ts';
import { plainScreen } from '../../../../infra/laptop/report/screen.ts';
import type { LocalEvent } from '../../../../infra/laptop/run/local-run.ts';
import {
  after,
  alarmEvent,
  deferral,
  lastPage,
  lastSweep,
  leaseEvent,
  missing,
  pageEvent,
  refusal,
  suspicious,
  sweepEvent,
  t0,
} from './events.ts';

/** The lines that these events make, one after the other. */
function lines(...events: readonly LocalEvent[]): (string | null)[] {
  return events.map((event, index) => {
    const before = after(...events.slice(0, index));
    return plainLine(event, before, advance(before, event));
  });
}

describe('plainLine', () => {
  it('tells of the first page, of each re-drive and of the end, and not of every page', () => {
    expect(lines(pageEvent(), pageEvent(), deferral(), pageEvent(), lastPage)).toEqual([
      'mobaro/users: under way',
      null,
      'mobaro/users: HTTP 429, again in 3 s (try 1 failed)',
      null,
      'mobaro/users: complete, 4 pages, 67 records, 60 written, 7 unchanged',
    ]);
  });

  it('tells of a long run now and then', () => {
    const many = Array.from({ length: 25 }, () => pageEvent());

    expect(lines(...many).filter((line) => line !== null)).toEqual([
      'mobaro/users: under way',
      'mobaro/users: 25 pages, 500 records, 500 written',
    ]);
  });

  it('tells of a search for deleted records once, and what it came to', () => {
    expect(lines(pageEvent(), sweepEvent(), sweepEvent({ deleted: 1 }), lastSweep)).toEqual([
      'mobaro/users: under way',
      'mobaro/users: looks for deleted records',
      null,
      'mobaro/users: complete, 1 page, 20 records, 20 written, 0 unchanged, 3 deleted',
    ]);
  });

  it('says no more than the end of a search that takes no time', () => {
    expect(lines(pageEvent(), sweepEvent({ streamOutcome: 'complete', next: 'none' }))).toEqual([
      'mobaro/users: under way',
      'mobaro/users: complete, 1 page, 20 records, 20 written, 0 unchanged',
    ]);
  });

  it('tells that deletions are held back', () => {
    expect(lines(pageEvent(), suspicious).at(-1)).toBe(
      'mobaro/users: suspicious (the vendor does not give 150 of 197 records any more), 1 page, 20 records, 20 written, 0 unchanged',
    );
  });

  it('tells of a refusal once, however often it is repeated', () => {
    expect(lines(refusal, refusal)).toEqual([
      'mobaro/users: the limit of mobaro is closed, again in 3 s',
      null,
    ]);
  });

  it('tells of each run that went through, with what that run has done', () => {
    const run = (name: string): LocalEvent =>
      pageEvent({ run: name, streamOutcome: 'complete', next: 'none', records: 6, written: 0, unchanged: 6 });

    expect(lines(run('one'), run('two'))).toEqual(
      Array(2).fill('mobaro/users: complete, 1 page, 6 records, 0 written, 6 unchanged'),
    );
  });

  it('tells why a stream has halted, once', () => {
    const words = 'mobaro/users: missing (HTTP 404), 1 page, 20 records, 20 written, 0 unchanged';

    expect(lines(pageEvent(), missing, missing).slice(1)).toEqual([words, null]);
  });

  it('tells of a lease that is waited out, once', () => {
    expect(lines(leaseEvent, leaseEvent)).toEqual([
      expect.stringMatching(/^mobaro\/users: waits for the lease of a killed run until \d\d:\d\d:\d\d$/),
      null,
    ]);
  });

  it('tells of alarms that begin and end, and not of those that were never in ALARM', () => {
    expect(lines(alarmEvent('OK'), alarmEvent('ALARM'), alarmEvent('OK'))).toEqual([
      null,
      'alarm: x missing',
      'alarm over: x missing',
    ]);
  });

  it('says what people are told', () => {
    expect(lines({ kind: 'message', subject: 'PAGE Pagekeeper: mobaro key refused (401)' })).toEqual([
      'to on-call: PAGE Pagekeeper: mobaro key refused (401)',
    ]);
  });

  it('names a function that ran out of time by its connection and stream', () => {
    const reason = 'it timed out after 30 seconds';
    const failed = { kind: 'function-failed', functionName: 'F', stream: 'bob/people', reason } as const;

    expect(lines(failed)).toEqual([
      'bob/people: its function failed, and its page is tried again by itself (it timed out after 30 seconds)',
    ]);
  });

  it('keeps what came from elsewhere in one line, without control characters', () => {
    const reason = 'a\nb\u001b[31mc';
    const failed = { kind: 'function-failed', functionName: 'F', stream: null, reason } as const;
    const log = { kind: 'log', functionName: 'F', level: 'WARN', message: 'a\r\nb' } as const;

    expect(lines(failed, log)).toEqual(['F failed: a b [31mc', 'F WARN: a b']);
  });
});

describe('plainScreen', () => {
  it('stamps every line with the seconds since the start, and uses no cursor tricks and no colours', () => {
    const written: string[] = [];
    let time = t0;
    const screen = plainScreen(
      (line) => written.push(line),
      () => time,
    );
    screen.note('synthesizing the stack');
    time += 61_500;
    screen.begin(after());
    screen.show(deferral(), after(), after(deferral()));
    screen.end();

    expect(written).toEqual([
      '   0.0 s  synthesizing the stack',
      '  61.5 s  syncing mobaro/users, bob/people',
      '  61.5 s  mobaro/users: HTTP 429, again in 3 s (try 1 failed)',
    ]);
  });
});
