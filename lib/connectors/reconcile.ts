const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const defaultReconcile = 'rate(7 days)';

/** What `reconcile` must be, for the sentence about one that is not. */
export const reconcileRule = 'must be a rate from "rate(1 hour)" to "rate(366 days)"';

/** How often a whole list is walked. @returns milliseconds, or null for what is no such rate */
export function reconcileMsOf(expression: string): number | null {
  const [, digits, unit, many] = /^rate\(([1-9]\d{0,3}) (hour|day)(s?)\)$/.exec(expression) ?? [];
  const count = Number(digits);
  // As EventBridge Scheduler writes its rates: 1 day, 2 days.
  if (unit === undefined || (count === 1) === (many === 's')) return null;
  const ms = count * (unit === 'hour' ? hourMs : dayMs);
  return ms <= 366 * dayMs ? ms : null;
}
