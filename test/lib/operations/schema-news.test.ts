import { describe, expect, it } from 'vitest';

import { newsInWords, newsOf } from '../../../lib/operations/schema-news.ts';
import type { FieldChange, Schema } from '../../../lib/sync/schema.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 30, 12);

function schemaWith(...changes: readonly (readonly [daysAgo: number, change: FieldChange])[]): Schema {
  return {
    ...{ stream: 'bob/people', revision: 1, run: 'run-9', learnedAt: now, definition: 'd' },
    ...{ isUnsettled: false, fields: new Map() },
    changes: changes.map(([daysAgo, change]) => ({ ...change, run: 'run-1', at: now - daysAgo * day })),
  };
}

const added = (field: string): FieldChange => ({ kind: 'added', field, from: null, to: 'text' });
const gone = (field: string): FieldChange => ({ kind: 'gone', field, from: 'text', to: null });
const misfit: FieldChange = { kind: 'type', field: 'pay', from: 'integer', to: 'mixed' };

describe('news of a schema', () => {
  it('are those of seven days', () => {
    const news = newsOf(schemaWith([8, added('old')], [6, added('new')]), now);
    expect(news).toEqual([
      {
        stream: 'bob/people',
        at: '2026-11-24T12:00:00.000Z',
        kind: 'added',
        field: 'new',
        from: null,
        to: 'text',
      },
    ]);
    expect(newsOf(undefined, now)).toEqual([]);
  });

  it('name first what a table may refuse, however much else there is, each with its time', () => {
    const others = ['a', 'b', 'c', 'd'].map((field) => [1, added(field)] as const);
    const news = newsOf(schemaWith([3, misfit], ...others), now);
    expect(newsInWords(news, 1)).toBe(
      'pay is mixed and was integer since 2026-11-27T12:00Z; a is new (text) since 2026-11-29T12:00Z; 3 more (explain)',
    );
  });

  it('say of a field the last that has become of it', () => {
    const again: FieldChange = { ...added('x'), from: 'date' };
    const news = newsOf(schemaWith([3, added('x')], [2, gone('x')], [1, again]), now);
    expect(newsInWords(news, 3)).toBe('x comes again (text) since 2026-11-29T12:00Z');
    expect(newsInWords(newsOf(schemaWith([3, added('x')], [2, gone('x')]), now), 3)).toBe(
      'x comes no more since 2026-11-28T12:00Z',
    );
  });

  it('are nothing where there are none', () => {
    expect(newsInWords([], 3)).toBeNull();
  });
});
