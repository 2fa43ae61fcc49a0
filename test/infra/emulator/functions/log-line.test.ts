import { describe, expect, it } from 'vitest';

import { readLogLine } from '../../../../infra/emulator/functions/log-line.ts';

describe('a line of a function', () => {
  it('may be a warning, and is told whole', () => {
    const entry = { level: 'WARN', message: 'page deferred', page: { stream: 'mobaro/users' } };
    expect(readLogLine(JSON.stringify(entry))).toEqual({
      entry,
      metrics: [],
      warning: { level: 'WARN', message: 'page deferred' },
    });
  });

  it('may hold metrics, with each of their dimension sets', () => {
    const line = JSON.stringify({
      _aws: {
        Timestamp: 1,
        CloudWatchMetrics: [
          {
            Namespace: 'Pagekeeper',
            Dimensions: [['deployment', 'stream'], ['deployment']],
            Metrics: [{ Name: 'Missing', Unit: 'Count' }, { Name: 'Halted' }],
          },
        ],
      },
      deployment: 'Test',
      stream: 'mobaro/users',
      Missing: 1,
      Halted: [0, 1],
    });
    const both = { deployment: 'Test', stream: 'mobaro/users' };
    expect(readLogLine(line).metrics).toEqual([
      { namespace: 'Pagekeeper', name: 'Missing', dimensions: both, values: [1] },
      { namespace: 'Pagekeeper', name: 'Halted', dimensions: both, values: [0, 1] },
      { namespace: 'Pagekeeper', name: 'Missing', dimensions: { deployment: 'Test' }, values: [1] },
      { namespace: 'Pagekeeper', name: 'Halted', dimensions: { deployment: 'Test' }, values: [0, 1] },
    ]);
  });

  it.each([
    ['not JSON', 'No application metrics to publish.'],
    ['half of JSON', '{"page": {'],
    ['null', 'null'],
    ['metrics that are none', JSON.stringify({ _aws: { CloudWatchMetrics: 3 } })],
    ['an INFO', JSON.stringify({ level: 'INFO', message: 'hello' })],
  ])('says nothing when it is %s', (_, line) => {
    expect(readLogLine(line)).toMatchObject({ metrics: [], warning: null });
  });
});
