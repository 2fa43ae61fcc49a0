import { describe, expect, it } from 'vitest';

import { bob } from '../../../lib/connectors/bob/bob.ts';
import { credentialTexts } from '../../../lib/connectors/build-request.ts';
import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';
import { readError, readErrorWithin } from '../../../lib/connectors/read-error.ts';
import { streamNamed } from '../../support/streams.ts';
import { cpuMs } from '../../support/cpu-time.ts';

const { definition, connector } = streamNamed('bob/people');
const hearing = {
  definition,
  fields: ['root.id', 'work.site'],
  credentials: [],
  sentences: connector.sentences ?? [],
};
/** Of a vendor that has published nothing. */
const unheard = { ...hearing, sentences: [] };

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
    ['a code in parts', '{"key":"validations.people.not_found"}', 'validations.people.not_found'],
    [
      'bare text of a malformed filter',
      'Missing required field: obj[0].fieldId -> Missing required filter field id',
      'Missing required field: obj[…].fieldId -> Missing required filter field id',
    ],
    ['a page of HTML', '<!DOCTYPE html><html><body>Ann Example</body></html>', 'a page of HTML'],
  ])('reads %s', (_, body, expected) => {
    expect(readError(body, undefined, hearing)).toBe(expected);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['a text that says nothing', 'Ann Smith'],
    ['JSON without words', '{"name":"Ann Example","salary":100000}'],
    ['a list of texts, which may be rows', '["Ann Example"]'],
    ['a number, a null and a truth', '404'],
    ['words that are not text', '{"error":{"name":"Ann Example"},"message":7}'],
    ['only numbers', '{"message":"404"}'],
  ])('keeps nothing of %s', (_, body) => {
    expect(readError(body, 'application/json', hearing)).toBeNull();
  });

  it('trusts the content type where the body is no JSON', () => {
    expect(readError('  Not found', 'text/html; charset=utf-8', hearing)).toBe('a page of HTML');
    expect(readError('{"error":"Not found"}', 'text/html', hearing)).toBe('Not found');
  });
});

describe('the sentence of any vendor', () => {
  it.each([
    [
      'RFC 9457',
      '{"type":"https://example.com/probs/out-of-credit","title":"You do not have enough credit.","detail":"Your current balance is 30, but that costs 50.","instance":"/account/12345/msgs/abc","status":403}',
      'You do not have enough credit. Your current balance is …, but that costs ….',
    ],
    ['RFC 9457 with no title', '{"type":"about:blank","status":404,"detail":"No such user"}', 'No such user'],
    [
      'FastAPI, of a value',
      '{"detail":[{"loc":["query","limit"],"msg":"ensure this value is less than or equal to 200","type":"value_error.number.not_le","input":"Ann"}]}',
      'ensure this value is less than or equal to 200',
    ],
    ['FastAPI', '{"detail":"Not authenticated"}', 'Not authenticated'],
    [
      'Google',
      '{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/x","reason":"SERVICE_DISABLED"}]}}',
      'The caller does not have permission: SERVICE_DISABLED',
    ],
    [
      'Microsoft Graph',
      '{"error":{"code":"InvalidAuthenticationToken","message":"Access token has expired.","innerError":{"request-id":"5f0"}}}',
      'InvalidAuthenticationToken: Access token has expired.',
    ],
    [
      'GraphQL',
      '{"data":null,"errors":[{"message":"Rate limit exceeded","path":["a"]}]}',
      'Rate limit exceeded',
    ],
    [
      'a list in words',
      '{"errors":["Name is required","Email is invalid"]}',
      'Name is required: Email is invalid',
    ],
    [
      'one word for errors',
      '{"errors":"Invalid API key or access token"}',
      'Invalid API key or access token',
    ],
    [
      'ASP.NET',
      '{"Message":"Authorization has been denied for this request."}',
      'Authorization has been denied for this request.',
    ],
    [
      'ASP.NET, of a form',
      '{"title":"One or more validation errors occurred.","status":400,"errors":{"Email":["The Email field is not a valid e-mail address."]}}',
      'One or more validation errors occurred. The Email field is not a valid e-mail address.',
    ],
    [
      'JSON:API',
      '{"errors":[{"status":"422","code":"invalid","title":"Invalid Attribute","detail":"First name must contain at least two characters.","source":{"pointer":"/data/attributes/firstName"}}]}',
      'invalid: Invalid Attribute: First name must contain at least two characters.',
    ],
    [
      'OAuth',
      '{"error":"invalid_grant","error_description":"The refresh token has expired"}',
      'invalid_grant: The refresh token has expired',
    ],
    [
      'a list of errors',
      '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]',
      'INVALID_SESSION_ID: Session expired or invalid',
    ],
    ['Jira', '{"errorMessages":["Issue does not exist"],"errors":{}}', 'Issue does not exist'],
    ['Slack', '{"ok":false,"error":"token_revoked"}', 'token_revoked'],
    ['a text in JSON', '"Unauthorized"', 'Unauthorized'],
    ['JSON in a text', '{"message":"{\\"error\\":\\"invalid_scope\\"}"}', '{"error":"invalid_scope"}'],
    [
      'XML',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><RequestId>X1Y2</RequestId></Error>',
      'AccessDenied …',
    ],
    [
      'SOAP',
      '<soap:Fault><faultstring>Invalid credentials</faultstring></soap:Fault>',
      'Invalid credentials',
    ],
    ['bare text', 'upstream request timeout', 'upstream request timeout'],
    ['percent-encoded text', '{"error":"Invalid%20API%20key"}', 'Invalid API key'],
    ['entities', '{"error":"can&#39;t find the user"}', "can't find the user"],
  ])('is told: %s', (_, body, expected) => {
    expect(readError(body, undefined, unheard)).toBe(expected);
  });

  it('is told to 200 characters', () => {
    const told = readError(JSON.stringify({ message: 'invalid '.repeat(100) }), undefined, hearing);
    expect(told).toHaveLength(200);
    expect(told).toMatch(/…$/);
  });

  it('takes no time, however long and deep and strange it is', () => {
    const deep = `${'{"error":'.repeat(500)}"x"${'}'.repeat(500)}`;
    const bodies = [
      'a'.repeat(1_000_000),
      '&amp;'.repeat(200_000),
      '%25'.repeat(300_000),
      '.!'.repeat(500_000),
      deep,
    ];
    const ms = cpuMs(() => {
      for (const body of bodies) {
        readError(body, undefined, hearing);
        readError(JSON.stringify({ message: body }), undefined, hearing);
      }
    });
    expect(ms).toBeLessThan(5000);
  });
});

