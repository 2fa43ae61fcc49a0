/** Found in the chain of causes; deep enough for ky around fetch around undici around the socket. */
const deepest = 5;

/**
 * Why no answer came, as a code: `ECONNREFUSED`, `ENOTFOUND`, `UND_ERR_SOCKET` (closed half way),
 * `DEPTH_ZERO_SELF_SIGNED_CERT`. Messages of errors are not passed on: they hold URLs, and headers with their values.
 */
export function failureReason(error: unknown): string {
  let current = error;
  let name = 'Error';
  for (let depth = 0; depth < deepest && current instanceof Error; depth++) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    name = current.name;
    current = current.cause;
  }
  return name;
}
