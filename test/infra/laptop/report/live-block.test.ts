import { stripVTControlCharacters } from 'node:util';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';

import { plain } from '../../../../infra/terminal/colors.ts';
import { liveBlock } from '../../../../infra/laptop/report/live-block.ts';
import { advance, newProgress, type Progress } from '../../../../infra/laptop/report/progress.ts';
import { after, deferral, lastPage, missing, pageEvent, sweepEvent, t0 } from './events.ts';

const wide = { columns: 100, rows: 40 };

function block(progress: Progress, now = t0 + 1000, viewport = wide): string[] {
  return liveBlock(progress, { startedAt: t0 - 64_000, now }, viewport, plain).split('\n');
}

describe('liveBlock', () => {
  it('has a line for each stream with what it waits for, and counts down', () => {
    const progress = after(pageEvent(), deferral());

    expect(block(progress)).toEqual([
      'Pagekeeper  1:05   0 of 2 streams done',
      '  … mobaro/users  1 page   20 records  20 written   HTTP 429, again in 2 s',
      '  · bob/people    0 pages   0 records   0 written   waits for its tick',
      'Ctrl-C stops; the next start goes on where this one stopped.',
    ]);
    expect(block(progress, t0 + 3000)[1]).toContain('HTTP 429, again now');
  });

  it('says how streams ended, and how many alarms there are', () => {
    const ended = after(
      missing,
      pageEvent({ stream: 'bob/people', streamOutcome: 'complete', next: 'none' }),
    );
    const progress = advance(ended, { kind: 'alarm', name: 'a', state: 'ALARM', reason: '' });

    expect(block(progress)).toEqual([
      'Pagekeeper  1:05   2 of 2 streams done',
      '  ✗ mobaro/users  0 pages   0 records   0 written   missing: HTTP 404',
      '  ✓ bob/people    1 page   20 records  20 written   complete',
      '  1 alarm in ALARM',
      'Evaluating the alarms.',
    ]);
  });

  it('says that deleted records are looked for, and how many there were', () => {
    expect(block(after(pageEvent(), sweepEvent()))[1]).toBe(
      '  ▸ mobaro/users  1 page   20 records  20 written   looks for deleted records',
    );
    expect(block(after(pageEvent(), sweepEvent({ deleted: 3 }))).slice(1, 3)).toEqual([
      '  ▸ mobaro/users  1 page   20 records  20 written  3 deleted   looks for deleted records',
      '  · bob/people    0 pages   0 records   0 written  0 deleted   waits for its tick',
    ]);
  });

  it.each([20, 40, 60, 80])('never makes a line wider than %i columns', (columns) => {
    const progress = after(
      pageEvent(),
      deferral({ reason: 'a very long reason that goes on and on '.repeat(5) }),
    );
    const colored = liveBlock(
      progress,
      { startedAt: t0, now: t0 },
      { columns, rows: 40 },
      picocolors.createColors(true),
    );

    for (const line of stripVTControlCharacters(colored).split('\n').slice(1)) {
      expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  it('shows the streams that still move where not all of them fit', () => {
    const streams = Array.from({ length: 40 }, (_, index) => `mobaro/s${String(index)}`);
    const done = streams
      .slice(0, 30)
      .map((stream) => pageEvent({ stream, streamOutcome: 'complete', next: 'none' }));
    const lines = block(done.reduce(advance, newProgress(streams)), t0, { columns: 100, rows: 20 });

    expect(lines.length).toBeLessThan(20);
    expect(lines.filter((line) => line.includes('waits for its tick'))).toHaveLength(10);
    expect(lines.at(-2)).toBe('  and 25 more');
  });

  it('colours nothing when colours are off, and something when they are on', () => {
    const text = (colors: typeof plain) =>
      liveBlock(after(lastPage), { startedAt: t0, now: t0 }, wide, colors);

    expect(stripVTControlCharacters(text(plain))).toBe(text(plain));
    expect(stripVTControlCharacters(text(picocolors.createColors(true)))).toBe(text(plain));
    expect(text(picocolors.createColors(true))).not.toBe(text(plain));
  });
});
