import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { secretCachedForMs } from '../sync/breaker.ts';
import type { Clock, Secret, Secrets } from '../sync/ports.ts';

/** The secret of one connection: a JSON object of strings. */
export class SecretsManagerSecrets implements Secrets {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;
  readonly #clock: Pick<Clock, 'now'>;
  #cached: { readonly secret: Secret; readonly readAt: number } | undefined;

  /** @param secretId the secret's name or ARN */
  constructor(client: SecretsManagerClient, secretId: string, clock: Pick<Clock, 'now'>) {
    this.#client = client;
    this.#secretId = secretId;
    this.#clock = clock;
  }

  async read({ fresh }: { readonly fresh: boolean }): Promise<Secret> {
    const now = this.#clock.now();
    const cached = this.#cached;
    if (!fresh && cached !== undefined && now - cached.readAt < secretCachedForMs) return cached.secret;
    const answer = await this.#client.send(new GetSecretValueCommand({ SecretId: this.#secretId }));
    if (answer.VersionId === undefined) throw new Error('Secrets Manager gave a secret without its version');
    const secret = { version: answer.VersionId, fields: fieldsOf(answer.SecretString) };
    this.#cached = { secret, readAt: now };
    return secret;
  }
}

/**
 * What is not a JSON object of strings has no fields: a page that needs one finds it missing, and says `unconfigured`. An error
 * of the parser is not passed on, because it quotes the text.
 */
function fieldsOf(text: string | undefined): Readonly<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return {};
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const entries = Object.entries(value) as [string, unknown][];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
