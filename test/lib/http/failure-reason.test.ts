import { describe, expect, it } from 'vitest';

import { failureReason } from '../../../lib/http/failure-reason.ts';

describe('failureReason', () => {
  it('finds the first code in the chain of causes', () => {
    const socket = Object.assign(new Error('connect to secret failed'), { code: 'ECONNREFUSED' });
    expect(failureReason(new TypeError('secret', { cause: new Error('secret', { cause: socket }) }))).toBe(
      'ECONNREFUSED',
    );
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
