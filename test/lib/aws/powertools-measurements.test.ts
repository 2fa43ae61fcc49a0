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

  it('writes one line for each set of gauges, with exactly their dimensions', () => {
    const measurements = new PowertoolsMeasurements('Pagekeeper-dev');
    measurements.stream('mobaro/users', { Missing: 1, Halted: 0, Exhausted: 0, Held: 0 });
    measurements.connection('bob', { Unauthorized: 0 });
    measurements.stream('bob/people', { Missing: 0, Halted: 1, Exhausted: 1, Held: 0 });
    vi.restoreAllMocks();

    const [users, bob, people, ...more] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(more).toEqual([]);
    expect(users).toEqual({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Pagekeeper',
            Dimensions: [['deployment', 'stream']],
            Metrics: ['Missing', 'Halted', 'Exhausted', 'Held'].map((Name) => ({
              Name,
              Unit: expect.any(String),
            })),
          },
        ],
      },
      deployment: 'Pagekeeper-dev',
      stream: 'mobaro/users',
      Missing: 1,
      Halted: 0,
      Exhausted: 0,
      Held: 0,
    });
    expect(bob).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Dimensions: [['deployment', 'connection']] }] },
      connection: 'bob',
      Unauthorized: 0,
    });
    expect(bob).not.toHaveProperty('stream');
    expect(people).toMatchObject({ stream: 'bob/people', Halted: 1, Exhausted: 1, Held: 0 });
  });
});
