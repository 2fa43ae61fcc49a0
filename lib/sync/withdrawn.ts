import { stillAbsent, withdrawnCategory } from '../connectors/coverage.ts';
import type { Checkpoint } from './checkpoint.ts';
import { definitionHash } from './definition-hash.ts';
import type { Stream } from './settings.ts';

/**
 * Fields that the key's owner may not see any more are no fields that have been emptied: what is stored of them is kept, and
 * so nothing is written, until they come again or are not asked for any more. @returns the reason, or null
 */
export function whyWithdrawn(
  absent: readonly string[] | null,
  { progress, coverage }: Checkpoint,
  stream: Stream,
): string | null {
  const known = coverage?.definition === definitionHash(stream) ? coverage.absent : null;
  const sofar = stillAbsent(progress?.absent ?? null, absent);
  const category = withdrawnCategory(stream.settings.fields ?? [], sofar, known);
  return category === null
    ? null
    : `the vendor gives nothing of ${category} any more, so nothing is written: it may not be shown to this key`;
}

/** A whole run shows which fields come, and which do not. */
export function withCoverage(checkpoint: Checkpoint, stream: Stream): Checkpoint {
  const absent = checkpoint.progress?.absent ?? null;
  // Without a row there is nothing to tell by.
  if (absent === null || stream.settings.fields === null) return checkpoint;
  return { ...checkpoint, coverage: { absent, definition: definitionHash(stream) } };
}
