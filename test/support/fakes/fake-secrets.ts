import type { Clock, Secret, Secrets } from '../../../lib/sync/ports.ts';

/** A secret that a test can change under the reader, which caches it for five minutes as the real one does. */
export class FakeSecrets implements Secrets {
  readonly #clock: Pick<Clock, 'now'>;
  #current: Secret;
  #cached: { readonly secret: Secret; readonly readAt: number } | undefined;
  #versions = 1;

  constructor(
    clock: Pick<Clock, 'now'>,
    fields: Readonly<Record<string, string>> = { apiKey: 'made-up-key' },
  ) {
    this.#clock = clock;
    this.#current = { version: 'version-1', fields };
  }

  /** Stores a new version. */
  change(fields: Readonly<Record<string, string>>): void {
    this.#current = { version: `version-${++this.#versions}`, fields };
  }

  /** What the watchdog asks. */
  currentVersion(): Promise<string> {
    return Promise.resolve(this.#current.version);
  }

  async read({ fresh }: { readonly fresh: boolean }): Promise<Secret> {
    const now = this.#clock.now();
    if (fresh || this.#cached === undefined || now - this.#cached.readAt >= 300_000) {
      this.#cached = { secret: this.#current, readAt: now };
    }
    return this.#cached.secret;
  }
}
