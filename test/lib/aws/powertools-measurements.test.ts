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

  it('writes one line for each number, with exactly its dimensions and the time of its reading', () => {
    const measurements = new PowertoolsMeasurements('Pagekeeper-dev');
    const readAt = Date.parse('2026-03-01T12:00:00.123Z');
    measurements.troubles('bob', new Set(['stale', 'missing']), readAt);
    measurements.troubles('mobaro', new Set(), readAt + 1);
    vi.restoreAllMocks();

    const [bob, mobaro, ...more] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(more).toEqual([]);
    expect(bob).toEqual({
      _aws: {
        Timestamp: readAt,
        CloudWatchMetrics: [
          {
            Namespace: 'Pagekeeper',
            Dimensions: [['deployment', 'connection']],
            Metrics: [{ Name: 'Troubles', Unit: expect.any(String) }],
          },
        ],
      },
      deployment: 'Pagekeeper-dev',
      connection: 'bob',
      Troubles: readAt * 256 + 10,
    });
    expect(mobaro).toMatchObject({
      _aws: { Timestamp: readAt + 1 },
      connection: 'mobaro',
      Troubles: (readAt + 1) * 256,
    });
  });
});
