import type { LookUp, OffsetPage, OffsetStep } from '../../lib/paging/offset-step.ts';
import { askedLimit, offsetStep as step } from '../../lib/paging/offset-walk.ts';
import type { OffsetPosition } from '../../lib/paging/position.ts';
import type { Totals } from '../../lib/paging/totals.ts';

/** A step with as many rows asked for as the engine asks for, and totals that have been right on a later page. */
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  pageSize: number,
  seen: ReadonlySet<string>,
  totals?: Totals,
): OffsetStep;
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  pageSize: number,
  seen: ReadonlySet<string> | null,
  totals?: Totals,
): OffsetStep | LookUp;
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  pageSize: number,
  seen: ReadonlySet<string> | null,
  totals: Totals = 'confirmed',
): OffsetStep | LookUp {
  return step(position, page, {
    pageSize,
    asked: askedLimit(position, pageSize, 128),
    totals,
    seen,
    setbacks: 0,
    offsets: null,
  });
}
