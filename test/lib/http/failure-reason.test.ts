import { describe, expect, it } from 'vitest';

import { failureReason } from '../../../lib/http/failure-reason.ts';

describe('failureReason', () => {
  it('finds the first code in the chain of causes', () => {
    const socket = Object.assign(new Error('connect to secret failed'), { code: 'ECONNREFUSED' });
    expect(failureReason(new TypeError('secret', { cause: new Error('secret', { cause: socket }) }))).toBe(
      'the connection was refused (ECONNREFUSED)',
    );
  });

  it.each([
    ['UND_ERR_SOCKET', 'the connection broke (UND_ERR_SOCKET)'],
    ['ECONNRESET', 'the connection was reset (ECONNRESET)'],
    ['ENOTFOUND', 'the host was not found (ENOTFOUND)'],
    ['CERT_HAS_EXPIRED', "the host's certificate has expired (CERT_HAS_EXPIRED)"],
    ['HPE_INVALID_CONSTANT', 'the answer is not HTTP (HPE_INVALID_CONSTANT)'],
    [
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'the host does not speak TLS as it should (ERR_SSL_WRONG_VERSION_NUMBER)',
    ],
    ['EUNHEARDOF', 'EUNHEARDOF'],
  ])('has words for %s and keeps the code', (code, reason) => {
    expect(failureReason(Object.assign(new Error('secret'), { code }))).toBe(reason);
  });

  it('names the innermost error where there is no code, and never a message', () => {
    expect(failureReason(new TypeError('secret', { cause: new RangeError('secret') }))).toBe('RangeError');
    expect(failureReason('secret')).toBe('Error');
  });

  it('does not follow a chain that has no end', () => {
    const error = new Error('secret');
    error.cause = error;
    expect(failureReason(error)).toBe('Error');
  });
});
