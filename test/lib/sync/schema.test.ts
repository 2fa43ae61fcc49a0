import { describe, expect, it } from 'vitest';

import {
  isMisfit,
  learn,
  maxChanges,
  type RunFields,
  type Schema,
  type SchemaChange,
} from '../../../lib/sync/schema.ts';
import { nameOf, pathOf } from '../../../lib/tables/cells.ts';
import { typeInWords, typeOf } from '../../../lib/tables/column-type.ts';
import { FieldCounter } from '../../../lib/tables/field-counts.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 1);

/** A stream's runs, one a day. */
class Learner {
  schema: Schema | undefined;
  #runs = 0;

  run(rows: readonly object[], more: Partial<RunFields> = {}): readonly string[] {
    const counter = new FieldCounter();
    for (const row of rows) counter.add(row as Record<string, unknown>);
    const at = start + this.#runs * day;
    const run = `run-${String((this.#runs += 1))}`;
    const fields: RunFields = { run, at, definition: 'd', gave: 'all', counts: counter.counted(), ...more };
    const learned = learn(this.schema, 'bob/people', fields);
    if (learned === null) return ['nothing'];
    this.schema = { ...learned.schema, revision: learned.schema.revision + 1 };
    return learned.changes.map(inWords);
  }

  type(name: string): string | undefined {
    const seen = this.field(name)?.seen;
    return seen && typeInWords(typeOf(seen));
  }

  field(name: string) {
    return [...(this.schema?.fields ?? [])].find(([key]) => nameOf(pathOf(key)) === name)?.[1];
  }
}

function inWords({ kind, field, from, to }: SchemaChange): string {
  return [kind, field, from, to].filter(Boolean).join(' ');
}

const people = (count: number, row: (index: number) => object = () => ({})): object[] =>
  Array.from({ length: count }, (_, index) => ({ id: String(index), ...row(index) }));

