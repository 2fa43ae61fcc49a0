import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { bob } from '../../../lib/connectors/bob.ts';
import { basisAfter, basisOf, mixedBasis } from '../../../lib/sync/basis.ts';
import { definitionHash } from '../../../lib/sync/definition-hash.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { streamNamed } from '../../support/streams.ts';

describe('what a page is asked with', () => {
  const users = streamNamed('mobaro/users');
  const url = 'https://app.mobaro.com/api/customers';
  const basis = basisOf(users, 'version-1', url);

  it.each([
    ['version of the secret', basisOf(users, 'version-2', url)],
    ['stream', basisOf(streamNamed('mobaro/webhooks'), 'version-1', url)],
    ['size of a page', basisOf(streamNamed('mobaro/users', { settings: { pageSize: 7 } }), 'version-1', url)],
    ['host', basisOf(users, 'version-1', 'https://test.mobaro.com/api/customers')],
    ['path', basisOf(users, 'version-1', 'https://app.mobaro.com/api/other')],
    ['protocol', basisOf(users, 'version-1', 'http://app.mobaro.com/api/customers')],
  ])('is something else with another %s', (_, other) => {
    expect(other).not.toBe(basis);
  });

  it('is the same with another port: a server on this machine has another one each time', () => {
    const [first, second] = [40_001, 40_002].map((port) =>
      basisOf(users, 'version-1', `http://127.0.0.1:${port}`),
    );
    expect(first).toBe(second);
  });

  it('is another one since the parts of an id are escaped, for streams whose ids have more than one', () => {
    const before = (stream: Stream): string =>
      createHash('sha256')
        .update(
          JSON.stringify([definitionHash(stream), 'version-1', 'https:', 'app.mobaro.com', '/api/customers']),
        )
        .digest('base64url')
        .slice(0, 16);
    expect(before(users)).toBe(basis);
    const employment = streamNamed('bob/employment', { connector: bob });
    expect(basisOf(employment, 'version-1', url)).not.toBe(before(employment));
  });

  it('is short, and the same each time', () => {
    expect(basis).toMatch(/^[\w-]{16}$/);
    expect(basisOf(users, 'version-1', url)).toBe(basis);
  });

  it('is mixed as soon as two pages differ', () => {
    expect(basisAfter(null, 'a')).toBe('a');
    expect(basisAfter('a', 'a')).toBe('a');
    expect(basisAfter('a', 'b')).toBe(mixedBasis);
    expect(basisAfter(mixedBasis, 'a')).toBe(mixedBasis);
    expect(mixedBasis).toBe('mixed');
  });
});
