import { describe, expect, it } from 'vitest';

import { reportIn } from '../../../../infra/laptop/run/page-report.ts';
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

describe('the report of a page', () => {
  it('is read from the line that a function wrote of it', () => {
    expect(reportIn({ level: 'INFO', message: 'page', page: report })).toEqual(report);
  });

  it.each([
    ['no JSON', undefined],
    ['null', null],
    ['of something else', { level: 'INFO', message: 'hello' }],
    ['a report that is none', { page: { ...report, outcome: 'splendid' } }],
  ])('is not there in a line that is %s', (_, entry) => {
    expect(reportIn(entry)).toBeNull();
  });
});
