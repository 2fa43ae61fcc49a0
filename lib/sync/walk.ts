import { cursorStep } from '../paging/cursor-walk.ts';
import { digestOf } from '../paging/digest.ts';
import { offsetStep } from '../paging/offset-walk.ts';
import type { Position } from '../paging/position.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Reading } from './read-answer.ts';
import type { Work } from './work.ts';

type Page = Extract<Reading, { kind: 'page' }>['page'];

export interface Walked {
  readonly step:
    | { readonly kind: 'end' }
    | { readonly kind: 'more'; readonly position: Position }
    /** The page does not count: rows may have slipped past it. */
    | { readonly kind: 'step back'; readonly position: Position | null }
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
      return { step: { kind: 'end' }, fresh: rows };
    case 'cursor': {
      const position = held.position?.kind === 'cursor' ? held.position : null;
      return { step: cursorStep(position, cursor, digests), fresh: rows };
    }
    case 'offset': {
      const position = held.position?.kind === 'offset' ? held.position : null;
      const pageSize = stream.settings.pageSize ?? paging.pageSize.default;
      let seen: ReadonlySet<string> = new Set(position?.anchor === undefined ? [] : [position.anchor]);
      let step = offsetStep(position, { digests, total }, pageSize, null);
      if (step.kind === 'look up') {
        // Rare, and dear: all that this run has seen.
        seen = await deps.seenRows.recall(stream.name, held.run ?? '', held.sequence);
        step = offsetStep(position, { digests, total }, pageSize, seen);
      }
      return { step, fresh: rows.filter((_, index) => !seen.has(digests[index] ?? '')) };
    }
  }
}
