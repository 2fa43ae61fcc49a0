import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { credentialTexts } from '../../../lib/connectors/build-request.ts';
import { readError, scrub } from '../../../lib/connectors/read-error.ts';
import { streamNamed } from '../../support/streams.ts';

describe("a vendor's error body in a few safe words", () => {
  it.each([
    [
      'key and error that say the same, args dropped',
      '{"key":"Unknown field ID: /work/site","error":"Unknown field ID: /work/site","args":["Ann Example"]}',
      'Unknown field ID: /work/site',
    ],
    [
      "the newer modules'",
      '{"error":"BAD_REQUEST","message":"Invalid input provided","statusCode":400,"timestamp":"2025-01-01T12:00:00Z"}',
      'BAD_REQUEST: Invalid input provided',
    ],
    [
      'a module not bought',
      '{"key":"exception.attendance.project.notfound","error":"project not found","args":["232323232"]}',
      'exception.attendance.project.notfound: project not found',
    ],
    [
      'errorMessage',
      '{"errorMessage":"No permissions to position budget"}',
      'No permissions to position budget',
    ],
    [
      'errors by field',
      '{"errors":{"root.email":{"error":"MISSING_MANDATORY_FIELD","message":"is needed"}}}',
      'MISSING_MANDATORY_FIELD: is needed',
    ],
    ['an error beside errors', '{"error":"validation","errors":{"country":"x"}}', 'validation'],
    [
      'bare text of a malformed filter',
      'Missing required field: obj[0].fieldId -> Missing required filter field id',
      'Missing required field: obj[0].fieldId -> Missing required filter field id',
    ],
    ['a page of HTML', '<!DOCTYPE html><html><body>Ann Example</body></html>', 'a page of HTML'],
  ])('reads %s', (_, body, expected) => {
    expect(readError(body, undefined, [])).toBe(expected);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['text that might be anything', 'Ann Example earns too much'],
    ['JSON without words', '{"name":"Ann Example","salary":100000}'],
    ['a list', '["Ann Example"]'],
    ['words that are not text', '{"error":{"name":"Ann Example"},"message":7}'],
  ])('keeps nothing of %s', (_, body) => {
    expect(readError(body, 'application/json', [])).toBeNull();
  });

  it('trusts the content type where the body starts with something else', () => {
    expect(readError('  Not found', 'text/html; charset=utf-8', [])).toBe('a page of HTML');
  });
});

describe('credentials that a vendor echoes', () => {
  const { connector } = streamNamed('bob/people');
  const secret = { serviceUserId: 'SERVICE-77', serviceUserToken: 'to"ken' };
  const basic = Buffer.from('SERVICE-77:to"ken').toString('base64');

  it.each([
    ['alone', '{"message":"unknown user SERVICE-77"}', 'unknown user [secret]'],
    ['escaped', '{"error":"bad token to\\"ken."}', 'bad token [secret].'],
    ['as they travel', `{"error":"Basic ${basic} refused"}`, 'Basic [secret] refused'],
  ])('are not repeated: %s', (_, body, expected) => {
    expect(readError(body, undefined, credentialTexts(connector, secret))).toBe(expected);
  });
});

describe('scrubbing', () => {
  it.each([
    ['mail ann.example@example.com now', 'mail [e-mail] now'],
    ['user "Ann Example" has no \'salary\'', 'user [quoted] has no [quoted]'],
    ["you don't have it and can't", "you don't have it and can't"],
    ['employee 3322110099887766 is gone', 'employee [digits] is gone'],
    ['call +49 170 1234567', 'call +[digits]'],
    ['HTTP 404 in 2025', 'HTTP 404 in 2025'],
    ['two\n lines', 'two lines'],
  ])('%j becomes %j', (text, expected) => {
    expect(scrub(text)).toBe(expected);
  });

  it('takes no time for a long word, which may come before a halt', () => {
    const started = performance.now();
    expect(scrub('a'.repeat(1_000_000)).length).toBe(200);
    // Unbounded, it took minutes.
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('lets no address, no long number and no more than 200 characters through', () => {
    fc.assert(
      fc.property(fc.string(), fc.emailAddress(), fc.bigInt({ min: 100_000n }), (text, address, number) => {
        const scrubbed = scrub(`${text} ${address} ${number}`);
        expect(scrubbed.length).toBeLessThanOrEqual(200);
        expect(scrubbed).not.toContain(address);
        expect(scrubbed).not.toMatch(/\d{6}/);
      }),
    );
  });
});
