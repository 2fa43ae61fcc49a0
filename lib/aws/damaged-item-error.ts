/** A stored item does not have the shape it was written with. Its message names the item and the attributes, no values. */
export class DamagedItemError extends Error {
  override readonly name = 'DamagedItemError';
  /** Its message may be logged. */
  readonly holdsNoData = true;
  readonly attributes: readonly string[];

  /**
   * @param item names it, for instance `stream#mobaro/users`
   * @param problems by attribute (a path with dots), what is wrong with it
   */
  constructor(item: string, problems: ReadonlyMap<string, string>) {
    const list = [...problems].map(([attribute, problem]) => `${attribute}: ${problem}`).join('; ');
    super(`The stored item ${item} is damaged (${list})`);
    this.attributes = [...problems.keys()];
  }
}
