import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { keysetStep, type KeysetPage } from '../../../lib/paging/keyset-walk.ts';
import type { Key, KeysetPosition } from '../../../lib/paging/position.ts';

type Bound = 'inclusive' | 'exclusive';
interface Row {
  readonly id: number;
  readonly key: number;
}
interface List {
  /** Before each request, from 1. */
  readonly rows: (request: number) => readonly Row[];
  readonly bound: Bound;
  readonly asked: number;
  /** The most that the server gives. */
  readonly cap?: number;
  readonly says?: boolean;
}

interface Walked {
  readonly end: string;
  readonly seen: ReadonlySet<number>;
  readonly requests: number;
}

/** Walks a list that is sorted by key, then by id. */
function walkKeys({ rows, bound, asked, cap = Infinity, says = false }: List, most = 500): Walked {
  const seen = new Set<number>();
  let position: KeysetPosition | null = null;
  for (let requests = 1; requests <= most; requests += 1) {
    const from: number | null = position === null ? null : Number(position.after['after']);
    const sorted = rows(requests).toSorted((a, b) => a.key - b.key || a.id - b.id);
    const behind = sorted.filter(
      ({ key }) => from === null || (bound === 'inclusive' ? key >= from : key > from),
    );
    const given = behind.slice(0, Math.min(asked, cap));
    const step = keysetStep(position, pageOf(given, says ? given.length === behind.length : null), {
      bound,
      asked,
    });
    if (step.kind === 'step back') {
      position = null;
      continue;
    }
    for (const { id } of given) seen.add(id);
    if (step.kind !== 'more') return { end: step.kind, seen, requests };
    position = step.position;
  }
  return { end: 'never', seen, requests: most };
}

function pageOf(rows: readonly Row[], isLast: boolean | null): KeysetPage {
  const key = (row: Row | undefined): Key | null => (row === undefined ? null : { after: row.key });
  const last = rows.at(-1);
  const before = rows.findLast((row) => row.key !== last?.key);
  return { rows: rows.length, last: key(last), before: key(before), isLast };
}

const bounds = fc.constantFrom<Bound>('inclusive', 'exclusive');
const listOf = (keys: readonly number[]): readonly Row[] => keys.map((key, id) => ({ id, key }));
const unique = (count: number): readonly Row[] => listOf(Array.from({ length: count }, (_, key) => key));

