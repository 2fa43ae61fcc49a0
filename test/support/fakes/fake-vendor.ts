import type { Clock, Vendor, VendorAnswer, VendorRequest } from '../../../lib/sync/ports.ts';

type Answered = Extract<VendorAnswer, { kind: 'answered' }>;

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it is if a string, else as JSON. */
  readonly body?: unknown;
}

export type FakeHandler = (
  request: VendorRequest,
) => FakeAnswer | VendorAnswer | 'never' | Promise<FakeAnswer | VendorAnswer>;

/** A vendor whose answers a test decides, and which remembers what it was asked and when. */
export class FakeVendor implements Vendor {
  readonly #clock: Pick<Clock, 'now'>;
  #handler: FakeHandler;
  readonly requests: { readonly request: VendorRequest; readonly at: number }[] = [];

  constructor(clock: Pick<Clock, 'now'>, handler: FakeHandler) {
    this.#clock = clock;
    this.#handler = handler;
  }

  /** How the next requests are answered; `never` waits until the caller gives up. */
  handle(handler: FakeHandler): void {
    this.#handler = handler;
  }

  async call(request: VendorRequest, signal: AbortSignal): Promise<VendorAnswer> {
    if (signal.aborted) return stopped;
    this.requests.push({ request, at: this.#clock.now() });
    const gaveUp = new Promise<VendorAnswer>((resolve) => {
      signal.addEventListener('abort', () => resolve(stopped), { once: true });
    });
    const answer = this.#handler(request);
    if (answer === 'never') return gaveUp;
    return Promise.race([Promise.resolve(answer).then((given) => this.#complete(given)), gaveUp]);
  }

  #complete(answer: FakeAnswer | VendorAnswer): VendorAnswer {
    if ('kind' in answer) return answer;
    const { status = 200, headers = {}, body = '' } = answer;
    return {
      kind: 'answered',
      status,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      body: typeof body === 'string' ? body : JSON.stringify(body),
      receivedAt: this.#clock.now(),
    } satisfies Answered;
  }
}

const stopped: VendorAnswer = {
  kind: 'unanswered',
  failure: 'time-out',
  reason: 'stopped before the function runs out of time',
};
