import type { Connector, Grant } from '../../lib/connectors/connector.ts';
import type { Clock, VendorRequest } from '../../lib/sync/ports.ts';
import type { FakeAnswer } from './fakes/fake-vendor.ts';
import { mobaroWith, tokenUrl } from './sync-world.ts';

const list = {
  about: 'a row',
  method: 'GET',
  items: { path: ['items'] },
  id: [[['id']]],
  paging: {
    kind: 'offset',
    limit: 'Limit',
    offset: 'Offset',
    total: ['total'],
    pageSize: { default: 20, max: 20 },
  },
  grade: 'unverified',
} as const;

/** An invented vendor that wants an access token. */
export function tokenConnector(grant: Grant, clientIn: 'basic' | 'body' = 'basic'): Connector {
  return {
    name: 'ledger',
    title: 'Ledger',
    baseUrl: 'https://vendor.example',
    authentication: {
      kind: 'oauth2',
      tokenUrl,
      grant,
      ...{ clientId: 'clientId', clientSecret: 'clientSecret', clientIn },
      scopes: ['rows:read', 'offline'],
    },
    limitScope: 'account',
    limitsPerMinute: {},
    timeoutSeconds: 30,
    streams: { rows: { ...list, path: '/rows' }, more: { ...list, path: '/more' } },
  };
}

export const clientCredentials = { kind: 'client_credentials' } as const satisfies Grant;
export const rotating = (lastTokenReusable: boolean): Grant => ({
  kind: 'refresh_token',
  field: 'refreshToken',
  lastTokenReusable,
});

export const clientFields = { clientId: 'made-up-client', clientSecret: 'made-up-client-secret' };

interface Options {
  readonly grant: Grant;
  /** Of an access token. */
  readonly lifeSeconds?: number;
  /** Says how long a token lasts. */
  readonly isTold?: boolean;
  readonly rows?: number;
}

/** The vendor's side: what it has granted, and what it still takes. */
export class TokenVendor {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: Required<Options>;
  #granted = 0;
  /** Until when each access token is taken, epoch milliseconds. */
  readonly #until = new Map<string, number>();
  /** Of the grant; null where it has been withdrawn. */
  #last: string | null;
  #before: string | null = null;
  /** When a token was requested, epoch milliseconds. */
  readonly tokenRequests: {
    readonly at: number;
    readonly request: VendorRequest;
    readonly granted: boolean;
  }[] = [];
  /** Access tokens that came when they had expired, or were never granted. */
  readonly unauthorized: string[] = [];
  /** In place of the token endpoint's answer. */
  failure: FakeAnswer | null = null;

  constructor(clock: Pick<Clock, 'now'>, { lifeSeconds = 3600, isTold = true, rows = 45, grant }: Options) {
    this.#clock = clock;
    this.#options = { lifeSeconds, isTold, rows, grant };
    this.#last = 'made-up-refresh-0';
  }

  /** The refresh token that a person is given. */
  grantAnew(): string {
    this.#before = null;
    this.#last = `made-up-refresh-${++this.#granted}`;
    return this.#last;
  }

  withdraw(): void {
    this.#last = null;
    this.#before = null;
    this.forgetAccess();
  }

  /** As after a restart of the vendor's: what it has granted is unknown to it. */
  forgetAccess(): void {
    this.#until.clear();
  }

  handle(request: VendorRequest): FakeAnswer {
    if (request.url === tokenUrl) return this.#grant(request);
    const token = (request.headers['authorization'] ?? '').replace(/^Bearer /, '');
    if ((this.#until.get(token) ?? 0) <= this.#clock.now()) {
      this.unauthorized.push(token);
      return { status: 401, body: { error: 'token expired' } };
    }
    return mobaroWith(this.#options.rows)(request) as FakeAnswer;
  }

  #grant(request: VendorRequest): FakeAnswer {
    const form = new URLSearchParams(request.body ?? '');
    const answer = this.failure ?? this.#answer(form, request);
    this.tokenRequests.push({ at: this.#clock.now(), request, granted: answer.status === 200 });
    return answer;
  }

  #answer(form: URLSearchParams, request: VendorRequest): FakeAnswer {
    const { grant, lifeSeconds, isTold } = this.#options;
    if (!isClient(form, request)) return { status: 401, body: { error: 'invalid_client' } };
    const refused = { status: 400, body: { error: 'invalid_grant' } };
    if (form.get('grant_type') !== grant.kind) return refused;
    if (grant.kind === 'refresh_token') {
      const shown = form.get('refresh_token');
      const isAgain = shown !== null && shown === this.#before && grant.lastTokenReusable;
      if (shown === null || (shown !== this.#last && !isAgain)) {
        // A token that was used twice may have been stolen: nothing of the grant is good any more.
        if (!grant.lastTokenReusable) this.withdraw();
        return refused;
      }
      this.#before = shown;
      this.#last = `made-up-refresh-${++this.#granted}`;
    }
    const token = `made-up-access-${++this.#granted}`;
    this.#until.set(token, this.#clock.now() + lifeSeconds * 1000);
    const body = {
      ...{ access_token: token, token_type: 'bearer' },
      ...(isTold && { expires_in: lifeSeconds }),
      ...(grant.kind === 'refresh_token' && { refresh_token: this.#last }),
    };
    return { status: 200, body };
  }
}

function isClient(form: URLSearchParams, { headers }: VendorRequest): boolean {
  const basic = Buffer.from((headers['authorization'] ?? '').replace(/^Basic /, ''), 'base64').toString();
  const inBody = `${form.get('client_id') ?? ''}:${form.get('client_secret') ?? ''}`;
  return [basic, inBody].includes(`${clientFields.clientId}:${clientFields.clientSecret}`);
}
