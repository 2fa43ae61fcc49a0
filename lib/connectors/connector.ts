/**
 * The language in which a connector is written: plain data that says how to talk to one vendor.
 *
 * A connector is read at synth (to know its streams and defaults) and at run time (to build requests and read
 * answers), so nothing here does anything. A new stream is a new entry in `streams`, not new code.
 */

/** Keys to follow into a JSON value, outermost first. Keys are literal: `/root/id` is one key of Bob's, not three. */
export type JsonPath = readonly string[];

export type Authentication =
  /** One header that carries one field of the secret. */
  | ({ readonly kind: 'header' } & SecretHeader)
  /** Several headers, each with a field of its own. */
  | { readonly kind: 'headers'; readonly headers: readonly SecretHeader[] }
  /** A parameter of the query that carries one field of the secret. */
  | { readonly kind: 'query'; readonly parameter: string; readonly field: string }
  /**
   * HTTP Basic (RFC 7617) with two fields of the secret, or with one of them and `fixed`, a text that is no secret, in the place of the
   * other; nothing stands there unless it is given.
   */
  | {
      readonly kind: 'basic';
      readonly username?: string;
      readonly password?: string;
      readonly fixed?: string;
    }
  | OAuth2;

export interface SecretHeader {
  readonly header: string;
  readonly field: string;
  /** What stands before the value, with the blank between: `Bearer `, `token `, `Api-Key `. Nothing unless it is given. */
  readonly prefix?: string;
}

/** An access token that the vendor's token endpoint grants (RFC 6749), in the header `Authorization`. */
export interface OAuth2 {
  readonly kind: 'oauth2';
  /** An https URL, without a query. The setting `tokenUrl` of a connection takes its place. */
  readonly tokenUrl: string;
  readonly grant: Grant;
  /** Of the secret: the field that holds the client's id, and the one that holds its secret. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** How the client says who it is: by HTTP Basic, or as `client_id` and `client_secret` in the form. */
  readonly clientIn: 'basic' | 'body';
  readonly scopes?: readonly string[];
  /** What else the vendor wants in the form: an `audience`, for instance. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What stands before the token, with the blank between: `Bearer ` unless it is given. */
  readonly prefix?: string;
}

export type Grant =
  /** The client's own (RFC 6749, 4.4). */
  | { readonly kind: 'client_credentials' }
  /** Somebody has let the client in at the vendor (RFC 6749, 6). */
  | {
      readonly kind: 'refresh_token';
      /** Of the secret: the field that holds the first refresh token. */
      readonly field: string;
      /**
       * The vendor gives another refresh token with each access token, and takes the one before once more until the new one has
       * been used: then an answer that is lost costs nothing. Where it does not, or gives no other, `false`.
       */
      readonly lastTokenReusable: boolean;
    };

export interface PageSize {
  readonly default: number;
  /** The largest the vendor documents; a larger setting fails the synth. */
  readonly max: number;
}

/** Where the vendor lets one choose how many rows a page has: the parameter that says so, and the number. */
export interface ChosenSize {
  readonly limit: string;
  readonly pageSize: PageSize;
}

/** The same, where some vendors alone decide: both or neither. */
export type MaybeChosenSize = Partial<ChosenSize>;

/** What beside the form itself says of a page that it is the last one. */
export interface EndSigns {
  /** Where the answer says whether more follows: `has_more`. `false` ends the list; `true` with nothing to follow is a contradiction. */
  readonly more?: JsonPath;
  /** A page with fewer rows than were requested is the last one. Only of a vendor that is known to give as many as are requested. */
  readonly short?: 'last';
}

/** The object of the JSON body that takes what a page is requested by: `[]` is the body itself. Absent: the query takes it. */
export interface Within {
  readonly within?: JsonPath;
}

/** `limit` and `offset`; advanced by what came back, for a server may cap the limit. */
export interface OffsetPaging extends ChosenSize, EndSigns, Within {
  readonly kind: 'offset';
  readonly offset: string;
  /** Where the answer says how many rows there are in all. Believed only to end a run, never to prolong one. Absent where it says none, or counts something else. */
  readonly total?: JsonPath;
  /** The query parameter that sorts the list, as `field:asc`. Used only where the user names a field: see `orderBy`. */
  readonly order?: string;
}

