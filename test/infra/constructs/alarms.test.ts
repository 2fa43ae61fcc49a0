import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { flagExpression } from '../../../infra/constructs/flag-expression.ts';
import { evaluateExpression, parseExpression } from '../../../infra/emulator/template/metric-math.ts';
import { alarmKinds, alarmNameOf, runbookSection, type AlarmKind } from '../../../lib/on-call/alarm-kinds.ts';
import {
  joinedLines,
  maxDescriptionLength,
  wholeText,
  type AlarmText,
} from '../../../lib/on-call/alarm-text.ts';
import {
  textsOfChangeLog,
  textsOfConnection,
  textsOfEvents,
  textsOfStream,
  textsOfWatchdog,
} from '../../../lib/on-call/alarm-texts.ts';
import type { StreamDefinition } from '../../../lib/connectors/connector.ts';
import { connectors } from '../../../lib/connectors/registry.ts';
import { connectionFlags, streamFlags, sumOf } from '../../../lib/sync/troubles.ts';
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
  ...['users', 'timesheets', 'locations', 'results'].map((stream) => `mobaro/${stream}`),
  ...['people', 'employment', 'time-off-changes'].map((stream) => `bob/${stream}`),
];
const connections = ['mobaro', 'bob'];

const ofConnection = [
  'unauthorized',
  'unconfigured',
  'throttled',
  'dead letters',
  'missed ticks',
  'sync errors',
];
const ofStream = ['missing', 'halted', 'exhausted', 'stale', 'held'];

