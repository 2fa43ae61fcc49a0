import { cursorStep, type CursorStep } from '../paging/cursor-walk.ts';
import { digestOf } from '../paging/digest.ts';
import { offsetStep, type OffsetStep } from '../paging/offset-walk.ts';
import { beginningOf, walkOf, withWalk, type OffsetPosition, type PagePosition } from '../paging/position.ts';
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
  const walked = walkOf(held.position);
  switch (paging.kind) {
    case 'none':
    case 'file': {
      const after = walked?.kind === 'answer' || walked?.kind === 'file' ? walked.after : undefined;
      const fresh = after === undefined ? rows : rows.filter(({ id }) => id > after);
      return { step: { kind: 'end', claimed: null }, fresh };
    }
    case 'cursor': {
      const step = cursorStep(walked?.kind === 'cursor' ? walked : null, cursor, digests);
      return {
        step: step.kind === 'end' ? { ...step, claimed: null } : inPart(step, held.position),
        fresh: rows,
      };
    }
    case 'offset': {
      const position = walked?.kind === 'offset' ? walked : null;
      const pageSize = stream.settings.pageSize ?? paging.pageSize.default;
      let seen: ReadonlySet<string> = new Set(position?.anchor === undefined ? [] : [position.anchor]);
      let step = offsetStep(position, { digests, total }, pageSize, null);
      if (step.kind === 'look up') {
        // Rare, and dear: all that this run has seen.
        // What has been forgotten counts as not seen: then the walk only steps back further.
        const pages = pagesInMemory(held);
        const from = held.position?.kind === 'part' ? held.position.from : 0;
        seen = (await deps.seenRows.recall(stream.name, held.run ?? '', pages, from)) ?? new Set();
        step = offsetStep(position, { digests, total }, pageSize, seen);
      }
      const fresh = rows.filter((_, index) => !seen.has(digests[index] ?? ''));
      return { step: inPart(step, held.position), fresh };
    }
  }
}

/** The walk's own places, within the part of the run that it walks. */
function inPart(
  step: OffsetStep | Exclude<CursorStep, { kind: 'end' }>,
  position: Checkpoint['position'],
): Walked['step'] {
  switch (step.kind) {
    case 'more':
      return { ...step, position: withWalk(position, step.position) };
    case 'step back':
      return {
        ...step,
        position: step.position === null ? beginningOf(position) : withWalk(position, step.position),
      };
    case 'end':
      // What a part holds is not what there is in all: its total confirms nothing.
      return { ...step, claimed: position?.kind === 'part' ? null : step.claimed };
    case 'looping':
    case 'unbelievable':
      return step;
  }
}
