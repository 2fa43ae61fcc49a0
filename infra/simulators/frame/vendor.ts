import type { IncomingHttpHeaders } from 'node:http';

/** What a simulated vendor sees of a request. */
export interface VendorRequest {
  readonly method: string;
  /** Below the base URL, still percent-encoded, with a leading slash: `/users`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly remoteAddress: string;
}

/** The whole of an answer. `Date` and `Content-Length` are added when it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One vendor's behaviour, free of sockets and of any clock. */
export interface Vendor {
  /** Of the base URL: `/api/customers`. Without a trailing slash. */
  readonly basePath: string;
  /** Credentials by the names they have in the connection's secret, the same for the same seed. */
  readonly secret: Readonly<Record<string, string>>;
  /** By stream: the external ids of all it holds, in the order of its answers. */
  readonly externalIds: Readonly<Record<string, readonly string[]>>;
  /** `now` in epoch milliseconds. `accepted` are the credentials that are good at the moment. */
  answer(request: VendorRequest, accepted: Readonly<Record<string, string>>, now: number): Answer;
  /** For a path that is not below the base path. */
  elsewhere(): Answer;
}

export interface VendorOptions {
  readonly seed: number;
  /** How many rows, by stream. */
  readonly sizes: Readonly<Partial<Record<string, number>>>;
  /** Requests allowed in a minute, by limit scope: `account` for Mobaro, the endpoint's path for Bob. */
  readonly limitsPerMinute: Readonly<Partial<Record<string, number>>>;
  /** The modules of the vendor's that the invented company has bought; the others are answered with 404. */
  readonly modules: readonly string[] | 'all';
  /** Epoch milliseconds. For `externalIds` alone: what a window of time shows depends on when one looks. */
  readonly clock: () => number;
}
