import type { Answer } from '../frame/vendor.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { bobErrors } from './errors.ts';

export interface PageRequest {
  /** As it was sent; null for none. */
  readonly limit: string | null;
  readonly cursor: string | null;
  /** All that a cursor is bound to: the endpoint, the filters, the seed. */
  readonly scan: string;
}

export interface PageLimits {
  readonly default: number;
  readonly max: number;
}

export type Page<T> =
  | { readonly kind: 'page'; readonly rows: readonly T[]; readonly metadata: { next_cursor: string | null } }
  | { readonly kind: 'refused'; readonly refusal: Answer };

/** One page of rows. More than the maximum is a 400. Source: Bob's "Pagination". */
export function pageOf<T>(rows: readonly T[], asked: PageRequest, limits: PageLimits, now: number): Page<T> {
  const limit = asked.limit ?? String(limits.default);
  if (!/^\d{1,9}$/.test(limit) || Number(limit) < 1 || Number(limit) > limits.max) {
    const message = `limit must be between 1 and ${String(limits.max)}`;
    return { kind: 'refused', refusal: bobErrors.stamped(400, 'BAD_REQUEST', message, now) };
  }
  const offset = asked.cursor === null ? 0 : readCursor(asked.scan, asked.cursor);
  if (offset === null) {
    const refusal = bobErrors.keyed(400, 'exception.pagination.cursor.invalid', 'Invalid cursor');
    return { kind: 'refused', refusal };
  }
  const end = offset + Number(limit);
  return {
    kind: 'page',
    rows: rows.slice(offset, end),
    metadata: { next_cursor: end < rows.length ? writeCursor(asked.scan, end) : null },
  };
}
