import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { credentialTexts } from '../../../lib/connectors/build-request.ts';
import { secretFields, type Connector } from '../../../lib/connectors/connector.ts';
import { errorWords } from '../../../lib/connectors/error-words.ts';
import { readError, readErrorWithin } from '../../../lib/connectors/read-error.ts';
import { signInVendors } from '../../acceptance/sign-in-vendors.ts';
import { streamNamed } from '../../support/streams.ts';

const { definition } = streamNamed('bob/people');
const bob = streamNamed('bob/people').connector;
const mobaro = streamNamed('mobaro/users').connector;

const each = (write: (character: string) => string) => (text: string) => Array.from(text).map(write).join('');
const hexOf = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, '0');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** How a vendor, or what stands before it, may write a text that it repeats. */
const writings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'capital letters': (text) => text.toUpperCase(),
  'small letters': (text) => text.toLowerCase(),
  'JSON with / escaped': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'JSON in unicode': each((character) => `\\u00${hexOf(character)}`),
  'JavaScript in hex': each((character) => `\\x${hexOf(character)}`),
  percent: encodeURIComponent,
  'percent, every character': each((character) => `%${hexOf(character)}`),
  'percent, twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'a form': (text) => new URLSearchParams([['', text]]).toString().slice(1),
  'HTML by name': (text) =>
    text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll("'", '&apos;'),
  'HTML in decimal': each((character) => `&#${character.charCodeAt(0)};`),
  'HTML in hex': each((character) => `&#x${hexOf(character)};`),
  'HTML without semicolons': each((character) => `&#${character.charCodeAt(0)} `),
  hex: each(hexOf),
  'hex in pairs': each((character) => `${hexOf(character)} `),
  'bytes in decimal': each((character) => `${character.charCodeAt(0)} `),
  'bytes in a list': (text) => JSON.stringify([...Buffer.from(text)]),
  base64,
  'base64 without padding': (text) => base64(text).replaceAll('=', ''),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'Basic of it': (text) => `Basic ${base64(`${text}:`).replaceAll('=', '')}`,
  quoted: (text) => `"${text}"`,
  'spaces between': each((character) => `${character} `),
  'invisible signs between': each((character) => `${character}\u200b`),
  'full width': each((character) =>
    character > ' ' && character <= '~' ? String.fromCharCode(character.charCodeAt(0) + 0xfee0) : character,
  ),
  'dashes for signs': (text) => text.replace(/[^A-Za-z0-9]/g, '-'),
  'words for signs': (text) => text.replace(/[^A-Za-z0-9]+/g, ' '),
  'in a URL': (text) => `https://api.example.com/v1?api_key=${encodeURIComponent(text)}`,
  'in a header': (text) => `X-Api-Key: ${text}`,
};

const envelopes: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify({ error: text }),
  (text) => JSON.stringify({ key: text, message: text }),
  (text) => JSON.stringify({ errors: [{ title: 'Invalid', detail: `The key ${text} is invalid` }] }),
  (text) => JSON.stringify({ detail: [{ msg: text }] }),
  (text) => `{"message":"${text.replace(/["\\]/g, '\\$&')}"}`,
  (text) => `Invalid API key ${text}`,
  (text) => `<error><message>${text}</message></error>`,
];

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
});
/** Drawn by machines, and made up by people, of the very words that errors have. */
const credential = fc
  .oneof(
    { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9+/]{16,44}={0,2}$/) },
    { weight: 1, arbitrary: printable },
    { weight: 1, arbitrary: fc.uuid() },
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          fc.array(fc.constantFrom(...errorWords), { minLength: 1, maxLength: 5 }),
          fc.constantFrom('', '-', '_', ' ', '.', '/'),
        )
        .map(([words, between]) => words.join(between)),
    },
  )
  .map((text) => text.trim())
  .filter((text) => text.length >= 8);

/** The longest run that `told` and `secret` share, as they are and by their letters and digits alone. */
function sharesRun(told: string, secret: string): boolean {
  return [(text: string) => text, (text: string) => text.replace(/[^a-z0-9]/g, '')].some((view) => {
    const [text, credential] = [view(told.toLowerCase()), view(secret.toLowerCase())];
    return Array.from({ length: Math.max(0, credential.length - 7) }, (_, at) =>
      credential.slice(at, at + 8),
    ).some((run) => text.includes(run));
  });
}

interface Case {
  readonly connector: Connector;
  readonly secret: Readonly<Record<string, string>>;
}

const cases = fc.oneof(
  credential.map((apiKey): Case => ({ connector: mobaro, secret: { apiKey } })),
  fc.tuple(credential, credential, credential).map(([serviceUserId, serviceUserToken, maskKey]): Case => ({
    connector: bob,
    secret: { serviceUserId, serviceUserToken, maskKey },
  })),
  fc.tuple(credential, fc.constantFrom(...signInVendors)).map(([text, connector]): Case => ({
    connector,
    secret: Object.fromEntries(secretFields(connector).map((field) => [field, text])),
  })),
);

describe('a credential that a vendor repeats', () => {
  it.each(Object.entries(writings))('does not pass, nor a part of it: %s', (_, write) => {
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom(...envelopes),
        fc.nat(),
        fc.nat(),
        ({ connector, secret }, wrap, from, length) => {
          const credentials = credentialTexts(connector, secret);
          for (const text of credentials) {
            const start = from % text.length;
            const part = text.slice(start, start + 8 + (length % text.length));
            for (const cut of [text, text.slice(0, 12), part]) {
              const told =
                readError(wrap(write(cut)), undefined, { definition, fields: null, credentials }) ?? '';
              // A code or a prefix of our own stands before it in the reason; what is looked for is longer.
              for (const credential of credentials) expect(sharesRun(told, credential)).toBe(false);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not pass with a good status either', () => {
    const credentials = credentialTexts(mobaro, { apiKey: 'invalid-request-token' });
    const told = readErrorWithin(
      { success: false, message: 'The Invalid_Request token is unknown' },
      { definition, fields: null, credentials },
    );
    expect(told).toBe('The … is unknown');
  });

  it('does not pass whole where it is short, and leaves other words alone', () => {
    const hearing = { definition, fields: null, credentials: ['user', 'id'] };
    expect(readError('{"error":"The user id is invalid"}', undefined, hearing)).toBe('The … id is invalid');
  });
});
