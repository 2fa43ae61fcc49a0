import { cursorStep } from '../paging/cursor-walk.ts';
import { digestOf } from '../paging/digest.ts';
import { offsetStep } from '../paging/offset-walk.ts';
import type { OffsetPosition, PagePosition } from '../paging/position.ts';
import { pagesInMemory, type Checkpoint } from './checkpoint.ts';
import type { Reading } from './read-answer.ts';
import type { Work } from './work.ts';

type Page = Extract<Reading, { kind: 'page' }>['page'];

export interface Walked {
  readonly step:
    /** @property claimed where it ends, if only the vendor's total says so */
    | { readonly kind: 'end'; readonly claimed: OffsetPosition | null }
    | { readonly kind: 'more'; readonly position: PagePosition }
    /** The page does not count: rows may have slipped past it. */
    | { readonly kind: 'step back'; readonly position: PagePosition | null }
    | { readonly kind: 'looping' }
    | { readonly kind: 'unbelievable'; readonly reason: string };
  /** The rows of the page that this run has not seen yet. */
  readonly fresh: Page['rows'];
}

/** Where the walk goes from this page. */
export async function walk(page: Page, held: Checkpoint, { deps, stream }: Work): Promise<Walked> {
  const { rows, total, cursor } = page;
  const { paging } = stream.definition;
  const digests = rows.map(({ id }) => digestOf(id));
  switch (paging.kind) {
    case 'none':
      return { step: { kind: 'end', claimed: null }, fresh: rows };
    case 'cursor': {
      const position = held.position?.kind === 'cursor' ? held.position : null;
      const step = cursorStep(position, cursor, digests);
      return { step: step.kind === 'end' ? { ...step, claimed: null } : step, fresh: rows };
    }
    case 'offset': {
      const position = held.position?.kind === 'offset' ? held.position : null;
      const pageSize = stream.settings.pageSize ?? paging.pageSize.default;
      let seen: ReadonlySet<string> = new Set(position?.anchor === undefined ? [] : [position.anchor]);
      let step = offsetStep(position, { digests, total }, pageSize, null);
      if (step.kind === 'look up') {
        // Rare, and dear: all that this run has seen.
        // What has been forgotten counts as not seen: then the walk only steps back further.
        const pages = pagesInMemory(held);
        seen = (await deps.seenRows.recall(stream.name, held.run ?? '', pages)) ?? new Set();
        step = offsetStep(position, { digests, total }, pageSize, seen);
      }
      return { step, fresh: rows.filter((_, index) => !seen.has(digests[index] ?? '')) };
    }
  }
}
