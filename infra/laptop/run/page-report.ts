import { z } from 'zod';

import { pageOutcomes, streamOutcomes } from '../../../lib/sync/outcome.ts';
import type { PageReport } from '../../../lib/sync/report.ts';

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

/** The report of a page in a line of a function's log; null where there is none. @param entry the line, parsed */
export function reportIn(entry: unknown): PageReport | null {
  const page = typeof entry === 'object' && entry !== null && 'page' in entry ? entry.page : undefined;
  return reportSchema.safeParse(page).data ?? null;
}
