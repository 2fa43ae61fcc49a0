/**
 * Something was stored by a newer version of this program than the one that reads it, as happens while a deployment
 * rolls out or after one was rolled back. Never answered by overwriting it.
 */
export class NewerVersionError extends Error {
  override readonly name = 'NewerVersionError';
  /** Its message may be logged. */
  readonly holdsNoData = true;
  /** The format version found. */
  readonly found: number;
  /** The newest one that this code can read. */
  readonly known: number;

  /** @param what names the thing, for instance `item stream#mobaro/users`; never a value out of it. */
  constructor(what: string, found: number, known: number) {
    super(`The ${what} has format version ${found}; this version of Pagekeeper reads ${known}`);
    this.found = found;
    this.known = known;
  }
}
