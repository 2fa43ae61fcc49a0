import { describe, expect, it } from 'vitest';

import { BodyDecoder } from '../../../lib/http/charset.ts';

/** In pieces of so many bytes. */
function decoded(bytes: Uint8Array, contentType: string | null, piece = bytes.length, strict = true): string {
  const decoder = new BodyDecoder(contentType, strict);
  let text = '';
  for (let at = 0; at < bytes.length; at += piece) text += decoder.push(bytes.subarray(at, at + piece));
  return text + decoder.end();
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le');
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const json = (charset: string): string => `application/json; charset=${charset}`;
const name = '{"name":"Zoë Müller – 🎢"}';
const plain = '{"name":"Zoë Müller"}';

describe('the text of a body', () => {
  it.each<[string, string | null, Buffer, string]>([
    ['no type at all', null, utf8(name), name],
    ['no charset', 'application/json', utf8(name), name],
    ['an empty charset', 'application/json; charset=', utf8(name), name],
    ['utf-8', json('utf-8'), utf8(name), name],
    ['a name without its hyphen', json('UTF8'), utf8(name), name],
    ['ISO-8859-1', json('ISO-8859-1'), latin1(plain), plain],
    ['quoted', json('"iso-8859-1"'), latin1(plain), plain],
    ['in the wrong quotes', json("'iso-8859-1'"), latin1(plain), plain],
    ['utf-8 in the wrong quotes', json("'utf-8'"), utf8(name), name],
    ['with blanks around', 'application/json ; CharSet = latin1 ; a=b', latin1(plain), plain],
    ['behind another parameter', 'application/json;v=2;charset=l1', latin1(plain), plain],
    [
      'twice, the first counts',
      'application/json; charset=latin1, application/json; charset=utf-8',
      latin1(plain),
      plain,
    ],
    ['of plain text', 'text/plain; charset=us-ascii', latin1('{"a":1}'), '{"a":1}'],
    ['windows-1252', json('windows-1252'), Buffer.from([0x80, 0x92, 0xe9]), '€’é'],
    ['windows-1251', json('windows-1251'), Buffer.from([0xcf, 0xf0]), 'Пр'],
    ['ISO-8859-15', json('ISO-8859-15'), Buffer.from([0xa4]), '€'],
    ['shift_jis', json('Shift_JIS'), Buffer.from([0x93, 0xfa]), '日'],
    ['gb18030', json('gb18030'), Buffer.from([0xc4, 0xe3]), '你'],
    ['utf-16 as it is without a mark', json('utf-16'), utf16le(name), name],
    ['utf-16be', json('utf-16be'), utf16be(name), name],
    ['a mark of utf-8', null, utf8(`\ufeff${name}`), name],
    ['a mark of utf-8 against the type', json('latin1'), utf8(`\ufeff${name}`), name],
    ['a mark of utf-16le', json('utf-16'), utf16le(`\ufeff${name}`), name],
    ['a mark of utf-16be', json('utf-16'), utf16be(`\ufeff${name}`), name],
    ['a mark of utf-16be against the type', json('utf-8'), utf16be(`\ufeff${name}`), name],
    ['nothing', json('latin1'), Buffer.alloc(0), ''],
    ['one byte', json('utf-8'), utf8('1'), '1'],
    ['a mark and no more', null, utf8('\ufeff'), ''],
  ])('is what it was, however it comes in: %s', (_, type, bytes, text) => {
    for (const piece of [1, 2, 3, 5, 1000]) expect(decoded(bytes, type, piece)).toBe(text);
  });

  it('keeps two ids apart that differ in one letter', () => {
    expect(decoded(latin1('é'), json('latin1'))).not.toBe(decoded(latin1('è'), json('latin1')));
  });

  it.each<[string, string | null, Uint8Array, string]>([
    ['latin1 without saying so', 'application/json', latin1(plain), 'bytes that are not valid utf-8'],
    [
      'latin1 that says utf-8',
      json('utf-8'),
      latin1(plain),
      'bytes that are not valid utf-8, which its Content-Type names',
    ],
    ['a character that breaks off', null, utf8('é').subarray(0, 1), 'bytes that are not valid utf-8'],
    [
      'a character in more bytes than it needs',
      null,
      Buffer.from([0xc0, 0xaf, 0x20]),
      'bytes that are not valid utf-8',
    ],
    ['half of a pair in utf-8', null, Buffer.from([0xed, 0xa0, 0x80]), 'bytes that are not valid utf-8'],
    [
      'a mark of utf-8 before latin1',
      null,
      Buffer.concat([utf8('\ufeff'), latin1('é')]),
      'bytes that are not valid utf-8',
    ],
    [
      'utf-16 with a byte too few',
      json('utf-16le'),
      utf16le('ab').subarray(0, 3),
      'bytes that are not valid utf-16le, which its Content-Type names',
    ],
    [
      'half of a pair in utf-16',
      json('utf-16le'),
      Buffer.from([0x00, 0xd8, 0x61, 0x00]),
      'bytes that are not valid utf-16le, which its Content-Type names',
    ],
    [
      'half of a character in shift_jis',
      json('shift_jis'),
      Buffer.from([0x93]),
      'bytes that are not valid shift_jis, which its Content-Type names',
    ],
  ])('is none, in any pieces, where its bytes are not those of its charset: %s', (_, type, bytes, told) => {
    for (const piece of [1, 2, 3, 1000]) {
      expect(() => decoded(bytes, type, piece)).toThrow(new Error(`an answer with ${told}`));
    }
  });

  const unknown = [
    ...['utf8mb4', 'UTF_8', 'utf-7', 'x-secret-1234567890', '"two words"', 'binary', "'utf-8", 'constructor'],
    ...['utf-9', 'JSON', '__proto__', 'cp65001'],
  ];
  it.each(unknown)('is that of UTF-8 in the charset %s, which nobody knows', (charset) => {
    for (const piece of [1, 2, 3, 1000]) expect(decoded(utf8(name), json(charset), piece)).toBe(name);
  });

  it.each(unknown)(
    'is none in the charset %s where its bytes are not UTF-8, and the name is not told',
    (charset) => {
      for (const piece of [1, 3, 1000]) {
        expect(() => decoded(latin1(plain), json(charset), piece)).toThrow(
          new Error('an answer in a charset that is not known, which its Content-Type names'),
        );
      }
    },
  );

  it('is made of an error as well as can be', () => {
    expect(decoded(latin1('é!'), null, 1, false)).toBe('\ufffd!');
    expect(decoded(latin1('é!'), json('latin1'), 1, false)).toBe('é!');
    expect(decoded(utf8('é!'), json('utf-7'), 1, false)).toBe('é!');
    expect(decoded(Buffer.from([0x1f, 0x8b, 0x41]), null, 1, false)).toBe('\u001f\ufffdA');
  });
});
