import { describe, expect, it } from 'vitest';

import { colorsFor } from '../../../infra/terminal/colors.ts';
import { clock, count, counted, oneLine, quoted, truncated, wrapped } from '../../../infra/terminal/words.ts';

describe('numbers and lines', () => {
  it('group thousands, count, tell the time and cut', () => {
    expect(count(1037)).toBe('1,037');
    expect(counted(1, 'page')).toBe('1 page');
    expect(counted(1200, 'page')).toBe('1,200 pages');
    expect(clock(65_999)).toBe('1:05');
    expect(truncated('abcdef', 4)).toBe('abc…');
    expect(truncated('abcd', 4)).toBe('abcd');
    expect(truncated('abcd', 1)).toBe('');
    expect(oneLine(' a\t\nb\u009b ')).toBe('a b');
  });
});

describe('quoted', () => {
  it.each([
    ['/tmp/x', '/tmp/x'],
    ['mobaro=http://127.0.0.1:9000/v1', 'mobaro=http://127.0.0.1:9000/v1'],
    ['my data', "'my data'"],
    ["it's", "'it'\\''s'"],
    ['~/$x', "'~/$x'"],
    // zsh takes it for the path of a command.
    ['=x', "'=x'"],
    ['', "''"],
  ])('writes %j as %s', (word, typed) => {
    expect(quoted(word)).toBe(typed);
  });
});

describe('wrapped', () => {
  it.each([
    ['', ['']],
    ['one two', ['one two']],
    ['one two three', ['one two', '  three']],
    // A word that is longer is not cut: it may be a name to copy.
    ['a-long-word-alone b', ['a-long-word-alone', '  b']],
    ['a b-that-is-longer-still', ['a', '  b-that-is-longer-still']],
  ])('breaks %j between its words', (text, lines) => {
    expect(wrapped(text, 8, '  ')).toEqual(lines);
  });
});

describe('colorsFor', () => {
  it.each([
    [true, {}, true],
    [undefined, {}, false],
    [undefined, { CI: 'true' }, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [undefined, { FORCE_COLOR: '1' }, true],
    [undefined, { FORCE_COLOR: '0' }, false],
  ])('on a terminal (%s) with %j: %s', (isTTY, variables, expected) => {
    expect(colorsFor({ isTTY }, variables).isColorSupported).toBe(expected);
  });
});
