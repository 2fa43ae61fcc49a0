import { InvalidArgumentError } from 'commander';

import { parseCursor, type Cursor } from '../../../lib/changes/cursor.ts';
import { changesOf } from '../../../lib/changes/object-key.ts';
import type { LogReader } from '../../../lib/changes/ports.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import type { Store } from '../store/store.ts';

const unitMs: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A date (midnight in UTC), a time, or how long ago. Pure.
 *
 * @returns epoch milliseconds
 * @throws InvalidArgumentError
 */
export function sinceOf(text: string, now: number): number {
  const [, number = '', unit = ''] = /^(\d{1,5})(min|h|d|w)$/.exec(text) ?? [];
  if (unit !== '') return now - Number(number) * (unitMs[unit] ?? 0);
  const at = isoTime.test(text) ? Date.parse(text) : Number.NaN;
  // JavaScript takes the 31st of February for the 3rd of March.
  if (!Number.isNaN(at) && isDay(text.slice(0, 10))) return at;
  throw new InvalidArgumentError(
    'It takes a date such as 2026-03-01, a time such as 2026-03-01T08:00Z, or how long ago, such as 90min, 12h, 7d or 4w.',
  );
}

/** @returns null for what is no cursor @throws InvalidArgumentError for what is a part of one */
export function cursorIn(text: string): Cursor | null {
  const cursor = parseCursor(text);
  const isWhole = cursor !== null && cursor.from > beforeAllCursors;
  if (!isWhole && /^c\d*\./.test(text)) {
    throw new InvalidArgumentError(
      'It looks like a cursor of export or changes, and a part of it is missing or has been changed.',
    );
  }
  return cursor;
}

/** There was no log. */
const beforeAllCursors = Date.UTC(2020, 0);

/** Clocks may differ by so much. */
const aheadMs = 10 * 60_000;

/**
 * Lines that came after the cursor may have expired since; and what lies ahead of it has been made up, or by a wrong clock.
 *
 * @param instead what a person can do
 * @throws UsageError
 */
export async function mustReachBack(
  { from }: Cursor,
  log: Pick<LogReader, 'now'>,
  { streams, catalogue }: Pick<Store, 'streams' | 'catalogue'>,
  instead: string,
): Promise<void> {
  const days = catalogue.settings.changes?.retentionDays ?? 0;
  const now = await log.now(changesOf(streams[0] ?? ''));
  if (from > now + aheadMs) {
    throw new UsageError(
      `--since: the cursor lies in the future (${new Date(from).toISOString()}): ${instead}.`,
    );
  }
  if (days === 0 || from >= now - days * 86_400_000) return;
  throw new UsageError(
    `--since: the log keeps its lines for ${String(days)} days, and the cursor is older, so that some may be missing: ${instead}.`,
  );
}

/** Without a zone JavaScript would take the one of this machine. */
const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
