/**
 * The language in which a connector is written: plain data that says how to talk to one vendor.
 *
 * A connector is read at synth (to know its streams and defaults) and at run time (to build requests and read
 * answers), so nothing here does anything. A new stream is a new entry in `streams`, not new code.
 */

/** Keys to follow into a JSON value, outermost first. Keys are literal: `/root/id` is one key of Bob's, not three. */
export type JsonPath = readonly string[];

export type Authentication =
  /** One header that carries one field of the secret as it is. */
  | { readonly kind: 'header'; readonly header: string; readonly field: string }
  /** HTTP Basic (RFC 7617) with two fields of the secret. */
  | { readonly kind: 'basic'; readonly username: string; readonly password: string };

export interface PageSize {
  readonly default: number;
  /** The largest the vendor documents; a larger setting fails the synth. */
  readonly max: number;
}

export type Paging =
  /** Everything in one answer. */
  | { readonly kind: 'none' }
  /** `limit` and `offset` in the query; advanced by what came back, for a server may cap the limit. */
  | {
      readonly kind: 'offset';
      readonly limit: string;
      readonly offset: string;
      /** Where the answer says how many rows there are in all. Believed only to end a run, never to prolong one. */
      readonly total: JsonPath;
      /** The query parameter that sorts the list, as `field:asc`. Used only where the user names a field: see `orderBy`. */
      readonly order?: string;
      readonly pageSize: PageSize;
    }
  /** An opaque cursor in the query. The first of `next` that the answer has is believed; null or absent ends the run. */
  | {
      readonly kind: 'cursor';
      readonly limit: string;
      readonly cursor: string;
      readonly next: readonly JsonPath[];
      readonly pageSize: PageSize;
    };

/** Where the rows are in an answer. */
export interface Items {
  readonly path: JsonPath;
  /**
   * For answers grouped by parent (`results[] = {employeeId, values[]}`): each row is an entry of `list`, and `carry` is
   * copied from the parent into every row that does not have it. `list` may also be an object that wraps its array
   * under the same name, as Bob's specification has it.
   */
  readonly nested?: { readonly list: string; readonly carry: string };
}

export interface StreamDefinition {
  readonly method: 'GET' | 'POST';
  /** Relative to the base URL, with a leading slash. Also the stream's name in logs: it never holds an id. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The JSON body of a POST. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Present where the user may choose which fields the vendor returns; they go into the body as `fields`. */
  readonly fields?: { readonly default: readonly string[]; readonly max: number };
  readonly items: Items;
  /** The parts of a row's external id, in order, joined by `/`. Each part is the first of its paths that the row has. */
  readonly id: readonly (readonly JsonPath[])[];
  readonly paging: Paging;
  /** Where a 200 says that part of it is missing (Bob's `errors`). Anything there makes the run `partial`. */
  readonly partial?: JsonPath;
  /** How sure the facts are: the vendor says so, seen live, read in others' code. See docs/connectors.md. */
  readonly grade: 'vendor' | 'live' | 'code';
}

export interface Connector {
  readonly name: string;
  /** As people write it: "Mobaro". */
  readonly title: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly authentication: Authentication;
  /**
   * What shares one rate limit at the vendor: the whole account, or one endpoint of it. Everything in a limit scope waits
   * when one of its calls is told to.
   */
  readonly limitScope: 'account' | 'endpoint';
  /**
   * The limits that the vendor publishes, requests a minute: by endpoint (`POST /people/search`), or under `account`.
   * Where there is none the governor finds it out, and the vendor's own headers count for more than any figure here.
   */
  readonly limitsPerMinute: Readonly<Record<string, number>>;
  /**
   * A GET that needs no permission, so that its answer tells of the credentials alone. Absent where the vendor has none: then
   * the first stream tells of both.
   */
  readonly probe?: string;
  /** Of the function, in seconds: how long the slowest answer plus storing it may take. */
  readonly timeoutSeconds: number;
  readonly streams: Readonly<Record<string, StreamDefinition>>;
}

/** The fields that the connection's secret must hold, by the names they have in its JSON. */
export function secretFields(connector: Connector): readonly string[] {
  const { authentication } = connector;
  return authentication.kind === 'header'
    ? [authentication.field]
    : [authentication.username, authentication.password];
}

/** Names the endpoint in logs and metrics: its template, never an id. */
export function endpointOf(definition: StreamDefinition): string {
  return `${definition.method} ${definition.path}`;
}
