import { describe, expect, it } from 'vitest';

import { readLogLine } from '../../../../infra/emulator/functions/log-line.ts';
import type { PageReport } from '../../../../lib/sync/report.ts';

const report: PageReport = {
  stream: 'mobaro/users',
  trigger: 'tick',
  run: 'r1',
  sequence: 1,
  outcome: 'fetched',
  streamOutcome: 'running',
  endpoint: 'GET /users',
  status: 200,
  attempt: 1,
  reason: null,
  next: 'continue',
  retryAt: null,
  delaySeconds: null,
  requests: 1,
  records: 20,
  written: 20,
  unchanged: 0,
  deleted: 0,
};

describe('a line of a function', () => {
  it('may be a report', () => {
    const line = JSON.stringify({ level: 'INFO', message: 'page', page: report });
    expect(readLogLine(line)).toEqual({ report, metrics: [], warning: null });
  });

  it('may be a warning and a report', () => {
    const line = JSON.stringify({ level: 'WARN', message: 'page deferred', page: report });
    expect(readLogLine(line)).toEqual({
      report,
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
    ['a report that is none', JSON.stringify({ page: { ...report, outcome: 'splendid' } })],
    ['metrics that are none', JSON.stringify({ _aws: { CloudWatchMetrics: 3 } })],
    ['an INFO', JSON.stringify({ level: 'INFO', message: 'hello' })],
  ])('says nothing when it is %s', (_, line) => {
    expect(readLogLine(line)).toEqual({ report: null, metrics: [], warning: null });
  });
});
