import { describe, expect, it } from 'vitest';

import { logQueries } from '../../../infra/constructs/log-queries.ts';

/** What CloudWatch Logs Insights makes of a line: the whole of it, and the fields of one that is JSON, nested ones by dots. */
function fieldOf(line: string, field: string): string | undefined {
  if (field === '@message') return line;
  if (!line.startsWith('{')) return undefined;
  const value = field
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], JSON.parse(line));
  return typeof value === 'string' ? value : undefined;
}

/** As much of the language of filters as the query has: `or` of `and` in parentheses, of `in` and `like`. */
function passes(line: string, filter: string): boolean {
  return filter.split(' or ').some((some) =>
    some
      .replace(/^\((.*)\)$/, '$1')
      .split(' and ')
      .every((condition) => {
        const [, field = '', operator, operand = ''] = /^(\S+) (in|like) (.+)$/.exec(condition) ?? [];
        const value = fieldOf(line, field);
        if (operator === 'in') return (JSON.parse(operand) as unknown[]).includes(value);
        if (operator === 'like') return new RegExp(operand.slice(1, -1)).test(value ?? '');
        throw new Error(`The test cannot read the condition ${condition}`);
      }),
  );
}

const time = '2026-11-22T10:00:30.000Z';
const requestId = '79b4f56e-95b1-4643-9700-2807f4e68189';
const metrics = { durationMs: 30000, billedDurationMs: 30000, memorySizeMB: 512, maxMemoryUsedMB: 130 };
const report = (record: object, type = 'platform.report'): string =>
  JSON.stringify({ time, type, record: { requestId, metrics, ...record } });
const own = (line: object): string => JSON.stringify({ timestamp: time, service: 'pagekeeper', ...line });
const page = { stream: 'mobaro/users', outcome: 'fetched', next: 'message', reason: null };

describe('the query for what has gone wrong', () => {
  const { filterStatements } = logQueries['what has gone wrong'];
  const finds = (line: string): boolean => filterStatements.every((filter) => passes(line, filter));

  it.each([
    ['a time-out', report({ status: 'timeout' })],
    ['a crash', report({ status: 'error', errorType: 'Runtime.ExitError' })],
    ['a function that is out of memory', report({ status: 'failure', errorType: 'Runtime.OutOfMemory' })],
    ['a start that takes too long', report({ status: 'timeout', phase: 'init' }, 'platform.initReport')],
    ['a time-out, as the log format Text has it', `${time} ${requestId} Task timed out after 30.03 seconds`],
    ['what V8 writes', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
    ['a fault', own({ level: 'ERROR', message: 'mobaro/users: TypeError', fault: { name: 'TypeError' } })],
    ['a halt', own({ level: 'ERROR', message: 'mobaro/users: page forbidden', page })],
    [
      'an error that is not caught',
      JSON.stringify({ timestamp: time, level: 'FATAL', message: { errorType: 'Error' } }),
    ],
  ])('finds %s', (_, line) => {
    expect(finds(line)).toBe(true);
  });

  it.each([
    ['a report of success', report({ status: 'success' })],
    ['a start', JSON.stringify({ time, type: 'platform.start', record: { requestId, version: '1' } })],
    ['a start that went well', report({ status: 'success', phase: 'init' }, 'platform.initReport')],
    ['a page', own({ level: 'INFO', message: 'mobaro/users: page fetched', page })],
    [
      'a page that is tried again',
      own({ level: 'WARN', message: 'mobaro/users: page deferred', page: { ...page, reason: 'timeout' } }),
    ],
  ])('leaves out %s', (_, line) => {
    expect(finds(line)).toBe(false);
  });
});