describe('what is published', () => {
  it.each([...(bob.sentences ?? []), ...(mobaro.sentences ?? [])])('is told as it is: %s', (sentence) => {
    const filled = sentence.replace(/\{\w+\}/g, 'Jane.Miller');
    const told = sentence.replace(/\{\w+\}/g, '…');
    const sentences = [...(bob.sentences ?? []), ...(mobaro.sentences ?? [])];
    expect(readError(JSON.stringify({ error: filled }), undefined, { ...hearing, sentences })).toBe(told);
  });

  it('has words that no other text may have', () => {
    const sentences = ['The flux of {thing} is gone'];
    const body = '{"message":"The flux of Jane is gone."}';
    expect(readError(body, undefined, { ...hearing, sentences })).toBe('The flux of … is gone');
    expect(readError(body, undefined, unheard)).toBe('The … of … is gone.');
  });

  it.each(['/work/site', 'work.site', 'Work.Site'])(
    "tells a name of the stream's own in its place: %s",
    (name) => {
      const body = JSON.stringify({ error: `Unknown field ID: ${name}` });
      expect(readError(body, undefined, hearing)).toBe(`Unknown field ID: ${name}`);
    },
  );
});

describe('a good answer with an error in it', () => {
  it.each([
    ['{"error":"Rate limit exceeded"}', 'Rate limit exceeded'],
    ['{"error":{"code":"quota_exceeded","message":"Try again later"}}', 'quota_exceeded: Try again later'],
    ['{"success":false,"message":"Invalid API key"}', 'Invalid API key'],
    ['{"Success":"false","Message":"Invalid API key"}', 'Invalid API key'],
    ['{"ok":false,"error":"invalid_auth"}', 'invalid_auth'],
    ['{"status":"error","message":"Maintenance"}', 'Maintenance'],
    ['{"errors":[{"title":"Not allowed"}]}', 'Not allowed'],
    ['{"is_success":false,"errorMessage":"Report is not ready"}', 'Report is not ready'],
    ['{"fault":{"faultstring":"Rate limit quota violation"}}', 'Rate limit quota violation'],
  ])('is told: %s', (body, expected) => {
    expect(readErrorWithin(JSON.parse(body), unheard)).toBe(expected);
  });

  it.each([
    ['{"title":"Manager","message":"Please call"}'],
    ['{"error":null,"title":"Manager"}'],
    ['{"success":true,"message":"Please call"}'],
    ['{"status":"active","message":"Please call"}'],
    ['[{"error":"Rate limit exceeded"}]'],
    ['"Unauthorized"'],
  ])('is none, and its texts may be of a row: %s', (body) => {
    expect(readErrorWithin(JSON.parse(body), unheard)).toBeNull();
  });
});

describe('credentials that a vendor echoes', () => {
  const secret = { serviceUserId: 'SERVICE-77', serviceUserToken: 'to"ken-of-invalid-request' };
  const credentials = credentialTexts(connector, secret);
  const basic = Buffer.from('SERVICE-77:to"ken-of-invalid-request').toString('base64');

  it.each([
    ['alone', '{"message":"unknown user SERVICE-77"}', 'unknown user …'],
    ['escaped', '{"error":"bad token to\\"ken-of-invalid-request."}', 'bad token ….'],
    ['as they travel', `{"error":"Basic ${basic} refused"}`, 'Basic … refused'],
    [
      'in part, in words that are known',
      '{"error":"The ken of invalid request is refused"}',
      'The … is refused',
    ],
    ['in a code', '{"key":"invalid.request"}', null],
  ])('are not repeated: %s', (_, body, expected) => {
    expect(readError(body, undefined, { ...hearing, credentials })).toBe(expected);
  });
});
