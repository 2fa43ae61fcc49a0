import { createHash } from 'node:crypto';

/** Numbers that look random and are the same on every machine and in every run. */
export interface Random {
  /** An integer from 0 to below the given one. */
  below(end: number): number;
  pick<T>(choices: readonly T[]): T;
  /** True in so many of a hundred cases. */
  percent(chance: number): boolean;
  /** So many decimal digits, the first of them not zero. */
  digits(count: number): string;
}

/**
 * A generator of its own for whatever the parts name. Each row has one, so that a row stays what it is when there are
 * more or fewer rows around it.
 */
export function randomFor(...parts: readonly (string | number)[]): Random {
  let state = createHash('sha256').update(parts.join('\n')).digest().readUInt32LE(0);
  // mulberry32, a public-domain generator by Tommy Ettinger.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    pick: <T>(choices: readonly T[]): T => {
      const choice = choices[below(choices.length)];
      if (choice === undefined) throw new RangeError('nothing to pick from');
      return choice;
    },
    percent: (chance) => below(100) < chance,
    digits: (count) =>
      Array.from({ length: count }, (_, place) => (place === 0 ? 1 + below(9) : below(10))).join(''),
  };
}
