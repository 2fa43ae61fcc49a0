import { describe, expect, it } from 'vitest';

import { alsoNames, errorWords } from '../../../lib/connectors/error-words.ts';
import { isErrorWord, knownWords } from '../../../lib/connectors/known-words.ts';

const names = new Set(['work.site', 'sitecode', 'flux']);

describe('the known words of a text', () => {
  it.each([
    ['mail jane.miller@example.com now', 'mail … now'],
    ['user "Jane Miller" has no \'salary\'', "user … has no 'salary'"],
    ["you don't have it and can't", "you don't have it and can't"],
    ["the user's settings", "the user's settings"],
    ['employee 3322110099887766 is gone', 'employee … is gone'],
    ['call +49 170 1234567', 'call …'],
    ['HTTP 404 in 2025', 'HTTP 404 in …'],
    ['scroll parameter not found', 'scroll parameter not found'],
    ['two\n lines', 'two lines'],
    ['validations.people.not_found', 'validations.people.not_found'],
    ['validations.miller.not_found', null],
    ['project-4711 missing', '… missing'],
    ['userNotFound, APIKeyInvalid', 'userNotFound, APIKeyInvalid'],
    ['userMillerFound is invalid', '… is invalid'],
    ['locations/310 is invalid', '… is invalid'],
    ['/work/site and work.site are unknown', '/work/site and work.site are unknown'],
    ['siteCode is flux', 'siteCode is flux'],
    ['sitecode2 is flux2, invalid', '… is …, invalid'],
    ['Miller', null],
    ['… - …', null],
    ['a -> b is invalid', 'a -> … is invalid'],
    ['k X a b c d is invalid', '… a … is invalid'],
    ['invalid 🙂 value', 'invalid  value'],
    ['la clé est invalide', null],
    ['the employé Noé and useréid are invalid', 'the … and … are invalid'],
    ["O'Brien is invalid", '… is invalid'],
    ['is invalid: ((((((((value))))))))', 'is invalid: (((value)))'],
  ])('%j becomes %j', (text, expected) => {
    expect(knownWords(text, names)).toBe(expected);
  });

  it.each([
    ['status 401', 'status 401'],
    ['(404) not found', '(404) not found'],
    ['code: 599.', 'code: 599.'],
    ['code 99', 'code …'],
    ['code 600', 'code …'],
    ['code 0404', 'code …'],
    ['code 40.4', 'code …'],
    ['€450 is invalid', '… is invalid'],
    ['#450 is invalid', '… is invalid'],
    ['450% is invalid', '… is invalid'],
    ['-450 is invalid', '… is invalid'],
    ['5 200 is invalid', '… is invalid'],
    ['5 200 300 is invalid', '… is invalid'],
    ["5'200 is invalid", '… is invalid'],
    ['107 114 101 is invalid', '… is invalid'],
    ['of ４０１ in full width', 'of … in full width'],
  ])('has only numbers of HTTP, alone: %j becomes %j', (text, expected) => {
    expect(knownWords(text, names)).toBe(expected);
  });

  it.each([
    ['Grant Miller is invalid', '… is invalid'],
    ['Miller, Grant is invalid', '… is invalid'],
    ['J. Page is invalid', '… is invalid'],
    ['User Grant Page Miller is invalid', 'User … is invalid'],
    ['Grant expired', 'Grant expired'],
    ['Page not found', 'Page not found'],
    ['Invalid API Key 7c3f', 'Invalid API Key …'],
    ['User may not see it', 'User may not see it'],
  ])('takes a word beside a name for a name if it may be one: %j becomes %j', (text, expected) => {
    expect(knownWords(text, names)).toBe(expected);
  });
});

describe('a word of errors', () => {
  it.each([
    ...['keys', 'entries', 'caches', 'accesses', 'settings', 'tried', 'retried', 'retries'],
    ...[
      'expected',
      'unexpected',
      'unauthenticated',
      'permitted',
      'requiring',
      'required',
      'exceeded',
      'cancelled',
      'canceled',
    ],
  ])('is known with its ending: %s', (word) => {
    expect(isErrorWord(word)).toBe(true);
  });

  it.each([
    'millers',
    'anding',
    'charly',
    'james',
    'charles',
    'fred',
    'reed',
    'king',
    'jones',
    'hughes',
    'un',
    'ing',
    's',
    '',
  ])('is not made of an ending alone: %j', (word) => {
    expect(isErrorWord(word)).toBe(false);
  });

  it('stands in the list once, in small letters', () => {
    for (const word of [...errorWords, ...alsoNames]) expect(word).toMatch(/^[a-z0-9'-]+$/);
    expect(errorWords.size).toBeLessThan(2500);
  });

  it('is what every word is that is a name, too', () => {
    expect([...alsoNames].filter((name) => !isErrorWord(name))).toEqual([]);
  });
});
