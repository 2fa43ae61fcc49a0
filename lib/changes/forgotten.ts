import { createHash } from 'node:crypto';

import type { RecordWrite } from './change.ts';

/** By digest of a record that was forgotten: up to when its writes are left out of the log, epoch milliseconds; null for all. */
export type ForgottenUntil = ReadonlyMap<string, number | null>;

/** An entry outlives whatever may still publish what was written before: the table's stream keeps that for a day. */
export const forgottenKeptMs = 8 * 86_400_000;

/** Stands for a record where its id is not to stand. JSON keeps stream and id apart. */
export function recordDigest(stream: string, id: string): string {
  return createHash('sha256')
    .update(JSON.stringify([stream, id]))
    .digest('base64url');
}

/** Whether a write is of what a record was before it was forgotten. The table tells its time in whole seconds. Pure. */
export function isForgotten({ before, after, writtenAt }: RecordWrite, forgotten: ForgottenUntil): boolean {
  const image = after ?? before;
  if (image === null || forgotten.size === 0) return false;
  const until = forgotten.get(recordDigest(image.stream, image.id));
  return until !== undefined && (until === null || writtenAt <= until);
}
