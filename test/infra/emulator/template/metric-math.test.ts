import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  evaluateExpression,
  metricsIn,
  parseExpression,
} from '../../../../infra/emulator/template/metric-math.ts';

function value(text: string, values: Record<string, number | null> = {}): number | null {
  return evaluateExpression(parseExpression(text), new Map(Object.entries(values)));
}

describe('metric math', () => {
  it.each<[string, Record<string, number | null>, number | null]>([
    ['1+2*3', {}, 7],
    ['(1+2)*3', {}, 9],
    ['8-4-2', {}, 2],
    ['8/4/2', {}, 1],
    ['m1 - 2*FLOOR(m1/2)', { m1: 5 }, 1],
    ['m1+m2', { m1: 1, m2: null }, null],
    ['FILL(m1,0)+FILL(m2,7)', { m1: 1, m2: null }, 8],
    ['MAX([m1,m2])', { m1: 1, m2: 2 }, 2],
    ['MAX([m1,m2])', { m1: null, m2: 0 }, 0],
    ['MAX([m1,m2])', { m1: null, m2: null }, null],
  ])('%s with %j is %j', (text, values, result) => {
    expect(value(text, values)).toBe(result);
  });

  it('binds as arithmetic does, from left to right', () => {
    const operand = fc.integer({ min: 1, max: 9 });
    const sign = fc.constantFrom('+', '-', '*', '/');
    fc.assert(
      fc.property(operand, fc.array(fc.tuple(sign, operand), { maxLength: 6 }), (first, rest) => {
        const text = String(first) + rest.map(([by, next]) => `${by}${String(next)}`).join('');
        // Products first: each sum is a list of them.
        const terms = [first];
        for (const [by, next] of rest) {
          const last = terms.at(-1) ?? 0;
          if (by === '*') terms[terms.length - 1] = last * next;
          else if (by === '/') terms[terms.length - 1] = last / next;
          else terms.push(by === '+' ? next : -next);
        }
        expect(value(text)).toBeCloseTo(
          terms.reduce((sum, term) => sum + term, 0),
          9,
        );
      }),
    );
  });

  it.each([
    'm1+',
    '(m1',
    'RATE(m1)',
    'm1>=2',
    'IF(m1,1,0)',
    'FILL(m1,REPEAT)',
    'FILL(m1)',
    'm1 m2',
    'SUM([m1,m2])',
    'MAX(m1,m2)',
    'MAX([m1,m2',
    'M1',
    '',
  ])('does not understand %j, and says so', (text) => {
    expect(() => parseExpression(text)).toThrow('is not understood');
  });

  it('names its metrics', () => {
    expect(metricsIn(parseExpression('MAX([n,share])*FLOOR(n/2)+1'))).toEqual(['n', 'share', 'n']);
  });
});
