import { z } from 'zod';

import type { EventFilter, EventPattern } from './event-filters.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** By what each asks of a value. */
const filters = {
  equality: scalar,
  prefix: z.strictObject({ prefix: z.string() }),
  suffix: z.strictObject({ suffix: z.string() }),
  exists: z.strictObject({ exists: z.boolean() }),
  'anything-but': z.strictObject({
    'anything-but': z.union([z.array(scalar), scalar.transform((value) => [value])]),
  }),
};

/** A pattern, however deep, with filters of these kinds and no others. */
export function patternOf(kinds: readonly (keyof typeof filters)[]): z.ZodType<EventPattern> {
  const filter: z.ZodType<EventFilter> = z.union(kinds.map((kind) => filters[kind]));
  const pattern: z.ZodType<EventPattern> = z.lazy(() =>
    z.record(z.string().regex(/^[^$]/), z.union([z.array(filter).min(1), pattern])),
  );
  return pattern;
}

const ofLambda = patternOf(['equality', 'prefix', 'exists', 'anything-but']);

/**
 * Reads the pattern of a filter, which stands as JSON in the template.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 * @returns undefined if there is anything in it but equality, `prefix`, `exists` and `anything-but`.
 */
export function readPattern(text: string): EventPattern | undefined {
  try {
    return ofLambda.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