/**
 * The number of a page. With `limit` the pages are made to overlap by a row, by their number and their size (see
 * lib/paging/page-numbers.ts); without it nothing overlaps, and a list of several pages is never deleted from.
 */
export interface NumberPaging extends MaybeChosenSize, EndSigns, Within {
  readonly kind: 'page';
  readonly page: string;
  /** The number of the first page. */
  readonly first: 0 | 1;
  /** As of an offset. */
  readonly total?: JsonPath;
  readonly order?: string;
  /** Where the answer says how many pages there are. */
  readonly pages?: JsonPath;
}

/** An opaque cursor. The first of `next` that the answer has is believed; null or absent ends the run. */
export interface CursorPaging extends ChosenSize, Within, Pick<EndSigns, 'more'> {
  readonly kind: 'cursor';
  readonly cursor: string;
  readonly next: readonly JsonPath[];
}

/**
 * The URL of the next page, in the body at the first of these places that the answer has, or with the relation `next` in the
 * header `Link` (RFC 8288). It is followed only below the base URL; of its query what holds a credential is left out.
 */
export interface LinkPaging extends MaybeChosenSize, Pick<EndSigns, 'more'> {
  readonly kind: 'link';
  readonly next: 'header' | readonly JsonPath[];
}

/** Rows in the order of a key; the next page is requested by the key of a row that has come. */
export interface KeysetPaging extends ChosenSize, EndSigns, Within {
  readonly kind: 'keyset';
  /** By parameter, where in a row its part of the key is. */
  readonly after: Readonly<Record<string, JsonPath>>;
  /** Whether rows with the very key that is requested come again (`>=`), or only those behind it (`>`). */
  readonly bound: 'inclusive' | 'exclusive';
}

export type Paging =
  /**
   * Everything in one answer. Its rows are stored in the order of their ids, so that a function that runs out of time goes
   * on after the last one stored.
   */
  | { readonly kind: 'none' }
  | OffsetPaging
  | NumberPaging
  | CursorPaging
  | LinkPaging
  | KeysetPaging
  /**
   * A file that the vendor has to write first. The stream's own request starts it; the answer's `Location` names it, of which
   * the last segment alone is used, so that the credentials go nowhere else; `path` (with `{file}`) is requested until it is
   * there, and 204 means "not yet".
   */
  | { readonly kind: 'file'; readonly path: string; readonly pollSeconds: number };

/**
 * Steps of time: each run requests what is new since the last one, a window at a time, from the oldest on. Rows that do not come
 * are not deleted, for a window shows what has changed and not what there is.
 *
 * `{since}` and `{until}` stand for the window's bounds in path, query and body.
 */
export interface Windows {
  /** The longest window that is requested: at least 1, of dates at least 3. */
  readonly days: number;
  /** `instant` is `2026-01-31T23:59:59Z`, `date` is `2026-01-31`. */
  readonly format: 'instant' | 'date';
  /**
   * Requested again, before what the last run has read up to: for changes that a vendor shows late. The windows of a run overlap
   * by a second (or a day), so that it does not matter which of a window's bounds the vendor counts in.
   */
  readonly lookBackHours: number;
  /** How far back the first run begins unless the user says otherwise (`historyFrom`). */
  readonly historyDays: number;
  /** So many days ahead of now a window may end; for what is planned. 0 unless given. */
  readonly aheadDays?: number;
}

/** How a time is written: `2026-01-31T23:59:59Z`, `2026-01-31`, or so many seconds or milliseconds since 1970. */
export type TimeFormat = 'instant' | 'date' | 'seconds' | 'milliseconds';

/**
 * The list can be walked in part: what has changed since the last run, by what its rows say themselves. The greatest time of change
 * that a complete run has seen is where the next one begins. Such a run deletes nothing; now and then the whole list is walked, by
 * the rest of the definition alone, and what has gone is found.
 */
