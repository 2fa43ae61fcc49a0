import { describe, expect, it } from 'vitest';

import { printable, printableText } from '../../../infra/terminal/printable.ts';
import { oneLine } from '../../../infra/terminal/words.ts';

const acting = [
  ['an escape sequence that clears the screen', '\u001b[2J'],
  ['a colour', '\u001b[31m'],
  ['the title of the window', '\u001b]0;title\u0007'],
  ['the clipboard', '\u001b]52;c;QQ==\u001b\\'],
  ['a link', '\u001b]8;;https://evil.example\u001b\\'],
  ['the same in C1', '\u009b2J'],
  ['a device control string in C1', '\u0090q\u009c'],
  ['NUL', '\u0000'],
  ['a backspace', 'a\u0008b'],
  ['a form feed', '\u000c'],
  ['a carriage return alone', 'good\rbad'],
  ['a shift out', '\u000e'],
  ['DEL', '\u007f'],
  ['an embedding from right to left', '\u202b'],
  ['an override from right to left', '\u202e'],
  ['the end of one', '\u202c'],
  ['an isolate', '\u2066'],
  ['the end of one', '\u2069'],
  ['a mark from left to right', '\u200e'],
  ['a mark from right to left', '\u200f'],
  ['an Arabic letter mark', '\u061c'],
  ['a zero-width space', '\u200b'],
  ['a zero-width joiner', '\u200d'],
  ['a word joiner', '\u2060'],
  ['a byte order mark', '\ufeff'],
  ['a soft hyphen', '\u00ad'],
  ['a line separator', '\u2028'],
  ['a paragraph separator', '\u2029'],
  ['a Hangul filler', '\u3164'],
  ['a tag', '\u{e0041}'],
  ['half a character', '\ud800'],
] as const;

describe('words from outside', () => {
  it.each(acting)('reach no terminal as they are: %s', (_, text) => {
    for (const shown of [
      printable(`Ada ${text} x`),
      oneLine(`Ada ${text} x`),
      printableText(`Ada ${text} x`, false),
    ]) {
      for (const character of text) {
        if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(character) && !/\p{Default_Ignorable_Code_Point}/u.test(character))
          continue;
        expect(shown).not.toContain(character);
      }
      expect(shown).toMatch(/^Ada .* x$/);
    }
  });

  it.each(acting)('mean the same in JSON: %s', (_, text) => {
    const json = `{"name":${JSON.stringify(`Ada ${text}`)}}\n`;
    const shown = printableText(json, true);
    expect(JSON.parse(shown)).toEqual({ name: `Ada ${text}` });
    expect(shown).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });

  it('are otherwise as they were', () => {
    const names = 'Zoë Ångström, 漢字, Ελλάς, עברית, العربية, ❤️ 🎢, a\u0301, ~/$x';
    expect(printable(names)).toBe(names);
    expect(printableText(`${names}\n\t${names}\r\n`, false)).toBe(`${names}\n\t${names}\r\n`);
  });

  it('are written as JSON writes them', () => {
    expect(printable('a\u202eb\u001b[0m\u{e0041}')).toBe('a\\u202eb\\u001b[0m\\udb40\\udc41');
  });
});

describe('a whole text', () => {
  it('keeps our own colours where it has any, and nothing else of that kind', () => {
    const text = '\u001b[31mred\u001b[39m \u001b[2J\u001b[?25l\n';
    expect(printableText(text, true)).toBe('\u001b[31mred\u001b[39m \\u001b[2J\\u001b[?25l\n');
    expect(printableText(text, false)).toBe('\\u001b[31mred\\u001b[39m \\u001b[2J\\u001b[?25l\n');
  });
});
