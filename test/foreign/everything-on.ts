import { RetentionDays } from 'aws-cdk-lib/aws-logs';

import type { ConnectionInput, SettingsInput, StreamInput } from '../../infra/settings/settings-schema.ts';
import { thirdVendor } from '../acceptance/third-vendor.ts';

/** A setting that stands in none of these does not compile. */
const { of, params, fields, historyFrom, batchOver, limits, limitPerMinute, ...ofUsers } = {
  enabled: true,
  schedule: 'cron(7/15 * * * ? *)',
  flexibleWindowMinutes: 0,
  timeZone: 'Europe/Copenhagen',
  freshnessMinutes: 180,
  pageAfterMinutes: 20,
  pageSize: 10,
  continuation: 'queue',
  attemptCap: 6,
  pageBudget: 1000,
  timeBudgetHours: 24,
  deletionGuard: { rows: 5, percent: 5 },
  tombstoneRetentionDays: 30,
  orderBy: 'createdAt:asc',
  of: 'user-groups',
  params: { ids: ['usergroups/310-A'] },
  fields: { ask: ['root.id', 'work.title', 'work.site'], omit: ['work.site'], mask: ['work.title'] },
  historyFrom: '2026-01-01',
  batchOver: 500,
  limits: [{ requests: 10_000, per: 'day' }],
  limitPerMinute: 40,
  // No stream of these vendors is walked by what has changed.
} satisfies Required<Omit<StreamInput, 'reconcile'>>;

const mobaro = {
  connector: 'mobaro',
  limitGroup: 'one-account',
  limits: [{ requests: 10_000, per: 'day' }],
  limitPerMinute: 300,
  secret: 'vendors/mobaro',
  baseUrl: 'https://app.example.com/api/customers',
  timeoutSeconds: 60,
  memoryMb: 1024,
  maxPageMb: 48,
  streams: { users: ofUsers, groups: { of, params } },
  // Only for a connector that requests access tokens.
} satisfies Required<Omit<ConnectionInput, 'tokenUrl'>>;

const bob = {
  streams: {
    people: { limits, limitPerMinute, batchOver, fields },
    'time-off-changes': { historyFrom },
    work: { enabled: false },
  },
};

const slack = { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' };

const streamArn =
  'arn:aws:dynamodb:eu-central-1:100000000002:table/restored-records/stream/2026-11-30T00:00:00.000';

const checkpointsStreamArn = streamArn.replace('records', 'checkpoints');

/** Every setting that there is. What it names must be in the account before. */
export const everythingOn = {
  stage: 'staging',
  onCall: {
    emails: ['on-call@example.com', 'another@example.com'],
    https: [
      'https://events.example.com/page',
      { secret: 'on-call/pagerduty', field: 'url' },
      { parameter: '/on-call/opsgenie' },
    ],
    slack,
    tickets: {
      emails: ['tickets@example.com'],
      https: ['https://events.example.com/tickets'],
      slack: { ...slack, channelId: 'C4567EFGH' },
    },
  } satisfies Required<NonNullable<SettingsInput['onCall']>>,
  runbookUrl: 'https://wiki.example.com/pagekeeper/runbook',
  retentionDays: RetentionDays.ONE_MONTH,
  changes: { retentionDays: 30, before: true },
  lake: true,
  tables: {
    records: { name: 'restored-records', streamArn },
    checkpoints: { name: 'restored-checkpoints', streamArn: checkpointsStreamArn },
  },
  egress: { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] },
  nested: true,
  kmsKey: 'arn:aws:kms:eu-central-1:100000000002:key/0b5c5c3e-7d52-4a35-9d51-2f1a6a3b6a01',
  connectors: { ferry: thirdVendor },
  connections: { mobaro, 'mobaro-south': { ...mobaro, streams: { timesheets: {} } }, bob },
} satisfies Required<SettingsInput>;
