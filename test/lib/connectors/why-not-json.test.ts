import { describe, expect, it } from 'vitest';

import { deepestJson, parseJson } from '../../../lib/connectors/json.ts';
import { whyNotJson } from '../../../lib/connectors/why-not-json.ts';

function why(body: string, contentType?: string): string {
  try {
    parseJson(body);
  } catch (error) {
    return whyNotJson(body, contentType, error);
  }
  throw new Error('It is JSON');
}

const json = 'application/json; charset=utf-8';

describe('what a body is in place of JSON', () => {
  it.each<[string, string, string | undefined, string]>([
    ['nothing', '', json, 'an empty body instead of JSON'],
    ['blanks', ' \r\n\t', 'text/html', 'an empty body instead of JSON'],
    [
      'HTML that says JSON',
      '<!DOCTYPE html>\n<html><body>secret</body></html>',
      json,
      'a page of HTML instead of JSON',
    ],
    ['HTML behind a comment', '<!-- secret -->\n<html lang="en">', json, 'a page of HTML instead of JSON'],
    ['a piece of HTML', '<p>secret</p>', 'text/HTML', 'a page of HTML instead of JSON'],
    ['HTML without its beginning', '  <title>secret</title>', undefined, 'a page of HTML instead of JSON'],
    ['text that says HTML', 'secret', 'text/html', 'a page of HTML instead of JSON'],
    [
      'a page to log in',
      `<html><form><input name="a"><input id=p type='password'></form>`,
      json,
      'a page of HTML to log in instead of JSON',
    ],
    ['XML', '<?xml version="1.0"?><secret/>', json, 'XML instead of JSON'],
    ['XML that says HTML', '<?xml version="1.0"?><secret/>', 'text/html', 'XML instead of JSON'],
    ['SOAP', '<soap:Envelope><secret/></soap:Envelope>', 'text/xml', 'XML instead of JSON'],
    ['JSON cut in an object', '{"items":[{"id":"a"', json, 'JSON that breaks off'],
    ['JSON cut in a text', '{"items":[{"id":"a', json, 'JSON that breaks off'],
    ['JSON cut in an escape', '{"items":["a\\u00', json, 'JSON that breaks off'],
    ['JSON cut behind a comma, with a line behind it', '[1,\n', json, 'JSON that breaks off'],
    ['JSON cut in a word', '[tru', json, 'JSON that breaks off'],
    ['JSON that is the beginning', '[', 'text/html', 'JSON that breaks off'],
    ['a comma too many', '{"a":1,}', json, 'a body that begins like JSON and is none'],
    ['NaN, as Python writes it', '{"a":NaN,"b":1}', json, 'a body that begins like JSON and is none'],
    ['a name without quotes', '{items:[]}', json, 'a body that begins like JSON and is none'],
    ['a tab within a text', '{"a":"b\tc"}', json, 'a body that begins like JSON and is none'],
    ['JSON and more', '{"a":1} secret', json, 'a body that begins like JSON and is none'],
    ['a JSON text a line', '{"a":1}\n{"a":2}\n', 'application/x-ndjson', 'several JSON texts instead of one'],
    ['plain text', 'Service Unavailable', 'text/plain', 'plain text instead of JSON'],
    ['CSV', 'id,name\n1,secret', 'text/csv', 'plain text instead of JSON'],
    ['JSON behind a guard', `)]}',\n{"a":1}`, json, 'plain text instead of JSON'],
    ['JSONP', 'callback({"a":1})', json, 'plain text instead of JSON'],
    ['bytes', 'PK\u0003\u0004\0\0', 'application/zip', 'bytes that are no text instead of JSON'],
  ])('is told: %s', (_, body, type, told) => {
    expect(why(body, type)).toBe(told);
  });

  it.each([
    ['lists', '['.repeat(deepestJson + 1) + ']'.repeat(deepestJson + 1)],
    ['2,500 objects', '{"a":'.repeat(2500) + '1' + '}'.repeat(2500)],
    [
      'both, behind texts with brackets and quotes',
      `{"a":"]]\\"}}\\\\","b":${'[{"c":'.repeat(600)}1${'}]'.repeat(600)}}`,
    ],
    ['a million lists', '['.repeat(1_000_000)],
    ['a row within a page', `{"items":[{"id":"a","b":${'['.repeat(5000)}${']'.repeat(5000)}}]}`],
  ])('is JSON that is nested too deeply: %s', (_, body) => {
    expect(why(body, json)).toBe('JSON that is nested more than 1000 levels deep');
  });
});
