import { describe, expect, it } from 'vitest';

import { newsOf } from '../../../../infra/watch/page/announce.js';
import { marksOf, spanOf } from '../../../../infra/watch/page/lane.js';
import { changed } from '../../../../infra/watch/page/state.js';
import { storyOf } from '../../../../infra/watch/page/story.js';
import { verdictOf } from '../../../../infra/watch/page/verdict.js';
import { ago, clock, coarsely, duration } from '../../../../infra/watch/page/words.js';
import {
  event,
  madeUpState,
  quietAlarm,
  refusedStream,
  runningStream,
  streamOf,
  unauthorized,
} from '../../../browser/made-up-feed.ts';

describe('the words of the page', () => {
  it.each([
    [0, '0 s'],
    [1, '1 s'],
    [59_001, '1 min'],
    [125_000, '2 min 5 s'],
    [3_000_000, '50 min'],
    [7_260_000, '2 h 1 min'],
    [300_000_000, '3 d'],
  ])('%i ms are %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it('leave seconds out where they are noise', () => {
    expect(coarsely(119_000)).toBe('1 min 59 s');
    expect(coarsely(179_000)).toBe('2 min');
    expect(ago(0, 1000)).toBe('just now');
    expect(ago(0, 61_000)).toBe('1 min 1 s ago');
  });

  it('say the day where it is not today', () => {
    const noon = new Date(2026, 10, 22, 12, 4, 7).getTime();
    expect(clock(noon, noon)).toBe('12:04:07');
    expect(clock(noon, noon, false)).toBe('12:04');
    expect(clock(noon, noon + 86_400_000)).toBe('22 Nov 12:04:07');
  });
});

describe('the story', () => {
  const at = (id: number, more: Parameters<typeof event>[1] = {}) => event(id, { at: id * 1000, ...more });

  it('puts the pages of a stream together, until something else happens to it', () => {
    const story = storyOf([
      at(1),
      at(2, { stream: 'bob/people' }),
      at(3),
      at(4, { kind: 'wait', severity: 'waiting', text: 'HTTP 429', until: 9000 }),
      at(5),
    ]);
    expect(story.map(({ id, stream, text, until }) => [id, stream, text, until])).toEqual([
      [5, 'mobaro/users', '1 page, 20 records, 20 unchanged', null],
      [4, 'mobaro/users', 'HTTP 429', 9000],
      [1, 'mobaro/users', '2 pages, 40 records, 40 unchanged', null],
      [2, 'bob/people', '1 page, 20 records, 20 unchanged', null],
    ]);
  });

  it('is no longer than can be read', () => {
    const many = Array.from({ length: 100 }, (_, id) => at(id + 1, { kind: 'end' }));
    expect(storyOf(many).map(({ id }) => id)).toEqual(Array.from({ length: 30 }, (_, index) => 100 - index));
  });
});

describe('the time line of a stream', () => {
  it('goes back no further than there is anything, and a quarter of an hour at most', () => {
    expect([1, 60_001, 400_000, 9_000_000].map(spanOf)).toEqual([60_000, 120_000, 600_000, 900_000]);
  });

  it('has a mark for each page, bars for waits, and leaves out what is past', () => {
    const now = 100_000;
    const marks = marksOf(
      [
        event(1, { at: 30_000 }),
        event(2, { at: 50_000 }),
        event(3, { at: 60_000, kind: 'wait', severity: 'waiting', until: 90_000 }),
        event(4, { at: 80_000 }),
        event(5, { at: 80_001 }),
        event(6, { at: 90_000, kind: 'end', severity: 'good' }),
      ],
      now,
      60_000,
    );
    const [, page, wait] = [0, 100 / 6, 100 / 3];
    expect(marks.map(({ kind, from, to }) => [kind, Math.round(from), Math.round(to)])).toEqual([
      ['page', Math.round(page), Math.round(page)],
      // Over with the next page, whatever was said.
      ['wait', Math.round(wait), 67],
      ['page', 67, 67],
      ['end', 83, 83],
    ]);
  });

  it('shows a wait up to now, and one that began before', () => {
    const [mark] = marksOf([event(1, { at: 0, kind: 'wait', until: 500_000 })], 100_000, 60_000);
    expect(mark).toMatchObject({ from: 0, to: 100 });
  });
});

describe('the verdict', () => {
  it.each([
    [madeUpState(), 'good', 'All quiet: 4 streams complete'],
    [
      madeUpState({ streams: [streamOf('a/b', runningStream), streamOf('a/c')] }),
      'active',
      'Syncing 1 of 2 streams',
    ],
    [
      madeUpState({ alarms: [unauthorized], streams: [streamOf('a/b', refusedStream), streamOf('a/c')] }),
      'bad',
      '1 alarm on, 1 stream in trouble',
    ],
    [madeUpState({ streams: [streamOf('a/b', refusedStream)] }), 'bad', '1 stream in trouble, no alarm yet'],
    [
      madeUpState({ streams: [streamOf('a/b', { outcome: 'paused', severity: 'note' }), streamOf('a/c')] }),
      'note',
      '1 of 2 streams complete',
    ],
  ])('of %# is %s: %s', (state, severity, text) => {
    expect(verdictOf(state)).toEqual({ severity, text });
  });

  it('says what the process does', () => {
    const process = { startedAt: 0, deployment: null, note: 'synthesizing the stack' };
    expect(verdictOf(madeUpState({ process: { ...process, phase: 'starting' } })).text).toBe(
      'Starting: synthesizing the stack',
    );
    expect(verdictOf(madeUpState({ process: { ...process, phase: 'ended' } })).text).toBe(
      'It has ended. All quiet: 4 streams complete',
    );
  });
});

describe('what is said to those who do not look', () => {
  it('is alarms and troubles, and not that pages come', () => {
    const before = madeUpState();
    const after = madeUpState({
      alarms: [quietAlarm, unauthorized],
      streams: [
        streamOf('mobaro/users', refusedStream),
        streamOf('mobaro/timesheets', runningStream),
        ...before.streams.slice(2),
      ],
    });
    expect(newsOf(before, after)).toEqual([
      'Alarm: Pagekeeper mobaro unauthorized.',
      'mobaro/users: the vendor refused the key (401).',
    ]);
    expect(newsOf(after, before)).toEqual([
      'Alarm is over: Pagekeeper mobaro unauthorized.',
      'mobaro/users: synced to its end.',
    ]);
    expect(newsOf(before, before)).toEqual([]);
  });
});

describe('a change', () => {
  it('replaces its parts, and adds its events', () => {
    const state = madeUpState();
    const after = changed(state, { streams: [], events: [event(4)] });
    expect(after.streams).toEqual([]);
    expect(after.alarms).toBe(state.alarms);
    expect(after.events.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(changed(state, { events: [event(4)] }, 2).events.map(({ id }) => id)).toEqual([3, 4]);
  });
});
