/** The person who typed the command has to change it: told in one sentence, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
