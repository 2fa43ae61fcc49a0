/** A number as it was written: `unscaled` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly unscaled: bigint;
  /** Digits behind the point, 0 or more. */
  readonly scale: number;
}

/** More digits than any table can hold are no number to count with: an exponent may ask for a billion of them. */
const maxDigits = 1000;

/** @param digits a number of JSON @returns null where it has too many digits */
export function decimalOf(digits: string): Decimal | null {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(digits) ?? [];
  if (whole === '') return null;
  const shift = Number(exponent);
  const scale = fraction.length - shift;
  if (digits.length > maxDigits || Math.abs(scale) > maxDigits) return null;
  const unscaled = BigInt(`${sign}${whole}${fraction}`);
  return scale < 0 ? { unscaled: unscaled * 10n ** BigInt(-scale), scale: 0 } : { unscaled, scale };
}

/** The same number with so many digits behind the point, which may only be more. */
export function scaledTo({ unscaled, scale }: Decimal, to: number): bigint {
  return unscaled * 10n ** BigInt(to - scale);
}

/** Digits before the point, without leading zeros. */
export function wholeDigitsOf({ unscaled, scale }: Decimal): number {
  const digits = String(unscaled).replace('-', '').length;
  return Math.max(0, digits - scale);
}
