/** @param connection null for a function that serves them all @param entry of `functions/`, without its ending */
export function logGroupNameOf(stack: string, connection: string | null, entry: string): string {
  return ['/pagekeeper', stack, connection, entry].filter((part) => part !== null).join('/');
}
