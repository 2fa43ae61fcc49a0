import { z } from 'zod';

import type { MetricValue } from '../alarms/metric-store.ts';

export interface LogLine {
  /** The whole line, parsed; undefined where it is no JSON object. */
  readonly entry: unknown;
  readonly metrics: readonly MetricValue[];
  /** Of a line of level WARN or above. */
  readonly warning: { readonly level: string; readonly message: string } | null;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const metricsSchema = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

const numbers = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

const warningSchema = z.object({
  level: z.enum(['WARN', 'ERROR', 'CRITICAL', 'FATAL']),
  message: z.string(),
});

/**
 * What a line of a function's output says. Libraries write to it too, in whatever form they like, so a line that cannot
 * be read is not an error.
 */
export function readLogLine(line: string): LogLine {
  const entry = parse(line);
  return {
    entry,
    metrics: metricsOf(entry),
    warning: warningSchema.safeParse(entry).data ?? null,
  };
}

function metricsOf(entry: unknown): MetricValue[] {
  const directives = metricsSchema.safeParse(entry).data?._aws.CloudWatchMetrics ?? [];
  const values = entry as Readonly<Record<string, unknown>>;
  return directives.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => ({
        namespace: Namespace,
        name: Name,
        dimensions: Object.fromEntries(names.map((name) => [name, String(values[name])])),
        values: numbers.safeParse(values[Name]).data ?? [],
      })),
    ),
  );
}

function parse(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
