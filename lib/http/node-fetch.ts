import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { addAbortSignal, Readable } from 'node:stream';

import { decompressed, understoodEncodings } from './decompress.ts';

/**
 * `fetch` over `node:http`, as far as ky needs it, in place of Node's own: that one breaks the connection at a `100 Continue`
 * that it did not request, which RFC 9110 (15.2) wants to be passed over, and takes gzip that breaks off for whole.
 *
 * Redirects are not followed. The body is decompressed as it is read, so that a reader that stops stops the download.
 * @param signal ends the request, and the body to its last byte. It is not the request's own: a `Request` holds its signal by a
 *   weak reference, so that after a garbage collection nothing would end it
 */
export function nodeFetch(signal: AbortSignal): typeof fetch {
  return async (input, init) => {
    const given = new Request(input, init);
    const { method, url } = given;
    const body = given.body === null ? null : Buffer.from(await given.arrayBuffer());
    const headers = { 'accept-encoding': understoodEncodings, ...Object.fromEntries(given.headers) };
    const { request, Agent } = url.startsWith('https:') ? https : http;
    // A connection for each, through the proxy that Node takes from the environment (NODE_USE_ENV_PROXY) where it is set to.
    const agent = new Agent({ keepAlive: false, proxyEnv: https.globalAgent.options.proxyEnv });
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, signal, agent });
      let answer: IncomingMessage | undefined;
      sent.on('error', (error) => {
        answer?.destroy(error);
        reject(error);
      });
      sent.on('response', (message) => {
        answer = message;
        try {
          resolve(responseOf(message, signal));
        } catch (error) {
          // Nothing else would catch it: one answer would end the whole process.
          sent.destroy(error instanceof Error ? error : new NoAnswerError());
        }
      });
      // Without a word of an error after 101, which was not requested here.
      sent.on('close', () => {
        reject(new NoAnswerError());
      });
      sent.end(body ?? undefined);
    });
  };
}

/** Statuses whose answers have no body, even if bytes follow. */
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

function isKnownStatus(status: number): boolean {
  return status >= 200 && status <= 599;
}

function responseOf(message: IncomingMessage, signal: AbortSignal): Response {
  const { statusCode: status = 0 } = message;
  if (!isKnownStatus(status)) throw new UnknownStatusError();
  const headers = headersOf(message);
  if (withoutBody.has(status)) {
    message.destroy();
    return new Response(null, { status, headers });
  }
  const body = decompressed(message, headers.get('content-encoding'));
  return new Response(Readable.toWeb(addAbortSignal(signal, body)), { status, headers });
}

/** Every one of them: `message.headers` drops what comes twice. */
function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return headers;
}

/** RFC 9110 (15) wants it treated like a 500. */
class UnknownStatusError extends Error {
  readonly code = 'UNKNOWN_STATUS';
}

class NoAnswerError extends Error {
  readonly code = 'NO_ANSWER';
}
