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
    ['EPIPE', 'the connection broke (EPIPE)'],
    ['HPE_HEADER_OVERFLOW', 'the headers of the answer were too long (HPE_HEADER_OVERFLOW)'],
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

  it.each(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'])(
    'calls an answer cut off that had begun to come, with %s',
    (code) => {
      expect(failureReason(Object.assign(new Error('secret'), { code }), true)).toBe(
        `the answer was cut off (${code})`,
      );
    },
  );

  it('says the same of what is no cut, whether an answer had begun or not', () => {
    const error = Object.assign(new Error('secret'), { code: 'HPE_INVALID_CHUNK_SIZE' });
    expect(failureReason(error, true)).toBe('the answer is not HTTP (HPE_INVALID_CHUNK_SIZE)');
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
