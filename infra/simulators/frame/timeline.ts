const minute = 60_000;
const day = 24 * 60 * minute;
// Fixed, and not "some time ago": data that moves with the clock would be new data on every start.
const beginning = Date.UTC(2025, 0, 6, 7, 30, 0);

/** Epoch milliseconds of a moment in the invented companies' history. */
export function moment(days: number, minutes = 0): number {
  return beginning + days * day + minutes * minute;
}

/** `2025-01-06T07:30:00Z` */
export function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** `2025-01-06T07:30:00.000000`: without a zone, as Bob writes what it has logged. */
export function naive(time: number): string {
  return `${new Date(time).toISOString().slice(0, 23)}000`;
}

/** `2025-01-06` */
export function date(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
