import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { connectionOf, formatStreamName, parseStreamName } from '../../../lib/connectors/stream-name.ts';

describe('the name of a stream', () => {
  it('is written and read again', () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/);
    fc.assert(
      fc.property(part, part, (connection, stream) => {
        const written = formatStreamName({ connection, stream });
        expect(parseStreamName(written)).toEqual({ connection, stream });
        expect(connectionOf(written)).toBe(connection);
      }),
    );
    expect(formatStreamName({ connection: 'mobaro', stream: 'users' })).toBe('mobaro/users');
  });

  it('is not that of a connection', () => {
    expect(parseStreamName('mobaro')).toBeNull();
    expect(() => connectionOf('mobaro')).toThrow('mobaro names no stream of a connection');
  });
});
