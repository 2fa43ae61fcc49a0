import { describe, expect, it } from 'vitest';

import { concurrencyFinding } from '../../../../infra/cli/commands/check-concurrency.ts';

const connections = (...counts: readonly number[]) =>
  counts.map((count) => ({ streams: Array.from({ length: count }) }));

describe('how many functions the account runs at once', () => {
  it('is enough where all queues and three ticks have a place', () => {
    const finding = concurrencyFinding(10, connections(4, 3), '');
    expect(finding).toMatchObject({ verdict: 'good', target: 'concurrency' });
    expect(finding.sentence).toBe(
      'concurrency: the account runs up to 10 functions at once; the queues of this deployment take up to 7.',
    );
  });

  it('is too little for many connections in a new account, with what to ask for', () => {
    const finding = concurrencyFinding(10, connections(4, 4, 4, 4), ' --region eu-west-1');
    expect(finding.verdict).toBe('fault');
    expect(finding.sentence).toContain(
      'the queues of this deployment may take 8: ticks and the watchdog come late',
    );
    expect(finding.sentence).toContain(
      'request-service-quota-increase --region eu-west-1 --service-code lambda',
    );
  });

  it('is not known where AWS does not say', () => {
    expect(concurrencyFinding(null, connections(1), '').verdict).toBe('unknown');
  });
});
