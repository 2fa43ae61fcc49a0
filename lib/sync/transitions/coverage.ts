import { withdrawnCategories } from '../../connectors/coverage.ts';
import { categoryOf } from '../../connectors/field-names.ts';
import type { Checkpoint, Coverage } from '../checkpoint.ts';
import { definitionHash } from '../definition-hash.ts';
import { expectedOf, goneForNow } from '../field-access.ts';
import type { Stream } from '../settings.ts';

/** What a run that is over has shown of the fields that come. */

/** A whole run shows which fields come, and which do not. */
export function withCoverage(checkpoint: Checkpoint, stream: Stream): Checkpoint {
  const absent = checkpoint.progress?.absent ?? null;
  // Without a row nothing is known of the fields.
  if (absent === null || stream.settings.fields === null) return checkpoint;
  const first = checkpoint.progress?.firstPage ?? null;
  return { ...checkpoint, coverage: { absent, first, definition: definitionHash(stream), withheld: [] } };
}

/**
 * A run that has left rows unwritten is over. A category that any of its pages had may be seen, and is missing from the first
 * page by itself: the next run expects no more of its first page, and writes all. One that none had is expected still.
 */
export function learnCoverage(checkpoint: Checkpoint, stream: Stream): Checkpoint {
  const { run, outcome, progress, coverage } = checkpoint;
  if (run !== null || outcome !== 'partial' || progress === null) return checkpoint;
  if (!progress.unwritten) {
    return { ...checkpoint, coverage: coverage && { ...coverage, withheld: [] } };
  }
  const { fields } = stream.settings;
  const { absent, firstPage } = progress;
  const expected = firstPage && expectedOf(checkpoint, stream, firstPage.page);
  if (fields === null || absent === null || coverage === null || firstPage === null || expected === null) {
    return { ...checkpoint, reason: unwritten };
  }
  const gone = withdrawnCategories(fields, absent, expected);
  const isGone = (field: string): boolean => gone.includes(categoryOf(field));
  const learned: Coverage = {
    absent: fields.filter((field) => (isGone(field) ? coverage.absent : absent).includes(field)),
    first: {
      page: firstPage.page,
      absent: fields.filter((field) => (isGone(field) ? expected : firstPage.absent).includes(field)),
    },
    definition: coverage.definition,
    withheld: fields.filter(isGone),
  };
  const late = withdrawnCategories(fields, firstPage.absent, expected);
  return { ...checkpoint, coverage: learned, reason: gone.length > 0 ? goneForNow(gone) : cameLate(late) };
}

const unwritten = 'the first rows were not written: the next run writes them';

/** @param categories none where a person has said meanwhile that they are gone */
function cameLate(categories: readonly string[]): string {
  return categories.length === 0
    ? unwritten
    : `the first rows had nothing of ${categories.join(', ')}, which came later: the next run writes them`;
}

/** A person says that it is right so: the rows are written as they come from now on. @returns null if none are withheld */
export function withoutWithheld(checkpoint: Checkpoint): Checkpoint | null {
  const { coverage } = checkpoint;
  if (coverage === null || coverage.withheld.length === 0) return null;
  const { absent, first, withheld } = coverage;
  return {
    ...checkpoint,
    coverage: {
      ...coverage,
      absent: union(absent, withheld),
      first: first && { ...first, absent: union(first.absent, withheld) },
      withheld: [],
    },
  };
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}
