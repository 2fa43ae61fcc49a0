import ky, { isTimeoutError } from 'ky';

import manifest from '../../package.json' with { type: 'json' };
import type { Clock, Vendor, VendorAnswer, VendorRequest } from '../sync/ports.ts';
import { failureReason } from './failure-reason.ts';
import { redirectOf } from './redirect.ts';

const longestChain = 3;

export interface KyVendorOptions {
  /** For the whole call: connecting, redirects and the body to its last byte. */
  readonly timeoutMs: number;
  /** Tells when an answer arrived. */
  readonly clock: Pick<Clock, 'now'>;
}

/** The vendor over HTTP. Nothing is tried again here: what to do after a failure is decided where the position is known. */
export class KyVendor implements Vendor {
  readonly #timeoutMs: number;
  readonly #clock: Pick<Clock, 'now'>;

  constructor({ timeoutMs, clock }: KyVendorOptions) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  async call(request: VendorRequest, signal: AbortSignal): Promise<VendorAnswer> {
    const started = performance.now();
    let url = new URL(request.url);
    try {
      const headers = this.#headers(request);
      for (let hops = 0; ; hops++) {
        const left = Math.max(1, this.#timeoutMs - (performance.now() - started));
        const pending = ky(url, {
          method: request.method,
          headers,
          body: request.body,
          signal,
          // ky's own would sleep in the function, and spend attempts that nobody counts.
          retry: 0,
          throwHttpErrors: false,
          redirect: 'manual',
          // `timeout` starts again for the body; the total covers both.
          timeout: false,
          totalTimeout: left,
        });
        const response = await pending;
        const receivedAt = this.#clock.now();

        const redirect = redirectOf(response, url, request.method);
        if (redirect.kind === 'none') {
          return {
            kind: 'answered',
            status: response.status,
            headers: Object.fromEntries(response.headers),
            // Of the promise, not of the response: this one ends with the total time-out.
            body: await pending.text(),
            receivedAt,
          };
        }
        await response.body?.cancel();
        const { status } = response;
        if (redirect.kind === 'refused') return { kind: 'redirected', status, reason: redirect.reason };
        if (hops === longestChain) {
          return { kind: 'redirected', status, reason: `redirected more than ${longestChain} times` };
        }
        url = redirect.url;
      }
    } catch (error) {
      return this.#unanswered(error, signal);
    }
  }

  /** The caller's, and those that every request has. */
  #headers(request: VendorRequest): Headers {
    const headers = new Headers({
      accept: 'application/json',
      'user-agent': `pagekeeper/${manifest.version}`,
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

  #unanswered(error: unknown, signal: AbortSignal): VendorAnswer {
    if (signal.aborted) {
      return {
        kind: 'unanswered',
        failure: 'time-out',
        reason: 'stopped before the function runs out of time',
      };
    }
    if (isTimeoutError(error)) {
      const seconds = this.#timeoutMs / 1000;
      return { kind: 'unanswered', failure: 'time-out', reason: `no complete answer within ${seconds} s` };
    }
    const reason = error instanceof UnsendableHeaderError ? error.message : failureReason(error);
    return { kind: 'unanswered', failure: 'network', reason };
  }
}

/** Stands in for the error that fetch throws, which quotes the value: that may be the key. */
class UnsendableHeaderError extends Error {
  constructor(name: string) {
    super(`the value of the header ${name} holds characters that HTTP does not allow`);
  }
}
