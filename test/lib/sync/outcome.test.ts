import { describe, expect, it } from 'vitest';

import { pageOutcomeFacts, pageOutcomes, streamOutcomes, unreachable } from '../../../lib/sync/outcome.ts';

describe('the outcomes', () => {
  it('of a page are these, for logs, metrics and alarms use the words', () => {
    expect(pageOutcomes).toEqual([
      'fetched',
      'deferred',
      'refused',
      'unauthorized',
      'forbidden',
      'missing',
      'rejected',
      'stale',
      'busy',
    ]);
  });

  it('of a stream are these', () => {
    expect(streamOutcomes).toEqual([
      'complete',
      'partial',
      'waiting',
      'running',
      'exhausted',
      'malformed',
      'unauthorized',
      'forbidden',
      'missing',
      'rejected',
      'drifted',
      'looping',
      'suspicious',
      'runaway',
      'paused',
      'unconfigured',
    ]);
  });
});

describe('a page', () => {
  it.each([
    ['fetched', 'info', true],
    ['deferred', 'warn', true],
    ['refused', 'info', true],
    ['unauthorized', 'error', true],
    ['forbidden', 'error', true],
    ['missing', 'error', true],
    ['rejected', 'error', true],
    ['stale', 'info', false],
    ['busy', 'info', false],
  ] as const)(
    'that is %s is logged as %s, and says something of its stream or not: %s',
    (outcome, level, says) => {
      expect(pageOutcomeFacts[outcome]).toEqual({ level, saysOfStream: says });
    },
  );
});

describe('a case that the compiler took for impossible', () => {
  it('is an error that names it', () => {
    expect(() => unreachable({ kind: 'new' } as never)).toThrow('Unhandled case: {"kind":"new"}');
  });
});
