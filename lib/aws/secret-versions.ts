import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/**
 * Which version of a secret is the current one, without reading its value: the watchdog looks whether a refused secret
 * has been replaced, and needs no permission for the value.
 */
export class SecretVersions {
  readonly #client: SecretsManagerClient;

  constructor(client: SecretsManagerClient) {
    this.#client = client;
  }

  /** @returns the version labelled `AWSCURRENT`; undefined for a secret that has no value yet. */
  async currentVersion(secretId: string): Promise<string | undefined> {
    const { VersionIdsToStages: stages } = await this.#client.send(
      new DescribeSecretCommand({ SecretId: secretId }),
    );
    return Object.entries(stages ?? {}).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
  }
}
