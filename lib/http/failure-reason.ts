/** Found in the chain of causes; deep enough for ky around fetch around undici around the socket. */
const deepest = 5;

/** Of Node (libuv and OpenSSL) and of undici, as far as they are met with; the others speak for themselves. */
const inWords: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_SOCKET', 'the connection broke'],
  ['EPIPE', 'the connection broke'],
  ['ECONNABORTED', 'the connection broke'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'the answer was cut off'],
  ['ECONNRESET', 'the connection was reset'],
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'the host was not found'],
  ['EAI_AGAIN', 'the name server did not answer'],
  ['ETIMEDOUT', 'the host did not answer'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the host did not answer'],
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer came in time'],
  ['UND_ERR_BODY_TIMEOUT', 'the answer stopped half way'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the headers of the answer were too long'],
  ['EHOSTUNREACH', 'the host could not be reached'],
  ['ENETUNREACH', 'the network could not be reached'],
  ['CERT_HAS_EXPIRED', "the host's certificate has expired"],
  ['CERT_NOT_YET_VALID', "the host's certificate is not valid yet"],
  ['CERT_REVOKED', "the host's certificate has been revoked"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "the host's certificate is for another host"],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', "the host's certificate is signed by itself"],
  ['SELF_SIGNED_CERT_IN_CHAIN', "the host's certificate is signed by nobody who is trusted"],
  ['UNABLE_TO_GET_ISSUER_CERT', "the host's certificate is signed by nobody who is trusted"],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', "the host's certificate is signed by nobody who is trusted"],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', "the host's certificate is signed by nobody who is trusted"],
  ['EPROTO', 'the host does not speak TLS as it should'],
]);

/** Codes that share what comes before their details. */
const inWordsByStart: readonly (readonly [string, string])[] = [
  ['ERR_SSL_', 'the host does not speak TLS as it should'],
  ['HPE_', 'the answer is not HTTP'],
];

/**
 * Why no answer came, in words and as a code: `the connection was refused (ECONNREFUSED)`. A code without words stands
 * alone. Messages of errors are not passed on: they hold URLs, and headers with their values.
 */
export function failureReason(error: unknown): string {
  let current = error;
  let name = 'Error';
  for (let depth = 0; depth < deepest && current instanceof Error; depth++) {
    if ('code' in current && typeof current.code === 'string') return withWords(current.code);
    name = current.name;
    current = current.cause;
  }
  return name;
}

function withWords(code: string): string {
  const words = inWords.get(code) ?? inWordsByStart.find(([start]) => code.startsWith(start))?.[1];
  return words === undefined ? code : `${words} (${code})`;
}
