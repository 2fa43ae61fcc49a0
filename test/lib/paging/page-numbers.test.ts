import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../../lib/paging/digest.ts';
import type { LookUp, OffsetStep } from '../../../lib/paging/offset-step.ts';
import { offsetStep } from '../../../lib/paging/offset-walk.ts';
import { askedPage } from '../../../lib/paging/page-numbers.ts';
import type { OffsetPosition, StepsPosition } from '../../../lib/paging/position.ts';
import { stepsStep } from '../../../lib/paging/steps-walk.ts';
import { totalsAfter, type Totals } from '../../../lib/paging/totals.ts';
import { listOf } from '../../support/walk-list.ts';

interface Vendor {
  /** Before each request, from 1. */
  readonly rows: (request: number) => readonly string[];
  readonly pageSize: number;
  /** The most that it gives, and counts its pages by. */
  readonly cap?: number;
  /** It gives as many as that, whatever is requested. */
  readonly always?: number;
  readonly counts?: boolean;
  /** It takes no number, and gives the first page for each. */
  readonly stuck?: true;
}

interface Walked {
  readonly end: string;
  readonly seen: ReadonlySet<string>;
  readonly requests: number;
  readonly setbacks: number;
  readonly inSteps: boolean;
}

function walkPages(
  { rows, pageSize, cap = Infinity, always, counts = false, stuck }: Vendor,
  most = 500,
): Walked {
  const seen = new Set<string>();
  const digests = new Set<string>();
  let position = null as OffsetPosition | StepsPosition | null;
  let totals: Totals = null;
  let setbacks = 0;
  for (let requests = 1; requests <= most; requests += 1) {
    const page = askedPage(position, pageSize, 128);
    const size = always ?? Math.min(page.size ?? 0, cap);
    const list = rows(requests);
    const first = stuck ? 0 : page.index * size;
    const given = list.slice(first, first + size);
    const total = counts ? list.length : null;
    const taken = { digests: given.slice(page.skipped).map(digestOf), total };
    const context = {
      ...{ pageSize, asked: (page.size ?? 0) - page.skipped, totals, setbacks, offsets: null, seen: digests },
      counts: 'pages' as const,
    };
    const step: OffsetStep | LookUp =
      position?.kind === 'steps' ? stepsStep(position, taken, context) : offsetStep(position, taken, context);
    if (step.kind === 'look up') throw new Error('It has been looked up');
    if (step.kind === 'step back') {
      position = step.position;
      setbacks += step.isTrial === true ? 0 : 1;
      continue;
    }
    for (const row of given) {
      seen.add(row);
      digests.add(digestOf(row));
    }
    if (position?.kind !== 'steps')
      totals = totalsAfter(totals, page.index * size + page.skipped, taken.digests.length, total);
    if (step.kind !== 'more')
      return { end: step.kind, seen, requests, setbacks, inSteps: position?.kind === 'steps' };
    position = step.position;
  }
  return { end: 'never', seen, requests: most, setbacks, inSteps: false };
}

describe('the page that is requested', () => {
  it('has the row that is wanted, and is no longer than one may be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 100 }), (offset, pageSize) => {
        const at = { kind: 'offset', offset, rows: pageSize, fullest: pageSize } as const;
        const { index, size, skipped } = askedPage(at, pageSize, 128);
        const wanted = offset - 1;
        expect(index * (size ?? 0) + skipped).toBe(wanted);
        expect(skipped).toBeLessThan(size ?? 0);
        expect(size).toBeLessThanOrEqual(Math.max(2, pageSize));
      }),
    );
  });

  it('brings nearly as many rows as one by offset would', () => {
    const list = listOf(10_000);
    const { end, seen, requests } = walkPages({ rows: () => list, pageSize: 100, counts: true });
    expect([end, seen.size]).toEqual(['end', 10_000]);
    expect(requests).toBeLessThan(116);
  });
});

describe('a list whose vendor counts pages', () => {
  const sizes = fc.integer({ min: 6, max: 30 });

  it('is walked to its last row', () => {
    fc.assert(
      fc.property(fc.nat(200), sizes, fc.boolean(), (count, pageSize, counts) => {
        const list = listOf(count);
        const { end, seen, setbacks } = walkPages({ rows: () => list, pageSize, counts });
        expect([end, seen.size, setbacks]).toEqual(['end', count, 0]);
      }),
    );
  });

  it('is walked to its last row, too, where it gives fewer rows than are requested', () => {
    fc.assert(
      fc.property(fc.nat(120), sizes, fc.integer({ min: 6, max: 20 }), (count, pageSize, cap) => {
        const list = listOf(count);
        const { end, seen } = walkPages({ rows: () => list, pageSize, cap });
        expect([end, seen.size]).toEqual(['end', count]);
      }),
    );
  });

  it('is walked to its last row, and without overlap, where it takes no size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 31, max: 150 }),
        sizes,
        fc.integer({ min: 6, max: 30 }),
        (count, pageSize, always) => {
          const list = listOf(count);
          const { end, seen, setbacks, inSteps } = walkPages({ rows: () => list, pageSize, always });
          expect([end, seen.size, setbacks, inSteps]).toEqual(['end', count, 0, true]);
        },
      ),
    );
  });

  it('keeps every row that stays, whatever comes and goes between its pages', () => {
    const moves = fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 15 });
    fc.assert(
      fc.property(
        fc.integer({ min: 31, max: 90 }),
        sizes,
        moves,
        fc.boolean(),
        (count, pageSize, motions, counts) => {
          const before = listOf(count);
          let list: readonly string[] = before;
          const rows = (request: number): readonly string[] => {
            const motion = motions[request - 2];
            if (motion === undefined) return list;
            const [comes, place] = motion;
            list = comes ? list.toSpliced(place, 0, `new-${String(request)}`) : list.toSpliced(place, 1);
            return list;
          };
          const { end, seen, inSteps } = walkPages({ rows, pageSize, counts });
          // The last row alone comes again where one is inserted before each of three requests.
          expect([['end', 'looping'].includes(end), inSteps]).toEqual([true, false]);
          for (const row of before) if (end === 'end' && list.includes(row)) expect(seen).toContain(row);
        },
      ),
    );
  });

  it('is noticed where the vendor gives its first page for every number', () => {
    const list = listOf(50);
    const walk = walkPages({ rows: () => list.slice(0, 10).concat(list), pageSize: 10 });
    expect(walk.end).not.toBe('never');
    for (const pageSize of [10, 20, 100]) {
      // Its pages have the size that is requested, and the same rows.
      const first = (request: number): readonly string[] =>
        request === 1 ? list : Array.from({ length: 40 }, () => list.slice(0, pageSize)).flat();
      expect(walkPages({ rows: first, pageSize }).end).not.toBe('never');
    }
  });

  it('is noticed where the vendor gives its first rows for every number, as many as are requested', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 200 }), fc.integer({ min: 2, max: 30 }), (count, pageSize) => {
        const list = listOf(count);
        const { end } = walkPages({ rows: () => list, pageSize, stuck: true }, 60);
        expect(end).not.toBe('never');
      }),
    );
  });
});
