import { describe, expect, it } from 'vitest';

import {
  alarmKinds,
  longestDescription,
  runbookHeadings,
  runbookSection,
  type AlarmKind,
} from '../../../infra/constructs/alarm-texts.ts';
import { synthesized, text } from '../synthesized.ts';

const stack = synthesized();
const alarms = new Map(
  stack
    .ofType('AWS::CloudWatch::Alarm')
    .map(([, { Properties }]) => [text(Properties['AlarmName']), Properties]),
);

function alarm(name: string): Readonly<Record<string, unknown>> {
  const found = alarms.get(name);
  if (found === undefined) throw new Error(`No alarm ${name}`);
  return found;
}

const streams = [
  ...['users', 'timesheets', 'webhooks', 'locations'].map((stream) => `mobaro/${stream}`),
  ...['people', 'employment'].map((stream) => `bob/${stream}`),
];
const connections = ['mobaro', 'bob'];

describe('the alarms', () => {
  it('have names that stay the same', () => {
    expect([...alarms.keys()].toSorted()).toEqual(
      [
        ...connections.flatMap((connection) =>
          ['unauthorized', 'dead letters', 'missed ticks', 'scheduled-sync errors', 'queued-sync errors'].map(
            (what) => `Pagekeeper ${connection} ${what}`,
          ),
        ),
        ...streams.flatMap((stream) =>
          ['missing', 'halted', 'exhausted', 'held'].map((what) => `Pagekeeper ${stream} ${what}`),
        ),
        'Pagekeeper watchdog errors',
        'Pagekeeper watchdog missed ticks',
      ].toSorted(),
    );
  });

  it('tell on-call, and nobody when they end', () => {
    const [topic] = stack.ofType('AWS::SNS::Topic').map(([id]) => id);
    for (const properties of alarms.values()) {
      expect(properties).toMatchObject({ AlarmActions: [{ Ref: topic }] });
      expect(properties).not.toHaveProperty('OKActions');
      expect(properties).not.toHaveProperty('Metrics');
    }
  });

  it.each([
    ...streams.flatMap((stream) =>
      (['Missing', 'Halted', 'Exhausted', 'Held'] as const).map((gauge) => ({ gauge, of: { stream } })),
    ),
    ...connections.map((connection) => ({ gauge: 'Unauthorized', of: { connection } })),
  ])('$gauge of $of lasts as long as the stored state says so', ({ gauge, of }) => {
    const [[dimension, value] = ['', '']] = Object.entries(of);
    const properties = alarm(`Pagekeeper ${value} ${gauge.toLowerCase()}`);
    expect(properties).toMatchObject({
      Namespace: 'Pagekeeper',
      MetricName: gauge,
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'ignore',
    });
    expect(properties['Dimensions']).toEqual(
      [
        { Name: 'deployment', Value: 'Pagekeeper' },
        { Name: dimension, Value: value },
      ].toSorted((a, b) => a.Name.localeCompare(b.Name)),
    );
  });

  it.each([
    ['Pagekeeper mobaro dead letters', 'ConnectionmobaroQueueDeadLetters'],
    ['Pagekeeper bob missed ticks', 'ConnectionbobTicksMissed'],
    ['Pagekeeper watchdog missed ticks', 'WatchdogTicksMissed'],
  ])('%s: a single message is enough', (name, queue) => {
    expect(alarm(name)).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Period: 60,
      Threshold: 1,
      TreatMissingData: 'ignore',
      Dimensions: [
        { Name: 'QueueName', Value: { 'Fn::GetAtt': [expect.stringContaining(queue), 'QueueName'] } },
      ],
    });
  });

  it.each([
    ['Pagekeeper mobaro scheduled-sync errors', 'ConnectionmobaroScheduledSync'],
    ['Pagekeeper bob queued-sync errors', 'ConnectionbobQueuedSync'],
    ['Pagekeeper watchdog errors', 'WatchdogFunction'],
  ])('%s: a single one is enough, and no call is no error', (name, fn) => {
    expect(alarm(name)).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 300,
      Threshold: 1,
      TreatMissingData: 'notBreaching',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringContaining(fn) as string } }],
    });
  });
});

describe('what an alarm says', () => {
  const described = [...alarms].map(([name, { AlarmDescription }]) => ({
    name,
    // An ARN or a URL takes the place of each reference: 150 characters are more than either has.
    description: text(AlarmDescription).replace(/<[^>]+>/g, 'x'.repeat(150)),
  }));

  it.each(described)('$name fits, and leads to a section of the runbook', ({ description }) => {
    expect(description.length).toBeLessThanOrEqual(longestDescription);
    const sections = Object.keys(alarmKinds).map((kind) => runbookSection(kind as AlarmKind));
    const link = /\nRunbook: docs\/runbook\.md#([a-z-]+)$/.exec(description);
    expect(sections).toContain(link?.[1]);
  });

  it.each([
    ['Pagekeeper mobaro unauthorized', 'npx pagekeeper resume mobaro'],
    ['Pagekeeper mobaro unauthorized', '--secret-id Pagekeeper/mobaro '],
    ['Pagekeeper mobaro unauthorized', 'has not been rotated or restricted'],
    ['Pagekeeper bob unauthorized', "service user's id and token"],
    ['Pagekeeper bob/people missing', 'npx pagekeeper resume bob/people'],
    ['Pagekeeper bob/people missing', 'bought and activated'],
    ['Pagekeeper mobaro/users halted', 'npx pagekeeper resume mobaro/users'],
    ['Pagekeeper mobaro/users exhausted', 'spread the schedules'],
    ['Pagekeeper mobaro/users held', 'Nothing has been deleted here; new and changed records are stored'],
    ['Pagekeeper mobaro/users held', 'npx pagekeeper status --stack Pagekeeper\n'],
    ['Pagekeeper mobaro/users held', 'npx pagekeeper allow-deletions mobaro/users --stack Pagekeeper\n'],
    ['Pagekeeper mobaro queued-sync errors', 'aws logs tail /pagekeeper/Pagekeeper/mobaro/queued-sync '],
    ['Pagekeeper mobaro dead letters', 'aws sqs start-message-move-task --source-arn '],
  ])('%s: %s', (name, part) => {
    expect(text(alarm(name)['AlarmDescription'])).toContain(part);
  });

  it('has one section of the runbook for each kind, and no kind is unused', () => {
    const used = described.map(({ description }) => /#([a-z-]+)$/.exec(description)?.[1]);
    const sections = Object.keys(alarmKinds).map((kind) => runbookSection(kind as AlarmKind));
    expect([...new Set(used)].toSorted()).toEqual(sections.toSorted());
    expect(runbookHeadings.map((heading) => heading.toLowerCase().replaceAll(' ', '-'))).toEqual(sections);
  });
});
