import { describe, expect, it } from 'vitest';

import { decodePageMessage, encodePageMessage } from '../../../lib/aws/page-message-body.ts';
import type { PageMessage } from '../../../lib/sync/message.ts';

const message: PageMessage = { v: 1, stream: 'mobaro/users', run: 'run-1', sequence: 0 };

describe('decodePageMessage', () => {
  it('reads what encodePageMessage wrote', () => {
    expect(decodePageMessage(encodePageMessage(message))).toEqual({ kind: 'page', message });
  });

  it('ignores what it does not know', () => {
    const body = JSON.stringify({ ...message, priority: 'high' });
    expect(decodePageMessage(body)).toEqual({ kind: 'page', message });
  });

  it('tells a newer version from nonsense', () => {
    expect(decodePageMessage('{"v":2,"pages":[]}')).toEqual({ kind: 'newer', version: 2 });
  });

  it.each([
    ['not JSON', 'secret', 'its body is not JSON'],
    ['empty', '', 'its body is not JSON'],
    ['a number', '17', 'body: '],
    ['null', 'null', 'body: '],
    ['no version', '{"stream":"secret","run":"secret","sequence":1}', 'v: '],
    ['version 0', '{"v":0,"stream":"secret","run":"secret","sequence":1}', 'v: '],
    ['an empty stream', '{"v":1,"stream":"","run":"secret","sequence":1}', 'stream: '],
    ['a negative sequence', '{"v":1,"stream":"secret","run":"secret","sequence":-1}', 'sequence: '],
    ['an SNS envelope', '{"Type":"Notification","Message":"secret"}', 'v: '],
  ])('calls a body foreign that is %s, without quoting it', (_what, body, reason) => {
    const decoded = decodePageMessage(body);
    expect(decoded).toEqual({ kind: 'foreign', reason: expect.stringContaining(reason) });
    expect(JSON.stringify(decoded)).not.toContain('secret');
  });
});
