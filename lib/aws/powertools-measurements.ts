import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

import { metricName, metricNamespace, numberOf, type Measurements, type Trouble } from '../sync/troubles.ts';

/**
 * Numbers in CloudWatch's embedded metric format: one line on standard output for each, written at once.
 * The dimensions are part of a metric's name: alarms see exactly `{deployment, connection}`.
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

  troubles(connection: string, troubles: ReadonlySet<Trouble>, readAt: number): void {
    this.#metrics.addDimensions({ deployment: this.#deployment, connection });
    this.#metrics.addMetric(metricName, MetricUnit.NoUnit, numberOf(troubles, readAt));
    // Of the minute in which it was read, and not of the one in which it is written.
    this.#metrics.setTimestamp(readAt);
    this.#metrics.publishStoredMetrics();
  }
}
