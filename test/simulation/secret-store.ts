import type { Secret, Secrets } from '../../lib/sync/ports.ts';
import { secretMark } from './marks.ts';

const cachedForMs = 300_000;

/** The secret of one connection, with all the versions that it has had. */
export class SecretStore {
  readonly #connection: string;
  #versions = 1;

  constructor(connection: string) {
    this.#connection = connection;
  }

  get version(): string {
    return `version-${this.#versions}`;
  }

  change(): void {
    this.#versions += 1;
  }

  get current(): Secret {
    const { version } = this;
    const value = `${secretMark}-${this.#connection}-${version}`;
    return { version, fields: { apiKey: value, serviceUserId: value, serviceUserToken: value } };
  }
}

/** What one warm environment of a function knows of a secret: what it read up to five minutes ago. */
export class CachedSecret implements Secrets {
  readonly #store: SecretStore;
  readonly #now: () => number;
  #cached: { readonly secret: Secret; readonly readAt: number } | undefined;

  constructor(store: SecretStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  async read({ fresh }: { readonly fresh: boolean }): Promise<Secret> {
    if (fresh || this.#cached === undefined || this.#now() - this.#cached.readAt >= cachedForMs) {
      this.#cached = { secret: this.#store.current, readAt: this.#now() };
    }
    return this.#cached.secret;
  }
}

/** Which version of the secret a request carries. */
export function versionIn(headers: Readonly<Record<string, string>>): string {
  const basic = headers['authorization']?.replace(/^Basic /, '');
  const text = basic === undefined ? JSON.stringify(headers) : Buffer.from(basic, 'base64').toString();
  return /version-\d+/.exec(text)?.[0] ?? 'none';
}

/** `version-3` is 3. */
export function numberOf(version: string): number {
  return Number(version.slice('version-'.length));
}
