import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { StreamDefinition } from '../../../lib/connectors/connector.ts';
import { nothingRedacted, type Privacy } from '../../../lib/connectors/privacy.ts';
import { readPage } from '../../../lib/connectors/read-page.ts';
import { rowFlaws } from '../../../lib/connectors/row-flaws.ts';
import { rowVendor } from '../../acceptance/row-vendor.ts';
import { madeUp } from '../../support/made-up-vendor.ts';

const readings: StreamDefinition = {
  about: 'a reading',
  method: 'GET',
  path: '/readings',
  items: { path: [] },
  id: 'hash',
  volatile: [['age'], ['link', 'signed']],
  paging: { kind: 'none' },
  grade: 'vendor',
};

function idsOf(rows: readonly unknown[], privacy: Privacy = nothingRedacted): readonly string[] {
  const page = readPage(readings, rows, { privacy, fields: null });
  if (page.kind !== 'page') throw new Error(page.reason);
  return page.rows.map(({ id }) => id);
}

describe('the id of a row that has none', () => {
  it('is a hash that a URL takes as it is, over the row with its keys in order', () => {
    // printf '{"a":1,"b":{"c":2,"d":3}}' | sha256sum, as base64url
    const id = 'kyh1q1sj60e7JxH5Udhboj7vS1DD4utrXz-bmsEhfGs';
    const ids = idsOf([{ b: { d: 3, c: 2 }, a: 1 }]);
    expect(ids).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    expect(ids).toEqual([id]);
  });

  it('stays in any order of keys, and whatever changes by itself', () => {
    const [first] = idsOf([{ at: '1', value: 1.5, age: 1, link: { to: 'x', signed: 'a' } }]);
    const [second] = idsOf([{ link: { signed: 'b', to: 'x' }, age: 2, value: 1.5, at: '1' }]);
    expect(second).toBe(first);
  });

  it('is another one where anything else is, and the same for equal rows', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [first, second] = idsOf([{ value: one }, { value: other }]);
        expect(first === second).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      }),
    );
  });

  it('tells nothing of what is not kept', () => {
    const privacy: Privacy = { ...nothingRedacted, omit: ['name'] };
    const [first, second] = idsOf(
      [
        { at: 1, name: 'Testa' },
        { at: 1, name: 'Other' },
      ],
      privacy,
    );
    expect(first).toBe(second);
  });

  it('tells numbers apart that a double cannot', () => {
    const bodies = ['9007199254740993', '9007199254740992'].map((value) => ({ value: JSON.rawJSON(value) }));
    expect(new Set(idsOf(bodies)).size).toBe(2);
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // Told from a list.
  return { entries: entries.map(([key, inner]) => [key, sorted(inner)]) };
}

describe('rows that contradict the rest of a definition', () => {
  const flawsOf = (change: Partial<StreamDefinition>): string =>
    rowFlaws({ ...madeUp, streams: { ...madeUp.streams, readings: { ...readings, ...change } } }).join('\n');
  const pageSize = { default: 1, max: 1 };
  const lines = { path: [], lines: true } as const;

  it.each<[string, Partial<StreamDefinition>, RegExp]>([
    [
      'a hash in batches',
      { batches: { list: {}, body: {}, size: 1, over: 1 } },
      /made-up, stream readings, batches: .* name an id/,
    ],
    [
      'a hash beside a total',
      { paging: { kind: 'offset', limit: 'l', offset: 'o', total: ['n'], pageSize } },
      /paging\.total counts equal rows each/,
    ],
    [
      'a hash beside a total of pages that are counted',
      { paging: { kind: 'page', page: 'p', first: 1, total: ['n'] } },
      /paging\.total counts equal rows each/,
    ],
    ['lines below a path', { items: { ...lines, path: ['rows'] } }, /items\.path: .* give \[\]/],
    ['lines in another place', { items: { ...lines, or: [['x']] } }, /items\.or: .* leave it out/],
    ['lines by key', { items: { ...lines, keyed: 'id' } }, /items\.keyed: .* leave it out/],
  ])('%s get a sentence', (_, change, sentence) => {
    expect(flawsOf(change)).toMatch(sentence);
  });

  it('a hash that is to be a parent gets one, at the stream that asks for it', () => {
    const child = { ...readings, id: [[['id']]], parents: { stream: 'readings' } } as const;
    expect(rowFlaws({ ...madeUp, streams: { readings, child } })).toEqual([
      expect.stringContaining('stream child, parents.stream: the id of readings is a hash'),
    ]);
  });

  it('others get none', () => {
    expect(rowFlaws(madeUp)).toEqual([]);
    expect(rowFlaws(rowVendor)).toEqual([]);
  });
});
