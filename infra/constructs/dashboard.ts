import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { severityOf } from '../../lib/on-call/alarm-kinds.ts';
import type { ChangeLog } from './change-log.ts';
import type { Connection } from './connection.ts';
import type { Events } from './events.ts';
import { logQueries, type LogQuery } from './log-queries.ts';
import type { Tables } from './tables.ts';
import type { Watchdog } from './watchdog.ts';

export interface DashboardProps {
  readonly deployment: string;
  readonly connections: readonly Connection[];
  readonly watchdog: Watchdog;
  readonly tables: Tables;
  readonly changeLog: ChangeLog | null;
  readonly events: Events | null;
  /** Their names. */
  readonly alarms: readonly string[];
}

const wide = 24;
const half = 12;
/** In one widget. */
const maxAlarmsInWidget = 100;
/** On the dashboard: nobody looks through more, and each takes 150 bytes of the template. */
const maxAlarms = 500;
const hour = Duration.hours(1);

/**
 * A dashboard, and queries of the logs beside it. Most figures come from the logs: each would be a metric to pay for, by
 * stream and month, while a query costs when somebody looks.
 */
export class Dashboard extends Construct {
  readonly #props: DashboardProps;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    this.#props = props;
    const { deployment } = props;
    const logGroups = props.connections.flatMap(({ functions }) => functions.map(({ logGroup }) => logGroup));
    for (const name of Object.keys(logQueries) as LogQuery[]) {
      new QueryDefinition(this, name, {
        queryDefinitionName: `${deployment}/${name}`,
        queryString: new QueryString(logQueries[name]),
        logGroups,
      });
    }
    new CloudWatchDashboard(this, 'Dashboard', {
      // Dashboards of all regions of an account share their names.
      dashboardName: `${deployment}-${Stack.of(this).region}`,
      defaultInterval: Duration.days(1),
      widgets: this.#rows(),
    });
  }

  #rows(): IWidget[][] {
    return [
      ...this.#alarms(),
      [
        this.#query('Freshness: when each stream was last complete', 'last complete runs'),
        this.#query('Pages and records', 'pages and records by stream'),
      ],
      [
        this.#query('Outcomes of pages', 'outcomes by hour', LogQueryVisualizationType.STACKEDAREA),
        this.#query('Waits, in seconds', 'waits by stream'),
      ],
      [
        this.#query(
          'Limits: answers of the vendors',
          'answers by hour',
          LogQueryVisualizationType.STACKEDAREA,
          wide,
        ),
      ],
      [
        graph('Cost: invocations an hour', this.#invocations()),
        graph('Cost: GB-seconds of functions an hour', this.#gigabyteSeconds()),
      ],
      [
        graph('Cost: units of DynamoDB an hour', this.#units()),
        graph('Cost: messages sent an hour', this.#messages()),
      ],
      [this.#query('What has gone wrong', 'what has gone wrong', LogQueryVisualizationType.TABLE, wide)],
    ];
  }

  #alarms(): IWidget[][] {
    const { alarms, title } = shownOf(this.#props.alarms);
    const starts = Array.from(
      { length: Math.ceil(alarms.length / maxAlarmsInWidget) },
      (_, index) => index * maxAlarmsInWidget,
    );
    return starts.map((start) => [
      new AlarmStatusWidget({
        title,
        // By their names: an alarm of a nested stack would be an output of it, of which a stack has 200.
        alarms: alarms
          .slice(start, start + maxAlarmsInWidget)
          .map((name) => Alarm.fromAlarmName(this, `Alarm-${name}`, name)),
        width: wide,
        height: 6,
      }),
    ]);
  }

  #query(
    title: string,
    query: LogQuery,
    view: LogQueryVisualizationType = LogQueryVisualizationType.TABLE,
    width = half,
  ): LogQueryWidget {
    const logGroupNames = this.#props.connections.flatMap(({ functions }) =>
      functions.map(({ logGroupName }) => logGroupName),
    );
    const queryString = new QueryString(logQueries[query]).toString();
    return new LogQueryWidget({ title, logGroupNames, queryString, view, width, height: 6 });
  }

  #functions() {
    const { connections, watchdog, changeLog, events } = this.#props;
    return [
      ...connections.flatMap(({ functions, link }) =>
        functions.map((fn) => ({ fn, label: `${link.name} ${fn.entry}` })),
      ),
      { fn: watchdog.fn, label: 'watchdog' },
      ...[...(changeLog?.functions ?? []), ...(events === null ? [] : [events.fn])].map((fn) => ({
        fn,
        label: fn.entry,
      })),
    ];
  }

  #invocations(): IMetric[] {
    return this.#functions().map(({ fn, label }) =>
      fn.metricInvocations({ statistic: 'Sum', period: hour, label }),
    );
  }

  #gigabyteSeconds(): IMetric[] {
    return this.#functions().map(
      ({ fn, label }, index) =>
        new MathExpression({
          // Duration is in milliseconds.
          expression: `d${String(index)}/1000*${String(fn.memoryMb / 1024)}`,
          usingMetrics: { [`d${String(index)}`]: fn.metricDuration({ statistic: 'Sum', period: hour }) },
          label,
          period: hour,
        }),
    );
  }

  #units(): IMetric[] {
    const { checkpoints, records } = this.#props.tables;
    return Object.entries({ checkpoints, records }).flatMap(([name, table]) => [
      table.metricConsumedReadCapacityUnits({ statistic: 'Sum', period: hour, label: `${name} read` }),
      table.metricConsumedWriteCapacityUnits({ statistic: 'Sum', period: hour, label: `${name} written` }),
    ]);
  }

  #messages(): IMetric[] {
    return this.#props.connections.map(({ pageQueue, link }) =>
      pageQueue.queue.metricNumberOfMessagesSent({
        statistic: 'Sum',
        period: hour,
        label: link.name,
      }),
    );
  }
}

/** Of many alarms those that page come first. */
function shownOf(all: readonly string[]): { readonly alarms: readonly string[]; readonly title: string } {
  if (all.length <= maxAlarms) return { alarms: all, title: 'Alarms' };
  const pages = all.filter((name) => severityOf(name) === 'page').slice(0, maxAlarms);
  const title = `Alarms that page (${String(pages.length)} of ${String(all.length)} alarms)`;
  return { alarms: pages, title };
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: half, height: 6, leftYAxis: { min: 0, showUnits: false } });
}
