import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { alsoNames } from '../../../lib/connectors/error-words.ts';
import { readError } from '../../../lib/connectors/read-error.ts';
import { streamNamed } from '../../support/streams.ts';

const { definition } = streamNamed('mobaro/users');
const hearing = { definition, fields: ['root.id', 'work.site'], credentials: [] };

const lists = readFileSync(path.resolve('test/support/person-names.txt'), 'utf8').split('\n').slice(1, -1);

function namesOf(kind: 'first' | 'last'): readonly (readonly string[])[] {
  return lists
    .filter((line) => line.includes(` ${kind}: `))
    .map((line) => line.replace(/^.*?: /, '').split('|'));
}

const first = namesOf('first');
const last = namesOf('last');

/** mulberry32: the same persons each time. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Draw = (count: number) => number;

const hexDigits = '0123456789abcdef';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const alphabet = `${letters}${letters.toLowerCase()}0123456789-_`;

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

const many = (count: number, one: () => string): string => Array.from({ length: count }, one).join('');

/** What nobody but the person and the company is to know. */
function factOf(draw: Draw, given: string, family: string): string {
  const digit = (): string => String(draw(10));
  const digits = (count: number): string => many(count, digit);
  const hex = (count: number): string => many(count, () => hexDigits[draw(16)]!);
  const capital = (): string => letters[draw(26)]!;
  const token = (): string => many(16 + draw(30), () => alphabet[draw(64)]!);
  const [day, month, year] = [1 + draw(28), 1 + draw(12), 1940 + draw(70)];
  const two = (number: number): string => String(number).padStart(2, '0');
  const mail = `${given}.${family}`.toLowerCase().replaceAll(' ', '');
  const facts: readonly (() => string)[] = [
    // Salaries.
    () => String(1000 + draw(9000)),
    () => `${1 + draw(99)},${digits(3)}.${digits(2)}`,
    () => `${1 + draw(99)}.${digits(3)},${digits(2)}`,
    () => `${1 + draw(9)} ${digits(3)}`,
    () => `€${1 + draw(9)}'${digits(3)}`,
    () => `$${100 + draw(500)}`,
    // Dates of birth.
    () => `${year}-${two(month)}-${two(day)}`,
    () => `${two(day)}.${two(month)}.${year}`,
    () => `${month}/${day}/${year}`,
    () => `${day} ${months[month - 1]!} ${year}`,
    () => `${year}${two(month)}${two(day)}`,
    // Numbers of persons: of the United States, Britain, Denmark, Germany, Italy.
    () => `${digits(3)}-${digits(2)}-${digits(4)}`,
    () => `${capital()}${capital()} ${digits(2)} ${digits(2)} ${digits(2)} ${capital()}`,
    () => `${two(day)}${two(month)}${digits(2)}-${digits(4)}`,
    () => digits(11),
    () => `${many(6, capital)}${digits(2)}${capital()}${digits(2)}${capital()}${digits(3)}${capital()}`,
    // Accounts and cards.
    () => `DE${digits(2)} ${digits(4)} ${digits(4)} ${digits(4)} ${digits(4)} ${digits(2)}`,
    () => `GB${digits(2)}${many(4, capital)}${digits(14)}`,
    () => `${digits(4)} ${digits(4)} ${digits(4)} ${digits(4)}`,
    // Telephones.
    () => `+49 ${digits(3)} ${digits(3)} ${digits(4)}`,
    () => `(${digits(3)}) ${digits(3)}-${digits(4)}`,
    () => `+45${digits(8)}`,
    () => `0${digits(2)} ${digits(3)} ${digits(3)}`,
    // Addresses.
    () => `${mail}@example.com`,
    () => `${mail}＠example.com`,
    () => `<${mail}@mail.user.com>`,
    () => `${mail}%40example.com`,
    () => `${mail}&#64;example.com`,
    () => `${family}straße ${1 + draw(99)}, ${digits(5)} ${family}`,
    () => `${1 + draw(99)} ${family} Street, ${digits(5)}`,
    () => `rue ${family} ${1 + draw(99)}`,
    // What opens doors, and names things.
    () => token(),
    () => hex(32),
    () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    () => `sk_live_${token()}`,
    () => `eyJ${token()}.eyJ${token()}.${token()}`,
    () => `users/${digits(6)}-A`,
  ];
  return facts[draw(facts.length)]!();
}

const quotes = [
  ['', ''],
  ['"', '"'],
  ["'", "'"],
  ['„', '“'],
  ['«', '»'],
  ['‘', '’'],
  ['(', ')'],
  ['[', ']'],
] as const;

const frames: readonly ((text: string) => string)[] = [
  (text) => `The employee ${text} was not found`,
  (text) => `Invalid value ${text} for the field`,
  (text) => `${text} is not allowed`,
  (text) => `You cannot update ${text}: permission denied for ${text}.`,
  (text) => `Duplicate entry ${text}; request failed`,
];

const frameWords = new Set(
  frames
    .flatMap(
      (frame) =>
        frame('')
          .toLowerCase()
          .match(/[a-z]+/g) ?? [],
    )
    .concat('error', 'key', 'people'),
);

const bodies: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify({ error: text }),
  (text) => JSON.stringify({ errors: { somebody: [text] } }),
  (text) => JSON.stringify({ error: { code: 'error', message: text, args: [text] } }),
  (text) => text,
  (text) => JSON.stringify({ key: `people.${text.replaceAll(' ', '_')}`, error: text }),
];

describe('100,000 made-up persons and secrets', () => {
  it('do not pass, but for names that are error words, too, and numbers of HTTP', () => {
    const chance = chanceOf(11);
    const draw: Draw = (count) => Math.floor(chance() * count);
    const pick = <T>(list: readonly T[]): T => list[draw(list.length)]!;
    const passed = new Set<string>();
    for (let person = 0; person < 100_000; person++) {
      const language = draw(first.length);
      const [given, family] = [pick(first[language]!), pick(last[language]!)];
      const writing = draw(7);
      const written = (name: string): string =>
        writing === 5 ? name.toUpperCase() : writing === 6 ? name.toLowerCase() : name;
      const whole = [
        `${given} ${family}`,
        given,
        family,
        `${family}, ${given}`,
        `${given.charAt(0)}. ${family}`,
        `${given}-${family}`,
      ];
      const told = draw(2) === 0 ? written(pick(whole)) : factOf(draw, given, family);
      const [open, close] = pick(quotes);
      const other = draw(3) === 0 ? ` ${factOf(draw, given, family)}` : '';
      const reason =
        readError(pick(bodies)(pick(frames)(`${open}${told}${close}${other}`)), undefined, hearing) ?? '';
      for (const [word] of reason.matchAll(/[\p{L}\p{N}]+/gu)) {
        const small = word.toLowerCase();
        // A single letter says nothing of anybody.
        if (small.length === 1 || frameWords.has(small)) continue;
        if (/^\d+$/.test(word))
          expect(Number(word)).toSatisfy((number: number) => number >= 100 && number <= 599);
        else passed.add(small);
      }
    }
    expect([...passed].filter((word) => !alsoNames.has(word))).toEqual([]);
    // Else nothing would have been tried.
    expect(passed.has('page')).toBe(true);
    expect(passed.size).toBeGreaterThan(50);
  });
});
