import { describe, expect, it } from 'vitest';

import { pageOutcomes, streamOutcomes, unreachable } from '../../../lib/sync/outcome.ts';

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

describe('a case that the compiler took for impossible', () => {
  it('is an error that names it', () => {
    expect(() => unreachable({ kind: 'new' } as never)).toThrow('Unhandled case: {"kind":"new"}');
  });
});
