import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { bob } from '../../../lib/connectors/bob/bob.ts';
import {
  fingerprintAfter,
  requestFingerprintOf,
  mixedFingerprints,
} from '../../../lib/sync/request-fingerprint.ts';
import { definitionHash } from '../../../lib/sync/definition-hash.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { streamNamed } from '../../support/streams.ts';

describe('what a page is asked with', () => {
  const users = streamNamed('mobaro/users');
  const url = 'https://app.mobaro.com/api/customers';
  const requestFingerprint = requestFingerprintOf(users, 'version-1', url);

  it.each([
    ['version of the secret', requestFingerprintOf(users, 'version-2', url)],
    ['stream', requestFingerprintOf(streamNamed('mobaro/webhooks'), 'version-1', url)],
    [
      'size of a page',
      requestFingerprintOf(streamNamed('mobaro/users', { settings: { pageSize: 7 } }), 'version-1', url),
    ],
    ['host', requestFingerprintOf(users, 'version-1', 'https://test.mobaro.com/api/customers')],
    ['path', requestFingerprintOf(users, 'version-1', 'https://app.mobaro.com/api/other')],
    ['protocol', requestFingerprintOf(users, 'version-1', 'http://app.mobaro.com/api/customers')],
  ])('is something else with another %s', (_, other) => {
    expect(other).not.toBe(requestFingerprint);
  });

  it('is the same with another port: a server on this machine has another one each time', () => {
    const [first, second] = [40_001, 40_002].map((port) =>
      requestFingerprintOf(users, 'version-1', `http://127.0.0.1:${port}`),
    );
    expect(first).toBe(second);
  });

  it('is another one since the parts of an id are escaped, for streams whose ids have more than one', () => {
    const before = (stream: Stream, ...more: readonly string[]): string =>
      createHash('sha256')
        .update(
          JSON.stringify([
            definitionHash(stream),
            'version-1',
            'https:',
            'app.mobaro.com',
            '/api/customers',
            ...more,
          ]),
        )
        .digest('base64url')
        .slice(0, 16);
    expect(before(users)).toBe(requestFingerprint);
    const employment = streamNamed('bob/employment', { connector: bob });
    expect(requestFingerprintOf(employment, 'version-1', url)).toBe(before(employment, 'escaped ids'));
  });

  it('is short, and the same each time', () => {
    expect(requestFingerprint).toMatch(/^[\w-]{16}$/);
    expect(requestFingerprintOf(users, 'version-1', url)).toBe(requestFingerprint);
  });

  it('is mixed as soon as two pages differ', () => {
    expect(fingerprintAfter(null, 'a')).toBe('a');
    expect(fingerprintAfter('a', 'a')).toBe('a');
    expect(fingerprintAfter('a', 'b')).toBe(mixedFingerprints);
    expect(fingerprintAfter(mixedFingerprints, 'a')).toBe(mixedFingerprints);
    expect(mixedFingerprints).toBe('mixed');
  });
});
