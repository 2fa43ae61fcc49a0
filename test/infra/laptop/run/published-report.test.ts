import { describe, expect, it } from 'vitest';

import { publishedIn } from '../../../../infra/laptop/run/published-report.ts';

const object = { stream: 'bob/people', key: 'changes/bob/people/1', lines: 3 };

describe('a line of the function that publishes changes', () => {
  it('says which objects it has written', () => {
    const line = { level: 'INFO', message: 'published', writes: 4, objects: [object] };
    expect(publishedIn(line)).toEqual([object]);
    expect(publishedIn({ ...line, objects: [] })).toEqual([]);
  });

  it.each([
    [undefined],
    ['published'],
    [{ message: 'published' }],
    [{ message: 'written', objects: [object] }],
    [{ message: 'published', objects: [{ ...object, lines: -1 }] }],
  ])('is not %j', (line) => {
    expect(publishedIn(line)).toBeNull();
  });
});
