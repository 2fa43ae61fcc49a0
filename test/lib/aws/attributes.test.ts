import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fromAttribute, fromAttributes, toAttribute, toAttributes } from '../../../lib/aws/attributes.ts';

describe('attributes', () => {
  it('give every JSON value back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        // JSON knows no -0.
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        expect(fromAttribute(toAttribute(plain))).toEqual(plain);
      }),
    );
  });

  it('leave a field named __proto__ a field', () => {
    const value = JSON.parse('{"__proto__":null}') as unknown;
    expect(JSON.stringify(fromAttribute(toAttribute(value)))).toBe('{"__proto__":null}');
  });

  it('leave out what is undefined', () => {
    expect(toAttributes({ a: 1, b: undefined, c: null })).toEqual({ a: { N: '1' }, c: { NULL: true } });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1])('refuse what is not JSON: %s', (value) => {
    expect(() => toAttribute(value)).toThrow(TypeError);
  });

  it('leave sets and binaries as they are', () => {
    const attributes = { set: { SS: ['a'] }, bytes: { B: new Uint8Array([1]) } };
    expect(fromAttributes(attributes)).toEqual(attributes);
  });
});
