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
  textsOfTeller,
  textsOfWatchdog,
} from '../../../lib/on-call/alarm-texts.ts';
import { connectors } from '../../../lib/connectors/registry.ts';
import { numberOf, troubleFlags, type Trouble } from '../../../lib/sync/troubles.ts';
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

const connections = ['mobaro', 'bob'];

const ofConnection = [
  ...['unauthorized', 'missing', 'halted', 'stale', 'failing', 'attention', 'undelivered', 'sync errors'],
];

describe('the alarms', () => {
  it('have names that stay the same', () => {
    expect([...alarms.keys()].toSorted()).toEqual(
      [
        ...connections.flatMap((name) => ofConnection.map((what) => `Pagekeeper ${name} ${what}`)),
        'Pagekeeper watchdog silent',
        'Pagekeeper change log errors',
        'Pagekeeper event errors',
        'Pagekeeper telling errors',
        'Pagekeeper changes late',
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

  it('tell the function that tells people, and machines by their severity, when they begin and when they end', () => {
    const topic = (id: string) => ({
      Ref: stack.ofType('AWS::SNS::Topic', id).map(([logicalId]) => logicalId)[0],
    });
    const teller = { 'Fn::GetAtt': [expect.stringMatching(/^TellOnCallFunction/), 'Arn'] };
    for (const [name, properties] of alarms) {
      const kind = Object.values(alarmKinds).find(({ suffix }) => name.endsWith(` ${suffix}`));
      const machines = kind?.severity === 'page' ? 'OnCallPagesOfMachines' : 'OnCallTicketsOfMachines';
      // Of the two that may say that nobody tells people, people are told by the alarm itself.
      const isOwn = kind?.suffix === 'silent' || kind?.suffix === 'telling errors';
      expect(properties['AlarmActions'], name).toEqual([
        isOwn ? topic('OnCallTopic') : teller,
        topic(machines),
      ]);
      // A new alarm comes to OK as well: the function knows whether anything is over. Its own end would only begin the alarm anew.
      const isTellers = kind?.suffix === 'telling errors';
      expect(properties['OKActions'], name).toEqual([...(isTellers ? [] : [teller]), topic(machines)]);
    }
  });

  it.each(
    connections.flatMap((connection) =>
      (
        [
          ['unauthorized', ['unauthorized']],
          ['missing', ['missing']],
          ['halted', ['halted']],
          ['stale', ['stale']],
          ['failing', ['exhausted', 'throttled']],
          ['attention', ['held', 'unconfigured']],
        ] as const
      ).map(([kind, troubles]) => ({ kind, troubles, connection })),
    ),
  )('$connection $kind lasts as long as the stored state says so', ({ kind, troubles, connection }) => {
    const properties = alarm(`Pagekeeper ${connection} ${kind}`);
    expect(properties).toMatchObject({
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'ignore',
    });
    const flags = troubles.map((trouble) => flagExpression('t', troubleFlags[trouble]));
    expect(properties['Metrics']).toEqual([
      { Id: 'expr_1', Expression: flags.join('+'), Label: troubles.join(', '), ReturnData: true },
      {
        Id: 't',
        MetricStat: {
          Metric: {
            Namespace: 'Pagekeeper',
            MetricName: 'Troubles',
            Dimensions: [
              { Name: 'connection', Value: connection },
              { Name: 'deployment', Value: 'Pagekeeper' },
            ],
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
      const metrics = JSON.stringify(properties['Metrics'] ?? []);
      const isOfQueue = metrics.includes('"Namespace":"AWS/SQS"');
      const isPublished = metrics.includes('"Namespace":"Pagekeeper"');
      // What npx pagekeeper test-alarm says of how each goes back, and does for a queue's, rests on this.
      expect([isOfQueue, isPublished].filter(Boolean), name).toHaveLength(1);
    }
  });

  it('take their flags out of the number, whatever else is raised', () => {
    const names = Object.keys(troubleFlags) as Trouble[];
    fc.assert(
      fc.property(fc.subarray(names), fc.date({ noInvalidDate: true, min: new Date(0) }), (raised, at) => {
        const values = new Map([['t', numberOf(new Set(raised), at.getTime() % Date.UTC(2500, 0))]]);
        for (const name of names) {
          const expression = parseExpression(flagExpression('t', troubleFlags[name]));
          expect(evaluateExpression(expression, values)).toBe(raised.includes(name) ? 1 : 0);
        }
      }),
    );
  });

  it.each(connections)('%s undelivered: a single message in either queue is enough', (connection) => {
    const properties = alarm(`Pagekeeper ${connection} undelivered`);
    expect(properties).toMatchObject({ Threshold: 1, TreatMissingData: 'ignore' });
    const queues = [`Connection${connection}QueueDeadLetters`, `Connection${connection}TicksMissed`];
    expect(properties['Metrics']).toMatchObject([
      { Expression: 'MAX([q0,q1])' },
      ...queues.map((queue) => ({
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName: 'ApproximateNumberOfMessagesVisible',
            Dimensions: [
              { Name: 'QueueName', Value: { 'Fn::GetAtt': [expect.stringContaining(queue), 'QueueName'] } },
            ],
          },
          Period: 60,
          Stat: 'Maximum',
        },
      })),
    ]);
  });

  it.each([
    ['Pagekeeper mobaro sync errors', ['ConnectionmobaroScheduledSync', 'ConnectionmobaroQueuedSync'], 5],
    ['Pagekeeper bob sync errors', ['ConnectionbobScheduledSync', 'ConnectionbobQueuedSync'], 14],
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

  it('notice that the watchdog completes no round, but not before it has had time for one', () => {
    const properties = alarm('Pagekeeper watchdog silent');
    expect(properties).toMatchObject({
      EvaluationPeriods: 15,
      DatapointsToAlarm: 15,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 20 },
    });
    expect(properties['Metrics']).toMatchObject([
      { Expression: 'i-FILL(e,0)' },
      { MetricStat: { Metric: { MetricName: 'Invocations' }, Period: 60, Stat: 'Sum' } },
      { MetricStat: { Metric: { MetricName: 'Errors' }, Period: 60, Stat: 'Sum' } },
    ]);
  });

  it('notice that the function that tells people fails again and again, or has given a message up', () => {
    const properties = alarm('Pagekeeper telling errors');
    expect(properties).toMatchObject({ Threshold: 1, TreatMissingData: 'notBreaching' });
    expect(properties['Metrics']).toMatchObject([
      { Expression: 'FILL(d,0)+FLOOR((FILL(e,0)+FILL(t,0))/3)' },
      ...['Errors', 'Throttles', 'AsyncEventsDropped'].map((MetricName) => ({
        MetricStat: {
          Metric: {
            MetricName,
            Dimensions: [{ Value: { Ref: expect.stringMatching(/^TellOnCallFunction/) } }],
          },
        },
      })),
    ]);
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
    'fits with the longest names that are allowed, of %s',
    (_, connector) => {
      const stack = `Pagekeeper-${'s'.repeat(20)}`;
      const queues = { deadLettersArn: 'x'.repeat(150), missedTicksUrl: 'x'.repeat(150) };
      const connection = { name: 'c'.repeat(20), connector };
      const texts: AlarmText[] = [
        ...Object.values(textsOfConnection(stack, connection, queues)),
        ...Object.values(textsOfWatchdog(stack, queues)),
        ...Object.values(textsOfChangeLog(stack)),
        ...Object.values(textsOfEvents(stack)),
        ...Object.values(textsOfTeller(stack)),
      ];

      for (const text of texts) {
        expect(joinedLines(wholeText(text, 'docs/runbook.md')).length, text.kind).toBeLessThanOrEqual(
          maxDescriptionLength,
        );
        expect(alarmNameOf(stack, text.kind, connection.name).length).toBeLessThanOrEqual(255);
      }
    },
  );

  it.each([
    ['Pagekeeper mobaro unauthorized', 'npx pagekeeper fix mobaro --stack Pagekeeper\n'],
    ['Pagekeeper mobaro unauthorized', 'has not been rotated or restricted'],
    ['Pagekeeper bob unauthorized', "service user's id and token"],
    ['Pagekeeper bob missing', 'npx pagekeeper fix bob'],
    ['Pagekeeper bob missing', 'bought and activated'],
    ['Pagekeeper bob missing', 'check the address (baseUrl)'],
    ['Pagekeeper mobaro halted', 'npx pagekeeper status --stack Pagekeeper\n'],
    ['Pagekeeper mobaro failing', 'spread the schedules'],
    ['Pagekeeper mobaro failing', 'All API clients of the account share one limit'],
    ['Pagekeeper bob failing', 'Each endpoint has a limit of its own'],
    ['Pagekeeper mobaro attention', 'No record has been deleted'],
    ['Pagekeeper mobaro attention', 'npx pagekeeper allow-deletions STREAM --stack Pagekeeper\n'],
    ['Pagekeeper bob attention', 'npx pagekeeper secret set bob --stack Pagekeeper\n'],
    ['Pagekeeper bob stale', 'a category of fields'],
    ['Pagekeeper mobaro sync errors', 'aws logs tail /pagekeeper/Pagekeeper/mobaro/scheduled-sync '],
    ['Pagekeeper watchdog silent', 'do not trust an OK'],
    ['Pagekeeper telling errors', 'aws logs tail /pagekeeper/Pagekeeper/tell-on-call '],
    ['Pagekeeper change log errors', 'aws logs tail /pagekeeper/Pagekeeper/publish-changes '],
    ['Pagekeeper change log errors', '/pagekeeper/Pagekeeper/take-snapshots'],
    ['Pagekeeper event errors', 'aws logs tail /pagekeeper/Pagekeeper/publish-events '],
    ['Pagekeeper event errors', 'no record is lost'],
    ['Pagekeeper changes late', 'readers of the log wait'],
    ['Pagekeeper changes behind', 'keeps its writes for 24 hours'],
    ['Pagekeeper mobaro undelivered', 'aws sqs start-message-move-task --source-arn '],
    ['Pagekeeper mobaro undelivered', 'aws sqs purge-queue --queue-url '],
  ])('%s: %s', (name, part) => {
    expect(text(alarm(name)['AlarmDescription'])).toContain(part);
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
