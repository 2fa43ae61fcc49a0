import { describe, expect, it } from 'vitest';

import { timelineEventOf } from '../../../infra/watch/timeline-event.ts';
import { deferral, lastPage, missing, pageEvent, refusal, t0 } from '../laptop/report/events.ts';

describe('what happened', () => {
  it('is a page, with whatever is counted of it', () => {
    const event = pageEvent({ records: 20, written: 5, unchanged: 15 });

    expect(timelineEventOf(event, 7, 0)).toEqual({
      id: 7,
      at: t0,
      kind: 'page',
      severity: 'active',
      stream: 'mobaro/users',
      text: '20 records, 5 written',
      counts: { records: 20, written: 5, unchanged: 15, deleted: 0 },
    });
  });

  it('is the end of a run, in words', () => {
    expect(timelineEventOf(lastPage, 1, 0)).toMatchObject({
      kind: 'end',
      severity: 'good',
      text: 'synced to its end; last page 7 records, 0 written',
    });
  });

  it('is a search for deleted records, which asks for no page', () => {
    const sweep = { status: null, requests: 0, records: 0, written: 0 } as const;
    expect(timelineEventOf(pageEvent({ ...sweep, deleted: 3 }), 1, 0)).toMatchObject({
      kind: 'page',
      text: 'looked for deleted records, 3 deleted',
    });
    const over = { ...sweep, streamOutcome: 'complete', next: 'none', deleted: 0 } as const;
    expect(timelineEventOf(pageEvent(over), 1, 0)).toMatchObject({
      kind: 'end',
      text: 'synced to its end; looked for deleted records, none deleted',
    });
  });

  it('is a wait, until when and why', () => {
    const wait = { kind: 'wait', severity: 'waiting', until: t0 + 3000 };

    expect(timelineEventOf(deferral(), 1, 0)).toMatchObject({ ...wait, text: 'HTTP 429 (try 1 failed)' });
    // No try has failed: nothing was called.
    expect(timelineEventOf(refusal, 1, 0)).toMatchObject({ ...wait, text: 'the limit of mobaro is closed' });
  });

  it('is a message to people, by its subject', () => {
    expect(timelineEventOf({ kind: 'message', subject: 'OVER Pagekeeper: mobaro' }, 3, 5)).toEqual({
      ...{ id: 3, at: 5, kind: 'log', severity: 'note', stream: null },
      text: 'to on-call: OVER Pagekeeper: mobaro',
    });
  });

  it('is a halt, with the reason where it says more than the words', () => {
    expect(timelineEventOf(missing, 1, 0)).toMatchObject({
      kind: 'end',
      severity: 'bad',
      text: 'the vendor knows no such stream (404)',
    });
    const why = pageEvent({
      outcome: 'missing',
      streamOutcome: 'missing',
      status: 404,
      reason: 'a module',
      next: 'none',
    });
    expect(timelineEventOf(why, 1, 0)).toMatchObject({
      text: 'the vendor knows no such stream (404): a module',
    });
  });

  it('is nothing where another invocation has the page, or had it', () => {
    expect(timelineEventOf(pageEvent({ outcome: 'stale', next: 'none' }), 1, 0)).toBeNull();
    expect(timelineEventOf(pageEvent({ outcome: 'busy', next: 'none' }), 1, 0)).toBeNull();
  });

  it('is what goes wrong with the machine, in one line of a bearable length', () => {
    const reason = `Error: broken\n${'x'.repeat(1000)}`;
    const { text, ...rest } =
      timelineEventOf({ kind: 'function-failed', functionName: 'f', stream: null, reason }, 1, 5) ?? {};

    expect(rest).toEqual({ id: 1, at: 5, kind: 'log', severity: 'bad', stream: null });
    expect(text).toMatch(/^f failed: Error: broken x+…$/);
    expect(text).toHaveLength(300);
  });

  it('is a page that is tried again by itself, where its function has run out of time', () => {
    const reason = 'it timed out after 30 seconds';
    const failed = { kind: 'function-failed', functionName: 'f', stream: 'mobaro/users', reason } as const;
    expect(timelineEventOf(failed, 1, 5)).toMatchObject({
      stream: 'mobaro/users',
      text: `mobaro/users: its function failed, and its page is tried again by itself (${reason})`,
    });
  });
});
