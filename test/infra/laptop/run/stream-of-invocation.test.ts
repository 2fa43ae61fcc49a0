import { describe, expect, it } from 'vitest';

import { streamOfInvocation } from '../../../../infra/laptop/run/stream-of-invocation.ts';
import { encodePageMessage } from '../../../../lib/aws/page-message-body.ts';

describe('the stream of an invocation', () => {
  const body = encodePageMessage({ v: 1, stream: 'mobaro/users', run: 'r', sequence: 3 });

  it.each([
    ['a tick', { stream: 'bob/people', scheduledAt: '2026-11-30T10:00:00Z' }, 'bob/people'],
    ['a message', { Records: [{ body, messageId: 'm' }] }, 'mobaro/users'],
    ['a message of somebody else', { Records: [{ body: '{"stream":"x"}' }] }, null],
    ['what is no name', { stream: 'anything' }, null],
    ['a batch of a table', { Records: [{ dynamodb: {} }] }, null],
    ['the watchdog', {}, null],
    ['nothing', undefined, null],
  ])('is that of %s', (_, event, stream) => {
    expect(streamOfInvocation(event)).toBe(stream);
  });
});
