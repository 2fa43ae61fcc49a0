import { z } from 'zod';

import type { EventFilter, EventPattern } from './template-model.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const filter: z.ZodType<EventFilter> = z.union([
  scalar,
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({
    'anything-but': z.union([z.array(scalar), scalar.transform((value) => [value])]),
  }),
]);

const pattern: z.ZodType<EventPattern> = z.lazy(() =>
  z.record(z.string().regex(/^[^$]/), z.union([z.array(filter).min(1), pattern])),
);

/**
 * Reads the pattern of a filter, which stands as JSON in the template.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 * @returns undefined if there is anything in it but equality, `prefix`, `exists` and `anything-but`.
 */
export function readPattern(text: string): EventPattern | undefined {
  try {
    return pattern.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
