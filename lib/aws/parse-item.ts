import type { z } from 'zod';

import { DamagedItemError } from './damaged-item-error.ts';
import { NewerVersionError } from './newer-version-error.ts';

/** Whether an item could be read, and not be understood. */
export function isUnreadable(error: unknown): error is DamagedItemError | NewerVersionError {
  return error instanceof DamagedItemError || error instanceof NewerVersionError;
}

/**
 * What is stored, held against its schema, so that a damaged item is an error that says so and never looks like none.
 * @param name how errors call the item
 * @throws {NewerVersionError} if its `v` is above `known`, with any other content
 * @throws {DamagedItemError} if it does not fit
 */
export function parseItem<Value>(
  name: string,
  item: Readonly<Record<string, unknown>>,
  known: number,
  schema: z.ZodType<Value>,
): Value {
  const { v } = item;
  if (typeof v !== 'number') throw new DamagedItemError(name, new Map([['v', 'is not a number']]));
  if (v > known) throw new NewerVersionError(`item ${name}`, v, known);
  const result = schema.safeParse(item);
  if (result.success) return result.data;
  // Only what was expected is reported: zod's messages name types and options, not the values that were found.
  throw new DamagedItemError(
    name,
    new Map(result.error.issues.map((issue) => [issue.path.join('.'), issue.message])),
  );
}
