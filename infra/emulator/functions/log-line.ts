import { z } from 'zod';

import { pageOutcomes, streamOutcomes } from '../../../lib/sync/outcome.ts';
import type { PageReport } from '../../../lib/sync/report.ts';

/** One value of a metric, as the function wrote it. */
export interface MetricValue {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

export interface LogLine {
  readonly report: PageReport | null;
  readonly metrics: readonly MetricValue[];
  /** Of a line of level WARN or above. */
  readonly warning: { readonly level: string; readonly message: string } | null;
}

const count = z.int().nonnegative();

const reportSchema = z.object({
  stream: z.string(),
  trigger: z.enum(['tick', 'message']),
  run: z.string().nullable(),
  sequence: count,
  outcome: z.enum(pageOutcomes),
  streamOutcome: z.enum(streamOutcomes).nullable(),
  endpoint: z.string(),
  status: z.int().nullable(),
  attempt: count,
  reason: z.string().nullable(),
  next: z.enum(['continue', 'redrive', 'parked', 'tick', 'none']),
  retryAt: z.number().nullable(),
  delaySeconds: z.number().nullable(),
  requests: z.literal([0, 1]),
  records: count,
  written: count,
  unchanged: count,
  deleted: count,
}) satisfies z.ZodType<PageReport>;

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
  const page = typeof entry === 'object' && entry !== null && 'page' in entry ? entry.page : undefined;
  return {
    report: reportSchema.safeParse(page).data ?? null,
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