describe('the alarms', () => {
  it('have names that stay the same', () => {
    expect([...alarms.keys()].toSorted()).toEqual(
      [
        ...connections.flatMap((name) => ofConnection.map((what) => `Pagekeeper ${name} ${what}`)),
        ...streams.flatMap((name) => ofStream.map((what) => `Pagekeeper ${name} ${what}`)),
        'Pagekeeper watchdog errors',
        'Pagekeeper watchdog silent',
        'Pagekeeper change log errors',
        'Pagekeeper event errors',
        'Pagekeeper changes late',
        'Pagekeeper schema changed',
        'Pagekeeper changes behind',
      ].toSorted(),
    );
  });

  it('are each of one kind, by the end of their names', () => {
    for (const name of alarms.keys()) {
      const kinds = Object.values(alarmKinds).filter(({ suffix }) => name.endsWith(` ${suffix}`));
      expect(kinds, name).toHaveLength(1);
    }
  });

  it('tell on-call by their severity, and nobody by themselves when they end', () => {
    const [page, ticket] = stack.ofType('AWS::SNS::Topic').map(([id]) => ({ Ref: id }));
    for (const [name, properties] of alarms) {
      const kind = Object.values(alarmKinds).find(({ suffix }) => name.endsWith(` ${suffix}`));
      const topic = kind?.severity === 'page' ? page : ticket;
      // The watchdog's is told by a rule alone: a new alarm on silence begins in ALARM.
      const actions = kind?.suffix === 'silent' ? undefined : [topic];
      expect(properties['AlarmActions'], name).toEqual(actions);
      expect(properties).not.toHaveProperty('OKActions');
    }
  });

  it.each([
    ...streams.flatMap((stream) =>
      Object.entries(streamFlags).map(([kind, flag]) => ({ kind, flag, of: { stream } })),
    ),
    ...connections.flatMap((connection) =>
      Object.entries(connectionFlags).map(([kind, flag]) => ({ kind, flag, of: { connection } })),
    ),
  ])('$kind of $of lasts as long as the stored state says so', ({ kind, flag, of }) => {
    const [[dimension, value] = ['', '']] = Object.entries(of);
    const properties = alarm(`Pagekeeper ${value} ${kind}`);
    expect(properties).toMatchObject({
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'ignore',
    });
    expect(properties['Metrics']).toEqual([
      { Id: 'expr_1', Expression: flagExpression('t', flag), Label: kind, ReturnData: true },
      {
        Id: 't',
        MetricStat: {
          Metric: {
            Namespace: 'Pagekeeper',
            MetricName: dimension === 'stream' ? 'StreamTrouble' : 'ConnectionTrouble',
            Dimensions: [
              { Name: 'deployment', Value: 'Pagekeeper' },
              { Name: dimension, Value: value },
            ].toSorted((a, b) => a.Name.localeCompare(b.Name)),
          },
          Period: 60,
          Stat: 'Maximum',
        },
        ReturnData: false,
      },
    ]);
  });

  it('keep their state without figures only where figures come every five minutes, or a queue measures none', () => {
    for (const [name, properties] of alarms) {
      if (properties['TreatMissingData'] !== 'ignore') continue;
      const isOfQueue = properties['Namespace'] === 'AWS/SQS';
      const isPublished = JSON.stringify(properties['Metrics'] ?? []).includes('"Namespace":"Pagekeeper"');
      // What npx pagekeeper test-alarm says of how each goes back, and does for a queue's, rests on this.
      expect([isOfQueue, isPublished].filter(Boolean), name).toHaveLength(1);
    }
  });

  it('take each flag out of a sum, whatever else is raised', () => {
    const flags = { ...streamFlags };
    const names = Object.keys(flags) as (keyof typeof flags)[];
    fc.assert(
      fc.property(fc.subarray(names), (raised) => {
        const values = new Map([['t', sumOf(flags, raised)]]);
        for (const name of names) {
          const value = evaluateExpression(parseExpression(flagExpression('t', flags[name])), values);
          expect(value).toBe(raised.includes(name) ? 1 : 0);
        }
      }),
    );
  });

  it.each([
    ['Pagekeeper mobaro dead letters', 'ConnectionmobaroQueueDeadLetters'],
    ['Pagekeeper bob missed ticks', 'ConnectionbobTicksMissed'],
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
    ['Pagekeeper mobaro sync errors', ['ConnectionmobaroScheduledSync', 'ConnectionmobaroQueuedSync'], 5],
    ['Pagekeeper bob sync errors', ['ConnectionbobScheduledSync', 'ConnectionbobQueuedSync'], 14],
    ['Pagekeeper watchdog errors', ['WatchdogFunction'], 2],
    ['Pagekeeper change log errors', ['ChangesPublish', 'ChangesSnapshots'], 13],
    ['Pagekeeper event errors', ['EventsPublish'], 13],
  ])('%s: a single one is enough, for as long as until the next invocation', (name, functions, periods) => {
    const properties = alarm(name);
    expect(properties).toMatchObject({
      EvaluationPeriods: periods,
      DatapointsToAlarm: 1,
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
    const [sum, ...metrics] = properties['Metrics'] as { Expression?: string; MetricStat?: unknown }[];
    expect(sum?.Expression).toBe(metrics.map((_, index) => `FILL(m${String(index)},0)`).join('+'));
    expect(metrics.map(({ MetricStat }) => MetricStat)).toEqual(
      functions.map((fn) => ({
        Metric: {
          Namespace: 'AWS/Lambda',
          MetricName: 'Errors',
          Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringContaining(fn) } }],
        },
        Period: 300,
        Stat: 'Sum',
      })),
    );
  });

  it.each([
    ['Pagekeeper changes late', 1],
    ['Pagekeeper changes behind', 12],
  ])('%s: once what the change log is given is older than %i h', (name, hours) => {
    expect(alarm(name)).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'IteratorAge',
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: hours * 3_600_000,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringContaining('ChangesPublish') } }],
    });
  });

  it('notice the silence of the watchdog', () => {
    expect(alarm('Pagekeeper watchdog silent')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      Period: 60,
      EvaluationPeriods: 15,
      DatapointsToAlarm: 15,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  it('ask for more than half of many requests before a vendor is said to throttle', () => {
    expect(alarm('Pagekeeper bob throttled')).toMatchObject({
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Threshold: 0.5,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    const [share] = alarm('Pagekeeper bob throttled')['Metrics'] as { Expression: string }[];
    expect(share?.Expression).toBe('IF(n>=20,share,0)');
  });
});

describe('what an alarm says', () => {
  const described = [...alarms].map(([name, { AlarmDescription }]) => ({
    name,
    // An ARN or a URL takes the place of each reference: 150 characters are more than either has.
    description: text(AlarmDescription).replace(/<[^>]+>/g, 'x'.repeat(150)),
  }));

  it.each(described)('$name fits, and leads to a section of the runbook', ({ description }) => {
    expect(description.length).toBeLessThanOrEqual(maxDescriptionLength);
    const sections = Object.keys(alarmKinds).map((kind) => runbookSection(kind as AlarmKind));
    const link = /\nRunbook: docs\/runbook\.md#([a-z-]+)$/.exec(description);
    expect(sections).toContain(link?.[1]);
  });

  it.each(Object.values(connectors).map((connector) => [connector.name, connector] as const))(
    'fits with the longest names that are allowed, for every stream of %s',
    (_, connector) => {
      const stack = `Pagekeeper-${'s'.repeat(20)}`;
      const queues = { deadLettersArn: 'x'.repeat(150), missedTicksUrl: 'x'.repeat(150) };
      const connection = { name: 'c'.repeat(20), connector };
      const texts: AlarmText[] = [
        ...Object.values(textsOfConnection(stack, connection, queues)),
        ...Object.values(textsOfWatchdog(stack, queues)),
        ...Object.values(textsOfChangeLog(stack)),
        ...Object.values(textsOfEvents(stack)),
        ...Object.values(connector.streams).flatMap((definition) => {
          const name = 's'.repeat(40);
          // The longest that a target is in words.
          const freshnessMs = 60_000 * 60 * 24 * 62;
          const of = { name: `${connection.name}/${name}`, connection: connection.name, connector };
          return Object.values(
            textsOfStream(stack, { ...of, definition, freshnessMs, pageAfterMs: freshnessMs }),
          );
        }),
      ];

      for (const text of texts) {
        expect(joinedLines(wholeText(text, 'docs/runbook.md')).length, text.kind).toBeLessThanOrEqual(
          maxDescriptionLength,
        );
        const of = `${connection.name}/${'s'.repeat(40)}`;
        expect(alarmNameOf(stack, text.kind, of).length).toBeLessThanOrEqual(255);
      }
    },
  );

  it.each([
    ['Pagekeeper mobaro unauthorized', 'npx pagekeeper resume mobaro'],
    ['Pagekeeper mobaro unauthorized', 'npx pagekeeper secret set mobaro --stack Pagekeeper\n'],
    ['Pagekeeper mobaro unauthorized', 'has not been rotated or restricted'],
    ['Pagekeeper bob unauthorized', "service user's id and token"],
    ['Pagekeeper bob/people missing', 'npx pagekeeper resume bob/people'],
    ['Pagekeeper bob/people missing', 'bought and activated'],
    ['Pagekeeper mobaro/users halted', 'npx pagekeeper resume mobaro/users'],
    ['Pagekeeper mobaro/users exhausted', 'spread the schedules'],
    ['Pagekeeper mobaro/users held', 'No record has been deleted'],
    ['Pagekeeper mobaro/users stale', 'for more than 60 minutes'],
    ['Pagekeeper bob/people stale', 'for more than 3 hours'],
    ['Pagekeeper mobaro throttled', 'All API clients of the account share one limit'],
    ['Pagekeeper bob throttled', 'Each endpoint has a limit of its own'],
    ['Pagekeeper bob unconfigured', 'npx pagekeeper secret set bob --stack Pagekeeper\n'],
    ['Pagekeeper mobaro/users held', 'npx pagekeeper status --stack Pagekeeper\n'],
    ['Pagekeeper mobaro/users held', 'npx pagekeeper allow-deletions mobaro/users --stack Pagekeeper\n'],
    ['Pagekeeper mobaro/users held', 'npx pagekeeper explain mobaro/users --stack Pagekeeper\n'],
    ['Pagekeeper bob/people stale', 'a category of fields'],
    ['Pagekeeper mobaro sync errors', 'aws logs tail /pagekeeper/Pagekeeper/mobaro/scheduled-sync '],
    ['Pagekeeper watchdog silent', 'do not trust an OK'],
    ['Pagekeeper change log errors', 'aws logs tail /pagekeeper/Pagekeeper/publish-changes '],
    ['Pagekeeper change log errors', '/pagekeeper/Pagekeeper/take-snapshots'],
    ['Pagekeeper event errors', 'aws logs tail /pagekeeper/Pagekeeper/publish-events '],
    ['Pagekeeper event errors', 'no record is lost'],
    ['Pagekeeper changes late', 'readers of the log wait'],
    ['Pagekeeper changes behind', 'keeps its writes for 24 hours'],
    ['Pagekeeper mobaro dead letters', 'aws sqs start-message-move-task --source-arn '],
  ])('%s: %s', (name, part) => {
    expect(text(alarm(name)['AlarmDescription'])).toContain(part);
  });

  it('names what stands before a stream that is asked one parent at a time', () => {
    const connector = connectors['bob']!;
    const missing = (stream: string, definition: StreamDefinition) =>
      joinedLines(
        wholeText(
          textsOfStream('Pagekeeper', {
            ...{ name: `bob/${stream}`, connection: 'bob', connector, definition },
            freshnessMs: 3_600_000,
            pageAfterMs: 900_000,
          }).missing,
        ),
      );
    expect(missing('people', connector.streams['people']!)).not.toContain('parent');
    for (const [stream, definition] of Object.entries(connector.streams)) {
      expect(missing(stream, definition).length).toBeLessThanOrEqual(maxDescriptionLength);
    }
    const ofPeople = Object.values(connector.streams).find(
      ({ parents }) => parents !== undefined && 'stream' in parents && parents.stream === 'people',
    );
    expect(missing('any', ofPeople!)).toContain('If bob/people is late or held, fix that first');
  });

  it('names that of a stream, too, that the user calls otherwise than the vendor', () => {
    const { ofType } = synthesized({
      connections: {
        mobaro: { streams: { teams: { of: 'user-groups', params: { ids: ['usergroups/310-A'] } } } },
      },
    });
    const described = new Map(
      ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => [
        Properties['AlarmName'],
        text(Properties['AlarmDescription']),
      ]),
    );
    expect(described.get('Pagekeeper mobaro/teams missing')).toContain(
      'Look at the ids in its settings (ids).',
    );
  });

  it.each(described)('$name has a sentence, and a command to copy', ({ description }) => {
    const lines = description.split('\n');
    expect(lines[0]).toMatch(/\.$/);
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(description).toMatch(/: (npx pagekeeper|npx cdk|aws) /);
  });

  it('has one section of the runbook for each kind, and no kind is unused', () => {
    const used = described.map(({ description }) => /#([a-z-]+)$/.exec(description)?.[1]);
    const sections = Object.keys(alarmKinds).map((kind) => runbookSection(kind as AlarmKind));
    expect([...new Set(used)].toSorted()).toEqual(sections.toSorted());
  });
});
