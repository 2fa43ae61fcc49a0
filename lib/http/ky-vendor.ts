import ky from 'ky';

import type { Clock, Vendor, VendorAnswer, VendorRequest } from '../sync/ports.ts';
import { defaultMaxPageMb } from '../sync/settings.ts';
import { version } from '../sync/version.ts';
import { failureReason } from './failure-reason.ts';
import { nodeFetch } from './node-fetch.ts';
import { beginningOf, wholeBody } from './read-body.ts';
import { redirectOf } from './redirect.ts';

const maxChain = 3;

export interface KyVendorOptions {
  /** For the whole call: connecting, redirects and the body to its last byte. */
  readonly timeoutMs: number;
  /** The longest body of a good answer, in bytes after decompression. */
  readonly maxPageBytes?: number;
  /** Says when an answer arrived. */
  readonly clock: Pick<Clock, 'now'>;
}

/** The vendor over HTTP. Nothing is tried again here: what to do after a failure is decided where the position is known. */
export class KyVendor implements Vendor {
  readonly #timeoutMs: number;
  readonly #maxPageBytes: number;
  readonly #clock: Pick<Clock, 'now'>;

  constructor({ timeoutMs, maxPageBytes = defaultMaxPageMb * 1024 * 1024, clock }: KyVendorOptions) {
    this.#timeoutMs = timeoutMs;
    this.#maxPageBytes = maxPageBytes;
    this.#clock = clock;
  }

  async call(request: VendorRequest, signal: AbortSignal): Promise<VendorAnswer> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const either = AbortSignal.any([signal, deadline]);
    let url = new URL(request.url);
    let hasBegun = false;
    try {
      const headers = this.#headers(request);
      for (let hops = 0; ; hops++) {
        hasBegun = false;
        const response = await ky(signedUrl(url, request), {
          method: request.method,
          headers,
          body: request.body,
          signal: either,
          fetch: nodeFetch(either),
          // ky's own would sleep in the function, and spend attempts that are not counted.
          retry: 0,
          throwHttpErrors: false,
          redirect: 'manual',
          // The deadline is for all of it, the body and other hops as well.
          timeout: false,
        });
        hasBegun = true;
        const receivedAt = this.#clock.now();

        const redirect = redirectOf(response, url, request.method);
        if (redirect.kind === 'none') {
          const { status, ok } = response;
          const headersTold = Object.fromEntries(response.headers);
          const body = await (ok ? wholeBody(response, this.#maxPageBytes) : beginningOf(response));
          return { kind: 'answered', status, headers: headersTold, ...body, receivedAt };
        }
        await response.body?.cancel();
        const { status } = response;
        if (redirect.kind === 'refused') return { kind: 'redirected', status, reason: redirect.reason };
        if (hops === maxChain) {
          return { kind: 'redirected', status, reason: `redirected more than ${maxChain} times` };
        }
        url = redirect.url;
      }
    } catch (error) {
      if (signal.aborted) return timedOut('stopped before the function runs out of time');
      if (deadline.aborted) return timedOut(`no complete answer within ${this.#timeoutMs / 1000} s`);
      const reason = error instanceof UnsendableHeaderError ? error.message : failureReason(error, hasBegun);
      return { kind: 'unanswered', failure: 'network', reason };
    }
  }

  /** The caller's, and those that every request has. */
  #headers(request: VendorRequest): Headers {
    const headers = new Headers({
      accept: 'application/json',
      'user-agent': `pagekeeper/${version}`,
      // A connection that was kept dies while Lambda holds the function frozen, and the next page would meet ECONNRESET.
      connection: 'close',
    });
    for (const [name, value] of Object.entries(request.headers)) {
      try {
        headers.set(name, value);
      } catch {
        throw new UnsendableHeaderError(name);
      }
    }
    if (request.body === null) headers.delete('content-type');
    // fetch would call it text/plain.
    else if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return headers;
  }
}

/** Each hop has them once: a vendor that redirects may repeat them or not. */
function signedUrl(url: URL, { secretQuery = {} }: VendorRequest): URL {
  const signed = new URL(url);
  for (const [name, value] of Object.entries(secretQuery)) signed.searchParams.set(name, value);
  return signed;
}

function timedOut(reason: string): VendorAnswer {
  return { kind: 'unanswered', failure: 'time-out', reason };
}

/** Stands in for the error that fetch throws, which quotes the value: that may be the key. */
class UnsendableHeaderError extends Error {
  constructor(name: string) {
    super(`the value of the header ${name} holds characters that HTTP does not allow`);
  }
}
