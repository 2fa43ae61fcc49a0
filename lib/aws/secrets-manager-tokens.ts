import {
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceNotFoundException,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';

import type { HeldTokens, Tokens, TokenVault } from '../sync/ports.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const tokensShape = wholeSchemaOf<Tokens>()(
  z.object({
    grant: z.string(),
    accessToken: z.string(),
    refreshToken: z.string().nullable(),
    requestedAt: z.number(),
    lifeMs: z.number().nullable(),
    after: z.string(),
  }),
);

const current = 'AWSCURRENT';
/** Of the version that was stored last, made current or not. Secrets Manager may drop a version that has no label. */
const stored = 'PagekeeperStored';

/** Tokens as versions of a secret of their own. */
export class SecretsManagerTokens implements TokenVault {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;
  #remembered: HeldTokens | undefined;

  /** @param secretId the secret's name or ARN */
  constructor(client: SecretsManagerClient, secretId: string) {
    this.#client = client;
    this.#secretId = secretId;
  }

  async current(): Promise<HeldTokens> {
    const held = await this.#get({ VersionStage: current });
    if (held === null) throw new Error('The secret of the access tokens is not there, or has no version');
    return held;
  }

  previous(): Promise<HeldTokens | null> {
    return this.#get({ VersionStage: 'AWSPREVIOUS' });
  }

  stored(): Promise<HeldTokens | null> {
    return this.#get({ VersionStage: stored });
  }

  async read(version: string): Promise<Tokens | null> {
    if (this.#remembered?.version !== version) {
      this.#remembered = (await this.#get({ VersionId: version })) ?? undefined;
    }
    return this.#remembered?.tokens ?? null;
  }

  async store(version: string, tokens: Tokens): Promise<void> {
    await this.#client.send(
      new PutSecretValueCommand({
        SecretId: this.#secretId,
        ClientRequestToken: version,
        SecretString: JSON.stringify(tokens),
        VersionStages: [stored],
      }),
    );
  }

  async makeCurrent(version: string, instead: string): Promise<boolean> {
    try {
      await this.#client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.#secretId,
          VersionStage: current,
          MoveToVersionId: version,
          RemoveFromVersionId: instead,
        }),
      );
      return true;
    } catch (error) {
      const isRefused =
        error instanceof InvalidParameterException || error instanceof InvalidRequestException;
      if (!isRefused) throw error;
      // The answer to the first of several tries can have been lost: then it is ours that has taken its place.
      return (await this.current()).version === version;
    }
  }

  /** Null where there is no such version. */
  async #get(
    which: { readonly VersionId: string } | { readonly VersionStage: string },
  ): Promise<HeldTokens | null> {
    try {
      const { VersionId: version, SecretString: text } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: this.#secretId, ...which }),
      );
      if (version === undefined) throw new Error('Secrets Manager gave a secret without its version');
      return { version, tokens: tokensIn(text) };
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return null;
      throw error;
    }
  }
}

/** What was generated with the secret is no tokens. An error of the parser is not passed on, because it quotes the text. */
function tokensIn(text: string | undefined): Tokens | null {
  try {
    return tokensShape.safeParse(JSON.parse(text ?? '')).data ?? null;
  } catch {
    return null;
  }
}
