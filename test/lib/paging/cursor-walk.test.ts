import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cursorStep } from '../../../lib/paging/cursor-walk.ts';
import type { CursorPosition } from '../../../lib/paging/position.ts';

/** Follows the cursors that `next` gives, for at most so many pages. */
function follow(
  next: (page: number) => string | null,
  pages: number,
  rows = (page: number): string[] => [`r${page}`],
): string {
  let position: CursorPosition | null = null;
  for (let page = 0; page < pages; page += 1) {
    const step = cursorStep(position, next(page), rows(page), rows(page).length === 0);
    if (step.kind !== 'more') return `${step.kind} at page ${page}`;
    position = step.position;
  }
  return 'goes on';
}

describe('a walk by cursors', () => {
  it('goes where the cursor says, and ends without one', () => {
    expect(follow((page) => (page < 7 ? `c${page}` : null), 100)).toBe('end at page 7');
  });

  it('goes on over pages without rows, as long as the cursors are new', () => {
    expect(
      follow(
        (page) => `c${page}`,
        500,
        () => [],
      ),
    ).toBe('goes on');
  });

  it('ends where nothing comes and the cursor is the one that was asked for', () => {
    const walked = (rows: string[], isEmpty: boolean): string =>
      cursorStep({ kind: 'cursor', cursor: 'c' }, 'c', rows, isEmpty).kind;
    expect(walked([], true)).toBe('end');
    // Persons without a row are no empty page.
    expect(walked([], false)).toBe('looping');
    expect(walked(['a'], false)).toBe('looping');
    expect(cursorStep({ kind: 'cursor', cursor: 'b' }, 'c', [], true).kind).toBe('more');
  });

  it('sees the same cursor again at once', () => {
    expect(follow(() => 'c', 10)).toBe('looping at page 1');
  });

  it('sees the same rows again at once', () => {
    expect(
      follow(
        (page) => `c${page}`,
        10,
        () => ['a', 'b'],
      ),
    ).toBe('looping at page 1');
  });

  it('notices a circle of any length, wherever it begins, within three rounds and its beginning', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 40 }), (lead, round) => {
        const circle = (page: number): string => `c${page < lead ? page : lead + ((page - lead) % round)}`;
        expect(follow(circle, 3 * (lead + round) + 3)).toMatch(/^looping/);
      }),
    );
  });

  it('takes no walk without a circle for one', () => {
    expect(follow((page) => `c${page}`, 3000)).toBe('goes on');
  });
});
