import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

import {
  connectionFlags,
  metricNames,
  metricNamespace,
  streamFlags,
  sumOf,
  type ConnectionTrouble,
  type Measurements,
  type StreamTrouble,
} from '../sync/troubles.ts';

/**
 * Numbers in CloudWatch's embedded metric format: one line on standard output for each, written at once.
 * The dimensions are part of a metric's name: alarms see exactly `{deployment, stream}`,
 * `{deployment, connection}` or `{deployment}`.
 */
export class PowertoolsMeasurements implements Measurements {
  readonly #metrics = new Metrics({ namespace: metricNamespace });
  readonly #deployment: string;

  /** @param deployment the stack's name */
  constructor(deployment: string) {
    this.#deployment = deployment;
    // Powertools puts a dimension `service` on everything, and alarms without it would never see a value.
    this.#metrics.clearDefaultDimensions();
  }

  stream(stream: string, troubles: readonly StreamTrouble[]): void {
    this.#publish({ stream }, metricNames.stream, sumOf(streamFlags, troubles));
  }

  connection(connection: string, troubles: readonly ConnectionTrouble[]): void {
    this.#publish({ connection }, metricNames.connection, sumOf(connectionFlags, troubles));
  }

  request(connection: string, throttled: boolean): void {
    this.#publish({ connection }, metricNames.throttled, throttled ? 1 : 0);
  }

  misfits(fields: number): void {
    this.#publish({}, metricNames.misfits, fields);
  }

  #publish(dimension: Record<string, string>, name: string, value: number): void {
    this.#metrics.addDimensions({ deployment: this.#deployment, ...dimension });
    this.#metrics.addMetric(name, MetricUnit.NoUnit, value);
    this.#metrics.publishStoredMetrics();
  }
}