describe('a walk by key', () => {
  it('comes to the last row of a list that stays as it is', () => {
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.integer({ min: 2, max: 12 }),
        bounds,
        fc.boolean(),
        (count, asked, bound, says) => {
          const { end, seen } = walkKeys({ rows: () => unique(count), bound, asked, says });
          expect([end, seen.size]).toEqual(['end', count]);
        },
      ),
    );
  });

  it('does so where the server gives fewer rows than are requested', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.integer({ min: 2, max: 12 }),
        bounds,
        fc.integer({ min: 2, max: 5 }),
        (count, asked, bound, cap) => {
          const { end, seen } = walkKeys({ rows: () => unique(count), bound, asked, cap });
          expect([end, seen.size]).toEqual(['end', count]);
        },
      ),
    );
  });

  it('does so, by an exclusive bound, where it gives one row at a time', () => {
    expect(walkKeys({ rows: () => unique(9), bound: 'exclusive', asked: 5, cap: 1 })).toMatchObject({
      end: 'end',
      seen: { size: 9 },
    });
  });

  it('loses no row of those with equal keys, or says that it cannot walk them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(12), { maxLength: 60 }),
        fc.integer({ min: 2, max: 8 }),
        bounds,
        (keys, asked, bound) => {
          const { end, seen } = walkKeys({ rows: () => listOf(keys), bound, asked });
          const most = Math.max(
            0,
            ...Object.values(Object.groupBy(keys, String)).map((group) => group?.length ?? 0),
          );
          if (end === 'end') expect(seen.size).toBe(keys.length);
          else expect([end, most >= asked - 1]).toEqual(['looping', true]);
        },
      ),
    );
  });

  it.each(['inclusive', 'exclusive'] as const)(
    'does not take pages of equal keys for the end where the server gives fewer rows than are requested: %s',
    (bound) => {
      const keys = [...Array<number>(5).fill(1), ...Array<number>(40).fill(2), 3, 4, 5];
      const { end } = walkKeys({ rows: () => listOf(keys), bound, asked: 10, cap: 6 });
      expect(end).toBe('looping');
      const few = [...Array<number>(5).fill(1), 2, 2];
      expect(walkKeys({ rows: () => listOf(few), bound, asked: 10 })).toMatchObject({
        end: 'end',
        seen: { size: 7 },
      });
    },
  );

  it('comes to the end of a list whose rows all have one key', () => {
    for (const bound of ['inclusive', 'exclusive'] as const) {
      expect(walkKeys({ rows: () => listOf([7, 7, 7]), bound, asked: 5 })).toMatchObject({
        end: 'end',
        seen: { size: 3 },
      });
      expect(walkKeys({ rows: () => listOf([7, 7, 7, 7, 7, 7]), bound, asked: 5 }).end).toBe('looping');
    }
  });

  it('loses no row that stays, whatever comes and goes between its pages', () => {
    const changes = fc.array(fc.tuple(fc.boolean(), fc.nat(30)), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.integer({ min: 2, max: 7 }),
        bounds,
        changes,
        (count, asked, bound, moves) => {
          let list = unique(count);
          const rows = (request: number): readonly Row[] => {
            const move = moves[request - 2];
            if (move === undefined) return list;
            const [comes, key] = move;
            list = comes
              ? [...list, { id: 1000 + request, key: key + 0.5 }]
              : list.filter((row) => row.key !== key);
            return list;
          };
          const { end, seen } = walkKeys({ rows, bound, asked });
          const stayed = list.filter(({ id }) => id < 1000);
          if (end === 'end') for (const { id } of stayed) expect(seen).toContain(id);
          else expect(end).toBe('looping');
        },
      ),
    );
  });

  it('notices that the vendor does not take the key', () => {
    const first = pageOf(listOf([1, 2, 3, 4, 5]), null);
    const at = keysetStep(null, first, { bound: 'exclusive', asked: 5 });
    if (at.kind !== 'more') throw new Error(at.kind);
    expect(keysetStep(at.position, first, { bound: 'exclusive', asked: 5 }).kind).toBe('looping');
  });

  it('notices keys that go round in a circle', () => {
    let position: KeysetPosition | null = null;
    for (let page = 0; page < 30; page += 1) {
      const rows = listOf(
        [
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ][page % 3] ?? [],
      );
      const step = keysetStep(position, pageOf(rows, null), { bound: 'exclusive', asked: 3 });
      if (step.kind === 'looping') return;
      if (step.kind !== 'more') throw new Error(step.kind);
      position = step.position;
    }
    throw new Error('it was not noticed');
  });

  it('does not believe a page without rows where some were to come again', () => {
    const at: KeysetPosition = { kind: 'keyset', after: { after: 4 }, last: 'digest', rows: 5 };
    const nothing: KeysetPage = { rows: 0, last: null, before: null, isLast: null };
    const asked = { bound: 'exclusive', asked: 5 } as const;
    expect(keysetStep(at, nothing, asked)).toMatchObject({ kind: 'step back', position: null });
    expect(keysetStep(at, { ...nothing, isLast: true }, asked).kind).toBe('step back');
    expect(keysetStep({ ...at, blind: true }, nothing, asked)).toEqual({ kind: 'end' });
    expect(keysetStep(null, nothing, asked)).toEqual({ kind: 'end' });
    expect(keysetStep(null, { ...nothing, isLast: false }, asked).kind).toBe('contradictory');
  });
});
