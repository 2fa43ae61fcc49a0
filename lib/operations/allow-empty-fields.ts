import type { Checkpoint } from '../sync/checkpoint.ts';
import { changeCheckpoint } from '../sync/compare-and-swap.ts';
import type { Checkpoints } from '../sync/ports.ts';
import { withheldCategories } from '../sync/field-access.ts';
import { withoutWithheld } from '../sync/transitions/coverage.ts';
import type { Done } from './done.ts';

/**
 * Lets the rows of a stream be written without the fields that the vendor gives no more, and that it is held back for; what is
 * stored of them is overwritten. Another category that comes to an end later holds it back again. Harmless when repeated.
 */
export async function allowEmptyFields(
  stream: string,
  { checkpoints }: { readonly checkpoints: Checkpoints },
): Promise<Done> {
  let categories: readonly string[] = [];
  const after = await changeCheckpoint(checkpoints, stream, (checkpoint) => {
    categories = withheldCategories(checkpoint);
    return withoutWithheld(checkpoint);
  });
  return { target: stream, changed: categories.length > 0, sentence: sentenceOf(after, categories) };
}

function sentenceOf({ stream, run }: Checkpoint, categories: readonly string[]): string {
  if (categories.length === 0) {
    return `No rows of ${stream} wait for fields that come no more; there is nothing to allow.`;
  }
  const when = run === null ? 'its next run' : 'the run that is under way, or by its next one,';
  return `The rows of ${stream} are written by ${when} without ${categories.join(', ')}, as the vendor gives them.`;
}
