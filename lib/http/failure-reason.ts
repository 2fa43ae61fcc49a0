/** Found in the chain of causes; deep enough for ky around fetch around the socket. */
const deepest = 5;

/** Of Node (libuv, OpenSSL and its parser of HTTP), as far as they are met with; the others speak for themselves. */
const inWords: ReadonlyMap<string, string> = new Map([
  ['EPIPE', 'the connection broke'],
  ['ECONNABORTED', 'the connection broke'],
  ['ECONNRESET', 'the connection was reset'],
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'the host was not found'],
  ['EAI_AGAIN', 'the name server did not answer'],
  ['ETIMEDOUT', 'the host did not answer'],
  ['HPE_HEADER_OVERFLOW', 'the headers of the answer were too long'],
  ['EHOSTUNREACH', 'the host could not be reached'],
  ['ENETUNREACH', 'the network could not be reached'],
  ['CERT_HAS_EXPIRED', "the host's certificate has expired"],
  ['CERT_NOT_YET_VALID', "the host's certificate is not valid yet"],
  ['CERT_REVOKED', "the host's certificate has been revoked"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "the host's certificate is for another host"],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', "the host's certificate is signed by itself"],
  ['SELF_SIGNED_CERT_IN_CHAIN', "the host's certificate is signed by no trusted authority"],
  ['UNABLE_TO_GET_ISSUER_CERT', "the host's certificate is signed by no trusted authority"],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', "the host's certificate is signed by no trusted authority"],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', "the host's certificate is signed by no trusted authority"],
  ['EPROTO', 'the host does not speak TLS as it should'],
  ['NO_ANSWER', 'the connection was closed without an answer'],
  ['UNKNOWN_STATUS', 'the answer has no final status of HTTP'],
]);

/** Codes that share what comes before their details. */
const inWordsByStart: readonly (readonly [string, string])[] = [
  ['ERR_SSL_', 'the host does not speak TLS as it should'],
  ['HPE_', 'the answer is not HTTP'],
];

/** How a connection ends before its time: in the midst of an answer they all mean the same. */
const ends: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/**
 * Why no answer came, in words and as a code: `the connection was refused (ECONNREFUSED)`. A code without words stands
 * alone. Messages of errors are not passed on: they hold URLs, and headers with their values.
 * @param hasBegun whether the answer's status had come
 */
export function failureReason(error: unknown, hasBegun = false): string {
  let current = error;
  let name = 'Error';
  for (let depth = 0; depth < deepest && current instanceof Error; depth++) {
    if ('code' in current && typeof current.code === 'string') return withWords(current.code, hasBegun);
    name = current.name;
    current = current.cause;
  }
  return name;
}

function withWords(code: string, hasBegun: boolean): string {
  if (hasBegun && ends.has(code)) return `the answer was cut off (${code})`;
  const words = inWords.get(code) ?? inWordsByStart.find(([start]) => code.startsWith(start))?.[1];
  return words === undefined ? code : `${words} (${code})`;
}
