import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { metricNamespace, type ConnectionGauge, type StreamGauge } from '../../lib/sync/gauges.ts';

/** Alarms that tell on-call. Their names are `<deployment> <what> <kind>`: stable, for they are what a pager shows. */
export class Alarms extends Construct {
  readonly #deployment: string;
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, props: { deployment: string; topic: ITopic }) {
    super(scope, id);
    this.#deployment = props.deployment;
    this.#action = new SnsAction(props.topic);
  }

  /** For a state that is stored and published as 0 or 1, see lib/sync/gauges.ts. */
  onGauge(
    name: string,
    gauge: StreamGauge | ConnectionGauge,
    dimensions: { readonly stream: string } | { readonly connection: string },
    description: string,
  ): void {
    this.#add(name, description, {
      metric: new Metric({
        namespace: metricNamespace,
        metricName: gauge,
        dimensionsMap: { deployment: this.#deployment, ...dimensions },
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
      // A gauge is published when it changes and every 5 minutes. In between the alarm keeps its state: it lasts as long
      // as the cause, and does not flap.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }

  /** For a queue in which nothing should be. */
  onMessages(name: string, queue: IQueue, description: string): void {
    this.#add(name, description, {
      metric: queue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
      // SQS stops measuring a queue that nobody has touched for 6 hours, and its messages are still there.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }

  onErrors(name: string, fn: IFunction, description: string): void {
    this.#add(name, description, {
      metric: fn.metricErrors({ statistic: 'Sum', period: Duration.minutes(5) }),
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  #add(
    name: string,
    description: string,
    watched: { metric: IMetric; treatMissingData: TreatMissingData },
  ): void {
    // Nothing is sent when an alarm ends: the first evaluation of each new alarm would send one, too.
    new Alarm(this, name, {
      ...watched,
      alarmName: `${this.#deployment} ${name}`,
      alarmDescription: description,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
    }).addAlarmAction(this.#action);
  }
}
