import { describe, expect, it } from 'vitest';

import { checkStream } from '../../../infra/settings/check-stream.ts';
import type { StreamDefinition } from '../../../lib/connectors/connector.ts';

const people: StreamDefinition = {
  about: 'a person',
  method: 'GET',
  path: '/people',
  items: { path: ['data'] },
  id: [[['id']]],
  paging: {
    ...{ kind: 'keyset', limit: 'limit', after: { after: ['user', 'email'] }, bound: 'inclusive' },
    pageSize: { default: 10, max: 10 },
  },
  grade: 'vendor',
};

describe('what is not to be kept of a list that is requested by key', () => {
  const check = (field: string) => () => {
    checkStream('people', people, { fields: { mask: [field] } });
  };

  it.each(['user.email', '/user/email', 'user', '/root/user'])(
    'is not the key, which a place in the list holds: %s',
    (field) => {
      expect(check(field)).toThrow('must not name a part of the key that the next page is requested by');
    },
  );

  it.each(['user.name', 'use', 'email'])('may be anything else: %s', (field) => {
    expect(check(field)).not.toThrow();
  });
});
