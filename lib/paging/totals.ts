/**
 * What is known of the `total` that a vendor names with its pages: `confirmed` once it was right on a page behind the first,
 * `too low` once a page has had rows beyond it (some stop counting at a cap, some count the rows of the page); null before either.
 */
export type Totals = 'confirmed' | 'too low' | null;

/**
 * What is known after one more answer. That a total was too low is never forgotten.
 *
 * @param before rows that lie before the page
 * @param rows how many came
 * @param total what the vendor says there is in all; null if it does not
 */
export function totalsAfter(known: Totals, before: number, rows: number, total: number | null): Totals {
  if (total === null || known === 'too low') return known;
  if (rows > 0 && total < before + rows) return 'too low';
  return before > 0 ? 'confirmed' : known;
}
