import { digestOf } from '../../lib/paging/digest.ts';
import type { OffsetContext, OffsetStep, RefusedStep, Refusal } from '../../lib/paging/offset-step.ts';
import { askedOffset, askedRows, offsetStep, refusedStep } from '../../lib/paging/offset-walk.ts';
import type { OffsetPosition, StepsPosition } from '../../lib/paging/position.ts';
import { refusedInSteps, stepsStep } from '../../lib/paging/steps-walk.ts';
import { totalsAfter, type Totals } from '../../lib/paging/totals.ts';

/** What a server answers to one request: rows and a total, or a refusal. */
export type Answer =
  { readonly rows: readonly string[]; readonly total?: number } | { readonly refused: Refusal };

export interface Asked {
  readonly offset: number;
  readonly limit: number;
  /** From 1. */
  readonly request: number;
}

export interface ListWalk {
  readonly end: 'end' | 'nothing here' | 'cut short' | 'looping' | 'contradictory' | 'never';
  readonly seen: ReadonlySet<string>;
  readonly requests: number;
  readonly setbacks: number;
  readonly totals: Totals;
  readonly offsets: readonly number[];
}

/** Walks a list to its end with the pure steps alone, as the engine does with their results. */
export function walkList(
  answer: (asked: Asked) => Answer,
  rowsOfPage: number | ((request: number) => number),
  { totals: before = null, most = 2000 }: { readonly totals?: Totals; readonly most?: number } = {},
): ListWalk {
  const seen = new Set<string>();
  const digests = new Set<string>();
  const offsets: number[] = [];
  let position: OffsetPosition | StepsPosition | null = null;
  let totals = before;
  let setbacks = 0;
  for (let request = 1; request <= most; request += 1) {
    const pageSize = typeof rowsOfPage === 'number' ? rowsOfPage : rowsOfPage(request);
    const { offset, limit } = askedRows(position, pageSize, 128);
    offsets.push(offset);
    const given = answer({ offset, limit, request });
    const sofar = { seen, requests: request, setbacks, totals, offsets };
    const rows = 'rows' in given ? given.rows : [];
    const step: OffsetStep | RefusedStep =
      'refused' in given
        ? refuse(position, given.refused, { pageSize, setbacks })
        : take(position, given, { pageSize, asked: limit, totals, setbacks, offsets: null, seen: digests });
    if (step.kind === 'step back') {
      position = step.position;
      setbacks += step.isTrial === true ? 0 : 1;
      continue;
    }
    if (step.kind === 'nothing here' || step.kind === 'cut short' || step.kind === 'contradictory') {
      return { ...sofar, end: step.kind };
    }
    for (const row of rows) {
      seen.add(row);
      digests.add(digest(row));
    }
    if (position?.kind !== 'steps' && 'rows' in given && step.kind !== 'looping') {
      totals = totalsAfter(totals, askedOffset(position), rows.length, given.total ?? null);
    }
    if (step.kind !== 'more') return { ...sofar, totals, end: step.kind };
    position = step.position;
  }
  return { seen, requests: most, setbacks, totals, offsets, end: 'never' };
}

/** Of each row once: a property walks through many lists of the same ones. */
const known = new Map<string, string>();

function digest(row: string): string {
  const found = known.get(row) ?? digestOf(row);
  known.set(row, found);
  return found;
}

function take(
  position: OffsetPosition | StepsPosition | null,
  { rows, total = null }: { readonly rows: readonly string[]; readonly total?: number | null },
  context: OffsetContext & { readonly seen: ReadonlySet<string> },
): OffsetStep {
  const page = { digests: rows.map(digest), total };
  if (position?.kind !== 'steps') return offsetStep(position, page, context);
  const step = stepsStep(position, page, context);
  if (step.kind === 'look up') throw new Error('It has been looked up');
  return step;
}

function refuse(
  position: OffsetPosition | StepsPosition | null,
  refused: Refusal,
  context: Pick<OffsetContext, 'pageSize' | 'setbacks'>,
): RefusedStep {
  if (position === null) throw new Error('The first page is behind nothing');
  return position.kind === 'steps'
    ? refusedInSteps(position, refused, context.pageSize)
    : refusedStep(position, refused, context);
}

export function listOf(count: number): string[] {
  return Array.from({ length: count }, (_, row) => `row-${row}`);
}
