import { describe, expect, it } from 'vitest';

import { digestOf, digestOfPage } from '../../../lib/paging/digest.ts';

describe('a digest', () => {
  it('is 11 characters, the same for the same id', () => {
    expect(digestOf('row-1')).toMatch(/^[\w-]{11}$/);
    expect(digestOf('row-1')).toBe(digestOf('row-1'));
    expect(digestOf('row-1')).not.toBe(digestOf('row-2'));
  });

  it('stays what it is from one version to the next, for runs that are open have it stored', () => {
    expect(digestOf('row-1')).toBe('D3GbHzpCik0');
  });
});

describe('the digest of a page', () => {
  it('tells pages with other rows, in another order, or cut elsewhere', () => {
    const pages = [['ab', 'c'], ['a', 'bc'], ['c', 'ab'], ['ab'], []];
    expect(new Set(pages.map(digestOfPage)).size).toBe(pages.length);
  });
});