export interface Changes {
  /** Where a row says when it has changed last. A row that does not is stored all the same. */
  readonly path: JsonPath;
  readonly format: TimeFormat;
  /** An instant without a zone is one of UTC. Without this, such a time is not used. */
  readonly zone?: 'UTC';
  /**
   * `filter`: the vendor gives what has changed since `{since}`, in any order. `newest first`: it gives the list in the order of change,
   * and the run ends at the first page of which all is known.
   */
  readonly by: 'filter' | 'newest first';
  /** Laid over the stream's own for the walk of a part alone: the filter with `{since}`, or what sorts the list. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Of `{since}`, where it is not that of the rows. */
  readonly sinceFormat?: TimeFormat;
  /**
   * Requested again, before the greatest time that is known: for what the vendor shows late, and for a clock of its that is slow.
   * 300 unless given. Rows of that very time are requested again in any case.
   */
  readonly overlapSeconds?: number;
  /** The whole list, too, is walked by the filter alone, from so many days ago on (or `historyFrom`). Then nothing is ever deleted. */
  readonly historyDays?: number;
  /** How often the whole list is walked, unless the user says otherwise: `rate(7 days)` unless given. */
  readonly reconcile?: string;
}

/**
 * One request (or walk of pages) for each parent, in the order of their ids. `{parent}` stands for its id in path, query and body.
 */
export type Parents =
  /** The records that another stream of the same connection has stored. */
  (
    | { readonly stream: string }
    /** A list that the user gives, under this name, in `params`. */
    | { readonly param: string }
  ) & {
    /** The parent's id goes into every row under this name, if the row has none: for ids that are unique only within it. */
    readonly as?: string;
  };

/**
 * For a list that is too long for one answer: the ids are requested first, then so many rows at a time. `{ids}` stands for them.
 * Used once a run has stored more than `over` rows, or as the user says (`batchOver`).
 */
