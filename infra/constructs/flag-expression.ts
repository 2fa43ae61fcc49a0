/**
 * Takes one flag out of a sum of flags, 1 or 0, in CloudWatch's metric math, which knows no bits.
 *
 * @param metric id of the metric in the expression
 * @param flag a power of two
 */
export function flagExpression(metric: string, flag: number): string {
  const above = `FLOOR(${metric}/${String(2 * flag)})`;
  return `FLOOR(${metric}/${String(flag)})-2*${above}`;
}
