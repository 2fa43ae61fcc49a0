import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  countOf,
  deepestJson,
  isObject,
  jsonText,
  NestedTooDeeplyError,
  parseJson,
  sorted,
  textOf,
} from '../../../lib/connectors/json.ts';

const odd = ['1.10', '9007199254740993', '-0', '1e400', '1E-7', '0.30000000000000004', '1.0', '12', '-3.5'];

describe('JSON as a vendor writes it', () => {
  it.each(odd)('keeps a number as it was written: %s', (digits) => {
    const text = `{"a":[${digits}],"b":{"c":${digits}}}`;
    expect(jsonText(parseJson(text))).toBe(text);
    expect(textOf(parseJson(digits))).toBe(digits);
    expect(isObject(parseJson(digits))).toBe(false);
  });

  it('keeps everything, whatever it is', () => {
    const number = fc.constantFrom(...odd);
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof({ maxDepth: 4 }, number, tie('text'), tie('list'), tie('object')),
      text: fc
        .oneof(fc.string(), fc.constantFrom('__proto__', 'toString'))
        .map((text) => JSON.stringify(text)),
      list: fc.array(tie('json') as fc.Arbitrary<string>, { maxLength: 4 }).map((all) => `[${all.join()}]`),
      object: fc
        .uniqueArray(
          fc.tuple(
            // A key that is a number would come first, whatever the order.
            fc.constantFrom('a', 'b', '__proto__', 'constructor', 'é', '/root/id'),
            tie('json') as fc.Arbitrary<string>,
          ),
          { selector: ([key]) => key },
        )
        .map((all) => `{${all.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`),
    }));
    fc.assert(
      fc.property(json as fc.Arbitrary<string>, (text) => {
        expect(jsonText(parseJson(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['12', 12],
    ['1e3', 1000],
    ['1.0', 1],
    ['9007199254740993', null],
    ['-1', null],
    ['1.5', null],
    ['"12"', null],
    ['null', null],
    ['[1]', null],
  ])('counts with whole numbers alone: %s is %s', (text, count) => {
    expect(countOf(parseJson(text))).toBe(count);
  });

  it('is refused where it is none', () => {
    expect(() => parseJson('{"a":')).toThrow(SyntaxError);
  });
});

describe('JSON that is nested deeply', () => {
  const nested = (levels: number): string => '{"b":['.repeat(levels / 2) + '1.10' + ']}'.repeat(levels / 2);

  it('is read, sorted and written down to a thousand levels', () => {
    const text = nested(deepestJson);
    expect(jsonText(sorted(parseJson(text)))).toBe(text);
  });

  it.each([deepestJson + 2, 2500, 100_000])('is none to work with at %i levels, and says so', (levels) => {
    expect(() => parseJson(nested(levels))).toThrow(NestedTooDeeplyError);
  });

  it.each(['"[[["', '"\\\\\\""', '["\\"]", "[["]', '[[],[],{}]'])(
    'counts no brackets within a text: %s',
    (part) => {
      const [open, close] = ['['.repeat(deepestJson - 2), ']'.repeat(deepestJson - 2)];
      expect(jsonText(parseJson(`${open}${part}${close}`))).toContain(jsonText(parseJson(part)));
    },
  );
});