export interface Batches {
  /** Laid over `body` for the request that lists the ids. */
  readonly list: Readonly<Record<string, unknown>>;
  /** Laid over `body` for a batch. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly size: number;
  readonly over: number;
}

/** Where the rows are in an answer. */
export interface Items {
  /** `[]` where the answer is the list itself. */
  readonly path: JsonPath;
  /** The answer is one JSON value a line (NDJSON), and each is an entry of the list; `path` is `[]` then. */
  readonly lines?: true;
  /** Other places, where a vendor describes its answer in two ways; the first that has rows' shape counts. */
  readonly or?: readonly JsonPath[];
  /** The list may be an object: each value is a row, and its key goes into it under this name if it has none. */
  readonly keyed?: string;
  /**
   * For answers grouped by parent (`results[] = {employeeId, values[]}`): each row is an entry of `list`, and `carry` is
   * copied from the parent into every row that does not have it. `list` may also be an object that wraps its array
   * under the same name, as Bob's specification has it. Of several names for the list the first that is there counts.
   */
  readonly nested?: {
    readonly list: string | readonly string[];
    readonly carry: string;
    /** The name that it has in the rows, where their own `carry` is something else. */
    readonly as?: string;
    /** Rows may hold rows under this name: each is a row of its own then, and names the one above it as `parentId`. */
    readonly tree?: string;
  };
}

/** What the user has to say before the stream can be requested. `{name}` stands for it in path, query and body. */
export interface Param {
  /** For people: "the path of the list". */
  readonly meaning: string;
  /** Of a value, as a regular expression that must match the whole of it. */
  readonly pattern: string;
  /** One value is put into a request at a time; the user gives a list. See `Parents`. */
  readonly many?: true;
}

export type Grade =
  /** The vendor's own documentation says so. */
  | 'vendor'
  /** Published by a person who saw it on a real account. */
  | 'live'
  /** Read in others' code: may be wrong. */
  | 'code'
  /** No source shows it. */
  | 'unverified';

/**
 * One list of the vendor's.
 *
 * Texts in braces (`{since}`, `{until}`, `{parent}`, `{ids}`, `{file}`, a param's name, and `{today}`, `{today-30}`, `{today+60}` for a
 * date in UTC) are filled in for each request: in the path as one segment, percent-encoded; in query and body wherever a text is or holds it. `{ids}`
 * must be a value by itself and becomes a list.
 */
export interface StreamDefinition {
  /** For people, in the generated table: what a row is. */
  readonly about: string;
  readonly method: 'GET' | 'POST';
  /** Relative to the base URL, with a leading slash. Also the stream's name in logs: it never holds an id. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Constant headers, beside the connector's and in their place: `Accept`, a version. Nothing is filled in, and none is a secret. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The JSON body of a POST. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, Param>>;
  /**
   * Present where the user may choose which fields the vendor returns; they go into the body as `fields`. A field `a.b` comes back
   * under the keys `a`, `b` or under the one key `/a/b`. The part before the dot is its category: what permissions are given by.
   */
  readonly fields?: { readonly default: readonly string[]; readonly max: number };
  readonly items: Items;
  /**
   * The parts of a row's external id, in order, joined by `/`; of several, each has its own `/` and `~` escaped (`~1`, `~0`). Each part
   * is the first of its paths that the row has. `hash` where a row has none: its id is a hash of what is kept of it, without what changes
   * by itself. Then a row that has changed is another one, and equal rows are one.
   */
  readonly id: readonly (readonly JsonPath[])[] | 'hash';
  /** Fields that change by themselves (an age, a signed link): a row in which nothing else has changed is not written again. */
  readonly volatile?: readonly JsonPath[];
  readonly paging: Paging;
  /** Walked one after the other, `windows` within `parents`. `batches` goes with neither, and with `paging` `none`. */
  readonly windows?: Windows;
  readonly parents?: Parents;
  readonly batches?: Batches;
  /**
   * The vendor says that its list has not changed (304) where it is asked with `ETag` or `Last-Modified`: for a GET without parts whose
   * answer holds the whole list.
   */
  readonly conditional?: true;
  /** Goes with none of these three. */
  readonly changes?: Changes;
  /** Where a 200 says that part of it is missing (Bob's `errors`). Anything there makes the run `partial`. */
  readonly partial?: JsonPath;
  /** The vendor gives so many rows and is silent about the rest: as many make the run `partial`. */
  readonly cap?: number;
  /** `normal`: a short list may well be empty, though it was not before. Otherwise that is held for a person to look at. */
  readonly empty?: 'normal';
  /** Pay, health, identity: personal beyond the ordinary. Never on by default. */
  readonly sensitive?: true;
  /** What a company has to have bought from the vendor; without it the answer is 404. Never on by default. */
  readonly module?: string;
  /** How sure the facts are. See docs/connectors.md. */
  readonly grade: Grade;
  /** A connection that names no streams has this one. Never what is sensitive, has to be bought or rests on `code` or less. */
  readonly default?: true;
}

/** What can be at fault between here and a row, as `check` finds it. */
export type Fault =
  /** It holds its placeholder still, or cannot be read. */
  | 'secret'
  /** 401 */
  | 'credential'
  /** 403, or a 401 with a key that is good elsewhere. */
  | 'permission'
  /** 404: at Bob often a module that was not bought. */
  | 'missing'
  /** Another 4xx. */
  | 'request'
  /** A redirect, or a page of HTML. */
  | 'address'
  | 'network'
  /** 5xx */
  | 'vendor'
  | 'limit';

/** What to do about what goes wrong, as the vendor itself advises. For what is left out, the advice that is true of any API is given. */
export interface Advice {
  /** Of alarms: one or two sentences for on-call, behind what has happened. `exhausted` is of errors of its own (5xx), `throttled` of limits (429). */
  readonly alarms?: Readonly<Partial<Record<'unauthorized' | 'missing' | 'exhausted' | 'throttled', string>>>;
  /** Of `check`: one sentence behind each fault that it finds. */
  readonly check?: Readonly<Partial<Record<Fault, string>>>;
}

/** So many requests in any such span of time. */
export interface Limit {
  /** 1 to 10,000,000. */
  readonly requests: number;
  readonly per: 'second' | 'minute' | 'hour' | 'day';
}

/**
 * All that Pagekeeper knows of a vendor, in one value: it decides everything that is decided by vendor, so a connector from
 * elsewhere needs nothing beside it.
 */
export interface Connector {
  readonly name: string;
  /** As people write it: "Mobaro". */
  readonly title: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly authentication: Authentication;
  /** Constant headers of every request; a stream's own go before them. `Accept` is `application/json` unless it is among them. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * What shares one rate limit at the vendor: the whole account, one endpoint of it, or both at once: then a call counts for its
   * endpoint and for the account. Everything in a limit scope waits when the answer to one of its calls says so.
   */
  readonly limitScope: 'account' | 'endpoint' | 'both';
  /**
   * The limits that the vendor publishes, requests a minute: by endpoint (`POST /people/search`), under `endpoint` for each that has
   * none of its own, or under `account`. Where there is none the governor finds it out, and the vendor's own headers count for
   * more than any figure here.
   */
  readonly limitsPerMinute: Readonly<Record<string, number>>;
  /** The same for other spans than a minute, by the same names; all of them hold. */
  readonly limits?: Readonly<Record<string, readonly Limit[]>>;
  /**
   * A GET that needs no permission, so that its answer speaks of the credentials alone. Absent where the vendor has none: then
   * the first stream's speaks of both.
   */
  readonly probe?: string;
  /** Of the function, in seconds: how long the slowest answer plus storing it may take. */
  readonly timeoutSeconds: number;
  /** How often a list is walked unless the user says otherwise: a divisor of 60. An hour if left out. */
  readonly periodMinutes?: number;
  /**
   * Texts of errors that the vendor has published, whole: they are reported as they are, of any other text only known words.
   * `{field}` stands for what changes; of that only names of the stream's own are reported.
   */
  readonly sentences?: readonly string[];
  readonly advice?: Advice;
  readonly streams: Readonly<Record<string, StreamDefinition>>;
}

/** Of the secret: what masked fields are hashed with. Made up with the secret, and kept when the credentials change. */
export const maskKeyField = 'maskKey';

/** What is generated with a secret; a mask key in its own right, until a person puts another one in. */
export const generatedField = 'unused';

/** What masked fields are hashed with; null where the secret has no key. */
export function maskKeyIn(fields: Readonly<Record<string, string>>): string | null {
  return fields[maskKeyField] ?? fields[generatedField] ?? null;
}

/** The credentials that the connection's secret must hold, by the names they have in its JSON. */
export function secretFields({ authentication }: Connector): readonly string[] {
  switch (authentication.kind) {
    case 'header':
    case 'query':
      return [authentication.field];
    case 'headers':
      return [...new Set(authentication.headers.map(({ field }) => field))];
    case 'basic':
      return [authentication.username, authentication.password].filter((field) => field !== undefined);
    case 'oauth2': {
      const { clientId, clientSecret, grant } = authentication;
      return [clientId, clientSecret, ...(grant.kind === 'refresh_token' ? [grant.field] : [])];
    }
  }
}

/** How many rows a page has; null where nobody but the vendor decides. */
export function pageSizeIn(paging: Paging): PageSize | null {
  return 'pageSize' in paging ? (paging.pageSize ?? null) : null;
}

/** Whether access tokens have to be requested, which are kept in a secret of their own. */
export function needsTokens({ authentication }: Connector): boolean {
  return authentication.kind === 'oauth2';
}

/** Names the endpoint in logs and metrics: its template, never an id. */
export function endpointOf(definition: StreamDefinition): string {
  return `${definition.method} ${definition.path}`;
}

/** The places of an id in its row; none where the row has no id of its own. */
export function idParts({ id }: Pick<StreamDefinition, 'id'>): readonly (readonly JsonPath[])[] {
  return id === 'hash' ? [] : id;
}

/**
 * Whether a run, or a whole walk, is given all that there is: then what does not come has gone. Otherwise it is given what is new, or
 * in an order in which a row that changes meanwhile moves behind the walk.
 */
export function isFull({ windows, changes }: StreamDefinition): boolean {
  const isHistory = windows !== undefined || changes?.historyDays !== undefined;
  return !isHistory && !(changes !== undefined && isAlwaysNewestFirst(changes));
}

/** Nothing sorts the list otherwise for a whole walk. */
export function isAlwaysNewestFirst({ by, query, body }: Changes): boolean {
  return by === 'newest first' && query === undefined && body === undefined;
}

/** The streams of a connection that names none. */
export function defaultStreams(connector: Connector): readonly string[] {
  return Object.keys(connector.streams).filter((name) => connector.streams[name]?.default === true);
}

/** Gives a connector back as it is: for an editor to complete it and the compiler to check it. */
export function defineConnector<const Defined extends Connector>(connector: Defined): Defined {
  return connector;
}
