import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { PowertoolsMeasurements } from '../../../lib/aws/powertools-measurements.ts';

describe('PowertoolsMeasurements', () => {
  let lines: string[];

  beforeEach(() => {
    lines = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      lines.push(...String(chunk).trim().split('\n'));
      return true;
    });
    // Set in Lambda; must not come back as a dimension.
    vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'some-service');
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('writes one line for each number, with exactly its dimensions', () => {
    const measurements = new PowertoolsMeasurements('Pagekeeper-dev');
    measurements.stream('mobaro/users', ['stale', 'missing']);
    measurements.connection('bob', []);
    measurements.stream('bob/people', ['exhausted', 'halted']);
    measurements.request('bob', true);
    measurements.request('bob', false);
    vi.restoreAllMocks();

    const [users, bob, people, throttled, served, ...more] = lines.map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );
    expect(more).toEqual([]);
    expect(users).toEqual({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Pagekeeper',
            Dimensions: [['deployment', 'stream']],
            Metrics: [{ Name: 'StreamTrouble', Unit: expect.any(String) }],
          },
        ],
      },
      deployment: 'Pagekeeper-dev',
      stream: 'mobaro/users',
      StreamTrouble: 17,
    });
    expect(bob).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Dimensions: [['deployment', 'connection']] }] },
      connection: 'bob',
      ConnectionTrouble: 0,
    });
    expect(bob).not.toHaveProperty('stream');
    expect(people).toMatchObject({ stream: 'bob/people', StreamTrouble: 12 });
    expect(throttled).toMatchObject({ connection: 'bob', Throttled: 1 });
    expect(served).toMatchObject({ connection: 'bob', Throttled: 0 });
  });
});
