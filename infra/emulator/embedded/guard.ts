import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { namesThisMachine } from '../../loopback/names-this-machine.ts';

/**
 * What the clients of one start sign their requests with, and nobody else knows. 37 letters and digits, as AWS allows them in
 * an access key id.
 */
export function newAccessKey(): string {
  return `LOCAL${randomBytes(16).toString('hex').toUpperCase()}`;
}

/**
 * Lets only those through to a server's handlers who know the access key, and no web page in any case: emulators check
 * nothing by themselves. To be called when the server has its handlers. A refused body is not read.
 *
 * Of a signature only the access key is looked at. Who could replay or change a request on the loopback interface is root.
 */
export function guard(server: Server, accessKey: string): void {
  const handlers = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const challenge = request.headers[challengeHeader];
    if (isFromPage(request) || !namesThisMachine(request)) refuse(response);
    else if (typeof challenge === 'string') answer(response, 200, proofOf(accessKey, challenge));
    else if (!isSame(signerOf(request), accessKey)) refuse(response);
    else for (const handler of handlers) Reflect.apply(handler, server, [request, response]);
  });
}

/** Browsers say one or the other with whatever a page sends, a form or an image too. */
function isFromPage({ headers }: IncomingMessage): boolean {
  return 'origin' in headers || Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));
}

/** The access key of a signature of version 4. Not that of a presigned URL: nothing here is meant to be passed on. */
function signerOf({ headers }: IncomingMessage): string {
  const [, signer = ''] = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\//.exec(headers.authorization ?? '') ?? [];
  return signer;
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** As AWS says it, so that an SDK makes a sentence of it. Nothing lets a page of another origin read it. */
const refusal = JSON.stringify({
  __type: 'UnrecognizedClientException',
  message: 'This server is for those who know the access key of the start that runs it.',
});

function refuse(response: ServerResponse): void {
  answer(response, 403, refusal);
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', connection: 'close' }).end(body);
}

const challengeHeader = 'x-pagekeeper-challenge';
const patienceMs = 2000;

function proofOf(accessKey: string, challenge: string): string {
  return createHmac('sha256', accessKey).update(challenge).digest('hex');
}

/**
 * Whether what answers at an origin is a server of the start with this access key. Ports are used again, and another user may
 * have taken that of a start which is gone: so the key is not shown, and the server has to prove that it knows it.
 */
export async function isServerOf(accessKey: string, origin: string): Promise<boolean> {
  const challenge = randomBytes(16).toString('hex');
  try {
    return isSame(await askWith(challenge, origin), proofOf(accessKey, challenge));
  } catch {
    return false;
  }
}

/** Not `fetch`: it says `sec-fetch-mode`, as a browser does. */
async function askWith(challenge: string, origin: string): Promise<string> {
  const options = { headers: { [challengeHeader]: challenge }, signal: AbortSignal.timeout(patienceMs) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(origin, options, resolve).on('error', reject);
  });
  return text(response);
}
