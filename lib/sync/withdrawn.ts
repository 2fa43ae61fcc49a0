import { stillAbsent, withdrawnCategory } from '../connectors/coverage.ts';
import type { Checkpoint } from './checkpoint.ts';
import { definitionHash } from './definition-hash.ts';
import type { Stream } from './settings.ts';

/**
 * Fields that the key's owner may not see any more are no fields that have been emptied: what is stored of them is kept, and
 * so nothing is written, until they come again or are not asked for any more. A category that only some have may be missing
 * from a page by itself: so the first page of the run is held against the first page of the last whole one, and the pages
 * behind it follow it until the category comes. @returns the reason, or null
 */
export function whyWithdrawn(
  absent: readonly string[] | null,
  { progress, coverage, position }: Checkpoint,
  stream: Stream,
): string | null {
  const { fields } = stream.settings;
  if (fields === null) return null;
  const known = coverage?.definition === definitionHash(stream) ? coverage.first : null;
  const page = progress?.first?.page ?? (position === null ? 'whole' : 'part');
  const sofar = stillAbsent(progress?.absent ?? null, absent);
  const comparable = known?.page === page ? known.absent : null;
  const category = withdrawnCategory(fields, sofar, comparable);
  return category === null
    ? null
    : `the vendor gives nothing of ${category} any more, so nothing is written: it may not be shown to this key`;
}

/** A whole run shows which fields come, and which do not. */
export function withCoverage(checkpoint: Checkpoint, stream: Stream): Checkpoint {
  const absent = checkpoint.progress?.absent ?? null;
  // Without a row there is nothing to tell by.
  if (absent === null || stream.settings.fields === null) return checkpoint;
  const first = checkpoint.progress?.first ?? null;
  return { ...checkpoint, coverage: { absent, first, definition: definitionHash(stream) } };
}
