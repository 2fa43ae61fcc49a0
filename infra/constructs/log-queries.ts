import type { QueryStringProps } from 'aws-cdk-lib/aws-logs';

/**
 * What can be asked of the logs of the sync functions: the line with the key `page` of each invocation, see
 * lib/sync/report.ts. Names are what the console lists them under.
 */
export const logQueries = {
  'pages of a stream': {
    fields: [
      '@timestamp',
      ...['stream', 'outcome', 'status', 'attempt', 'next', 'delaySeconds', 'reason'].map(
        (field) => `page.${field}`,
      ),
    ],
    filterStatements: ['ispresent(page.outcome)', 'page.stream = "CONNECTION/STREAM"'],
    sort: '@timestamp desc',
    limit: 100,
  },
  'last complete runs': {
    filterStatements: [
      'page.outcome = "fetched" and page.next = "none" and page.streamOutcome in ["complete", "suspicious", "partial"]',
    ],
    statsStatements: ['max(@timestamp) as completed, count(*) as runs by page.stream'],
    sort: 'completed asc',
  },
  'outcomes by hour': {
    filterStatements: ['ispresent(page.outcome)'],
    statsStatements: ['count(*) as pages by bin(1h), page.outcome'],
  },
  'answers by hour': {
    filterStatements: ['page.requests = 1'],
    statsStatements: ['count(*) as answers by bin(1h), page.endpoint, page.status'],
  },
  'pages and records by stream': {
    filterStatements: ['page.outcome = "fetched"'],
    statsStatements: [
      'count(*) as pages, sum(page.records) as records, sum(page.written) as written, sum(page.deleted) as deleted by page.stream',
    ],
    sort: 'pages desc',
  },
  'waits by stream': {
    filterStatements: ['page.delaySeconds > 0'],
    statsStatements: [
      'count(*) as waits, avg(page.delaySeconds) as average, max(page.delaySeconds) as longest by page.stream, page.outcome',
    ],
    sort: 'waits desc',
  },
  'what has gone wrong': {
    fields: [
      ...['@timestamp', '@log', 'level', 'message', 'page.reason', 'error.name', 'error.message'],
      ...['record.status', 'record.errorType'],
    ],
    // A function that Lambda ends writes no line of its own: with the log format JSON, Lambda's report says how it ended.
    filterStatements: [
      [
        'level in ["ERROR", "CRITICAL", "FATAL"]',
        '(type in ["platform.initReport", "platform.report"] and record.status in ["error", "failure", "timeout"])',
        '@message like /Task timed out|OutOfMemory|out of memory/',
      ].join(' or '),
    ],
    sort: '@timestamp desc',
    limit: 50,
  },
} satisfies Readonly<Record<string, QueryStringProps>>;

export type LogQuery = keyof typeof logQueries;
