import { describe, expect, it } from 'vitest';

import { cursorStep, type CursorStep } from '../../../lib/paging/cursor-walk.ts';
import { digestOf, digestOfPage } from '../../../lib/paging/digest.ts';
import type { CursorPosition } from '../../../lib/paging/position.ts';

/** The positions of a walk along these cursors, with a row of its own on each page. */
function positions(cursors: readonly string[]): CursorStep[] {
  const steps: CursorStep[] = [];
  let position: CursorPosition | null = null;
  for (const [page, cursor] of cursors.entries()) {
    const step = cursorStep(position, cursor, [`row of page ${page}`], false);
    steps.push(step);
    if (step.kind !== 'more') break;
    position = step.position;
  }
  return steps;
}

describe('what a walk by cursors stores', () => {
  it('is the cursor, an earlier one to know circles by, and a digest of the rows', () => {
    expect(positions(['a'])).toEqual([
      {
        kind: 'more',
        position: {
          kind: 'cursor',
          cursor: 'a',
          mark: { cursor: digestOf('a'), pages: 2, left: 2 },
          page: digestOfPage(['row of page 0']),
        },
      },
    ]);
  });

  it('keeps an earlier cursor for 2, then 4, then 8 pages', () => {
    const cursors = Array.from({ length: 14 }, (_, page) => `c${page}`);
    const marks = positions(cursors).map((step) => (step.kind === 'more' ? step.position.mark : undefined));
    expect(marks.map((mark) => [mark?.cursor, mark?.pages, mark?.left])).toEqual([
      ...[2, 1].map((left) => [digestOf('c0'), 2, left]),
      ...[4, 3, 2, 1].map((left) => [digestOf('c2'), 4, left]),
      ...[8, 7, 6, 5, 4, 3, 2, 1].map((left) => [digestOf('c6'), 8, left]),
    ]);
  });
});

describe('a walk by cursors', () => {
  it('sees at once that a cursor leads to itself, wherever it happens', () => {
    expect(positions(['c0', 'c1', 'c2', 'c3', 'c3']).at(-1)).toEqual({ kind: 'looping' });
  });

  it('goes on from a position that has nothing but its cursor', () => {
    const step = cursorStep({ kind: 'cursor', cursor: 'a' }, 'b', ['row'], false);
    expect(step).toMatchObject({ kind: 'more', position: { cursor: 'b', mark: { cursor: digestOf('b') } } });
  });
});