describe('what is learned of the rows of a stream', () => {
  it('is no news of the first run', () => {
    const learner = new Learner();
    expect(learner.run(people(10, () => ({ pay: 1 })))).toEqual([]);
    expect(learner.schema).toMatchObject({ run: 'run-1', learnedAt: start, changes: [], isUnsettled: false });
    expect(learner.field('pay')).toMatchObject({
      ...{ share: 1, isGone: false, firstSeen: start, lastSeen: start },
    });
  });

  it('tells a new field, and since when there is one', () => {
    const learner = new Learner();
    learner.run(people(10));
    expect(learner.run(people(10, () => ({ work: { title: 'made up' } })))).toEqual([
      'added work.title text',
    ]);
    expect(learner.run(people(10, () => ({ work: { title: 'made up' } })))).toEqual([]);
    expect(learner.field('work.title')).toMatchObject({ firstSeen: start + day, lastSeen: start + 2 * day });
    expect(learner.schema?.changes.map(inWords)).toEqual(['added work.title text']);
  });

  it('tells a type that no longer fits, and not one that fits', () => {
    const learner = new Learner();
    learner.run(people(10, () => ({ pay: 1, since: '2026-11-30' })));
    expect(learner.run(people(10, () => ({ pay: 1.25, since: 'soon' })))).toEqual([
      'type pay integer decimal(38, 2)',
      'type since date text',
    ]);
    expect(learner.run(people(10, () => ({ pay: 7, since: '2026-11-30' })))).toEqual([]);
    expect(learner.type('since')).toBe('text');
  });

  it('tells a field that comes no more once, and when it comes again', () => {
    const learner = new Learner();
    learner.run(people(10, () => ({ pay: 1 })));
    expect(learner.run(people(10))).toEqual(['gone pay integer']);
    expect(learner.run(people(10))).toEqual([]);
    expect(learner.field('pay')).toMatchObject({ isGone: true, lastSeen: start });
    expect(learner.run(people(10, () => ({ pay: 2 })))).toEqual(['added pay integer integer']);
    expect(learner.field('pay')).toMatchObject({ isGone: false, firstSeen: start });
  });

  it('does not take a field for gone that few rows had, or of which few rows can tell', () => {
    const learner = new Learner();
    learner.run(people(100, (index) => (index < 4 ? { nickname: 'made up' } : {})));
    expect(learner.run(people(100))).toEqual([]);
    learner.run(people(100, () => ({ pay: 1 })));
    expect(learner.run(people(4))).toEqual([]);
    expect(learner.field('pay')?.isGone).toBe(false);
  });

  it('tells a field that comes again with another type as what a table does not take', () => {
    const learner = new Learner();
    learner.run(people(10, () => ({ since: '2026-11-30' })));
    learner.run(people(10));
    expect(learner.run(people(10, () => ({ since: 'soon' })))).toEqual([
      'added since date text',
      'type since date text',
    ]);
    expect(learner.schema?.changes.map(isMisfit)).toEqual([false, false, true]);
  });

  it('remembers how many rows had a field while too few can tell that it is gone', () => {
    const learner = new Learner();
    learner.run(people(1000, (index) => (index < 200 ? { x: 1 } : {})));
    expect(learner.run(people(10))).toEqual([]);
    expect(learner.run(people(1000))).toEqual(['gone x integer']);
  });

  it.each(['some', 'news', 'sample'] as const)(
    'learns of a run that gave %s, and takes nothing for gone',
    (gave) => {
      const learner = new Learner();
      learner.run(people(10, () => ({ pay: 1 })));
      expect(
        learner.run(
          people(10, () => ({ tag: 'a' })),
          { gave },
        ),
      ).toEqual(['added tag text']);
      expect(learner.field('pay')).toMatchObject({ share: 1, isGone: false });
    },
  );

  it('begins with no run that was not given everything', () => {
    const learner = new Learner();
    expect(
      learner.run(
        people(2, () => ({ pay: 1 })),
        { gave: 'some' },
      ),
    ).toEqual(['nothing']);
    expect(
      learner.run(
        people(10, () => ({ pay: 1.5 })),
        { gave: 'all' },
      ),
    ).toEqual([]);
    expect(
      learner.run(
        people(2, () => ({ id: 1 })),
        { gave: 'some', definition: 'another' },
      ),
    ).toEqual(['nothing']);
  });

  it('is no news where other fields are requested, nor in the run after, for the first may have begun before', () => {
    const learner = new Learner();
    learner.run(people(10, () => ({ pay: 1 })));
    const another = { definition: 'another' };
    // A run in whose midst the settings have changed.
    expect(
      learner.run(
        people(10, (index) => ({ ...(index < 5 && { pay: 1 }), tag: 'a' })),
        another,
      ),
    ).toEqual([]);
    expect(
      learner.run(
        people(10, () => ({ tag: 'a', id: 1 })),
        another,
      ),
    ).toEqual([]);
    expect(learner.field('pay')).toBeUndefined();
    expect(learner.field('id')).toMatchObject({ firstSeen: start });
    expect(
      learner.run(
        people(10, () => ({ tag: 'a', id: 'one' })),
        another,
      ),
    ).toEqual(['type id integer mixed']);
  });

  it('keeps no name that has come to be data among the changes', () => {
    const learner = new Learner();
    learner.run(people(10, (index) => ({ by: { anna: index } })));
    expect(learner.run(people(10, (index) => ({ by: { anna: index, boris: 1 } })))).toEqual([
      'added by.boris integer',
    ]);
    const many = people(60, (index) => ({ by: { [`k${String(index)}`]: 'x' } }));
    expect(learner.run(many)).toEqual([]);
    expect(learner.schema?.changes).toEqual([]);
    expect([...learner.schema!.fields.keys()].map((key) => nameOf(pathOf(key)))).toEqual(['id', 'by.*']);
  });

  it('makes no news of keys that are data', () => {
    const learner = new Learner();
    learner.run(people(10, (index) => ({ by: { [`k${String(index)}`]: { n: 1 } } })));
    const others = people(60, (index) => ({ by: { [`k${String(index)}`]: { n: 1 } } }));
    expect(learner.run(others)).toEqual([]);
    expect(learner.field('by.*.n')).toMatchObject({ share: 1, firstSeen: start });
    expect(learner.run(people(10, () => ({ by: { another: { n: 1 } } })))).toEqual([]);
  });

  it('keeps what a table may refuse, however much else changes with it', () => {
    const learner = new Learner();
    learner.run(people(10, () => ({ pay: 1 })));
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${String(index)}`, 1]));
    learner.run(people(10, () => ({ pay: 'much', ...many })));
    expect(learner.schema?.changes).toHaveLength(maxChanges);
    expect(learner.schema?.changes.filter(isMisfit).map(({ field }) => field)).toEqual(['pay']);
  });

  it('keeps the last changes', () => {
    const learner = new Learner();
    learner.run(people(1));
    for (let index = 0; index < maxChanges + 5; index += 1)
      learner.run(
        people(1, () => ({ [`f${String(index)}`]: 1 })),
        { gave: 'some' },
      );
    expect(learner.schema?.changes).toHaveLength(maxChanges);
    expect(learner.schema?.changes.at(-1)?.field).toBe(`f${String(maxChanges + 4)}`);
  });
});
