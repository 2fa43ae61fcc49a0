import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

import {
  metricNamespace,
  type ConnectionGauge,
  type Gauges,
  type Measurements,
  type StreamGauge,
} from '../sync/gauges.ts';

/**
 * Gauges in CloudWatch's embedded metric format: one line on standard output for each set of dimensions, written at once.
 * The dimensions are part of a metric's name: alarms see exactly `{deployment, stream}` or `{deployment, connection}`.
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

  stream(stream: string, gauges: Gauges<StreamGauge>): void {
    this.#publish({ deployment: this.#deployment, stream }, gauges);
  }

  connection(connection: string, gauges: Gauges<ConnectionGauge>): void {
    this.#publish({ deployment: this.#deployment, connection }, gauges);
  }

  #publish(dimensions: Record<string, string>, gauges: Readonly<Record<string, 0 | 1>>): void {
    this.#metrics.addDimensions(dimensions);
    for (const [name, value] of Object.entries(gauges)) {
      this.#metrics.addMetric(name, MetricUnit.NoUnit, value);
    }
    this.#metrics.publishStoredMetrics();
  }
}
