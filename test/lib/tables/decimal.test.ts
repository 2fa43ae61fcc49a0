import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decimalOf, scaledTo, wholeDigitsOf } from '../../../lib/tables/decimal.ts';

describe('a decimal', () => {
  it.each<[string, bigint, number]>([
    ['0', 0n, 0],
    ['-0', 0n, 0],
    ['1.10', 110n, 2],
    ['-12.5', -125n, 1],
    ['1e3', 1000n, 0],
    ['1.5E+2', 150n, 0],
    ['15e-3', 15n, 3],
    ['9007199254740993.0000000001', 90071992547409930000000001n, 10],
  ])('is exact: %s', (digits, unscaled, scale) => {
    expect(decimalOf(digits)).toEqual({ unscaled, scale });
  });

  it.each(['1e1001', '1e-2000', `1${'0'.repeat(1000)}`, '1e99999999999999999999', '', 'x', '1.', '.5', '+1'])(
    'is none: %s',
    (digits) => {
      expect(decimalOf(digits)).toBeNull();
    },
  );

  it('has the digits before its point counted, and can be given more behind it', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.nat(20),
        fc.nat(5),
        (unscaled, scale, more) => {
          const sign = unscaled < 0n ? '-' : '';
          const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
          const [whole, fraction] = [
            digits.slice(0, digits.length - scale),
            digits.slice(digits.length - scale),
          ];
          const written = `${sign}${whole}${scale === 0 ? '' : `.${fraction}`}`;
          const decimal = decimalOf(written)!;
          expect(decimal).toEqual({ unscaled, scale });
          expect(scaledTo(decimal, scale + more)).toBe(unscaled * 10n ** BigInt(more));
          expect(wholeDigitsOf(decimal)).toBe(
            BigInt(whole) === 0n
              ? Math.max(0, String(unscaled).replace('-', '').length - scale)
              : whole.length,
          );
        },
      ),
    );
  });
});
