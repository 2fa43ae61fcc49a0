/** One value of a metric, as a function wrote it or AWS measured it. */
export interface MetricValue {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

interface Point {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

export type MetricId = Pick<MetricValue, 'namespace' | 'name' | 'dimensions'>;

/** The values of every metric that has been emitted, in the order they came. */
export class MetricStore {
  readonly #points = new Map<string, Point[]>();
  readonly #keepMs: number;

  /** @param keepMs how far back anybody will ask. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  add({ values, ...metric }: MetricValue, at: number): void {
    const key = keyOf(metric);
    const points = this.#points.get(key) ?? [];
    const firstKept = points.findIndex((point) => point.at > at - this.#keepMs);
    points.splice(0, firstKept === -1 ? points.length : firstKept);
    points.push(...values.map((value) => ({ at, value })));
    this.#points.set(key, points);
  }

  /** The values of a period: later than `from`, and not later than `to`. */
  values(metric: MetricId, from: number, to: number): number[] {
    return (this.#points.get(keyOf(metric)) ?? [])
      .filter(({ at }) => at > from && at <= to)
      .map(({ value }) => value);
  }
}

/** A metric is its name with all of its dimensions, in any order; with fewer of them it is another one. */
function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
