import { categoriesOf, stillAbsent, withdrawnCategories } from '../connectors/coverage.ts';
import type { Checkpoint, Claimed, FirstAbsent } from './checkpoint.ts';
import { definitionHash } from './definition-hash.ts';
import type { Stream } from './settings.ts';

/**
 * Fields that the key's owner may not see any more are no fields that have been emptied: what is stored of them is kept, and
 * so nothing is written, until they come again, are not requested any more, or a person says that they are gone. A category
 * that only some have may be missing from a page by itself: so the first page of the run is held against the first page of the
 * last one, and the pages behind it follow it until the category comes. @returns the reason, or null
 */
export function whyWithdrawn(
  absent: readonly string[] | null,
  claimed: Claimed,
  stream: Stream,
): string | null {
  const { fields } = stream.settings;
  if (fields === null) return null;
  const { progress, position } = claimed;
  const page = progress.firstPage?.page ?? (position === null ? 'whole' : 'part');
  const sofar = stillAbsent(progress.absent, absent);
  const gone = withdrawnCategories(fields, sofar, expectedOf(claimed, stream, page));
  return gone.length === 0 ? null : goneForNow(gone);
}

export function goneForNow(categories: readonly string[]): string {
  return `the vendor gives nothing of ${categories.join(', ')} any more, so nothing is written: it may not be shown to this key`;
}

/** What may be absent from the first page, if it can be compared. */
export function expectedOf(
  { coverage }: Checkpoint,
  stream: Stream,
  page: FirstAbsent['page'],
): readonly string[] | null {
  const first = coverage?.definition === definitionHash(stream) ? coverage.first : null;
  return first?.page === page ? first.absent : null;
}

/** The categories that keep rows from being written. */
export function withheldCategories({ coverage }: Checkpoint): readonly string[] {
  return categoriesOf(coverage?.withheld ?? []);
}
