import { randomUUID } from 'node:crypto';

import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { AwsJsonServer } from '../../../infra/emulator/embedded/aws-json.ts';
import { startEmbeddedSecrets } from '../../../infra/emulator/embedded/embedded-secrets.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { localCredentials } from '../../../infra/emulator/template/local-account.ts';
import { SecretsManagerTokens } from '../../../lib/aws/secrets-manager-tokens.ts';
import type { Tokens } from '../../../lib/sync/ports.ts';
import { describeTokenVault } from '../../support/contracts/tokens.ts';

const accessKey = newAccessKey();
const names = Array.from({ length: 20 }, (_, index) => `Pagekeeper/ledger-${index}/tokens`);
let server: AwsJsonServer;
let client: SecretsManagerClient;
beforeAll(async () => {
  server = await startEmbeddedSecrets({
    secrets: names.map((name) => ({ name, arn: `arn:${name}`, placeholder: (seed) => seed })),
    values: new Map(),
    ...{ salt: 'salt', accessKey },
  });
  const credentials = localCredentials(accessKey);
  client = new SecretsManagerClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

let used = 0;
const nextVault = (): { readonly vault: SecretsManagerTokens; readonly name: string } => {
  const name = names[used++] ?? '';
  return { vault: new SecretsManagerTokens(client, name), name };
};

describeTokenVault('SecretsManagerTokens', () => nextVault().vault);

describe('SecretsManagerTokens', () => {
  const tokens: Tokens = {
    ...{ grant: 'g', accessToken: 'made-up-access', refreshToken: null, requestedAt: 1, lifeMs: null },
    after: 'before',
  };

  it('stores one version once, however often it is sent', async () => {
    const { vault } = nextVault();
    const version = randomUUID();
    await vault.store(version, tokens);
    await vault.store(version, tokens);
    await expect(vault.store(version, { ...tokens, accessToken: 'another' })).rejects.toThrow(
      /already exists/,
    );
  });

  it('takes what a person has put there for no tokens, and quotes nothing of it', async () => {
    const { vault, name } = nextVault();
    for (const SecretString of ['{"accessToken":"made-up"}', 'made-up-access']) {
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
      expect((await vault.current()).tokens).toBeNull();
    }
  });

  it('throws where there is no such secret, and where a version to make current is not there', async () => {
    await expect(new SecretsManagerTokens(client, 'nobody').current()).rejects.toThrow(/is not there/);
    const { vault } = nextVault();
    const { version } = await vault.current();
    await expect(vault.makeCurrent(randomUUID(), version)).rejects.toThrow(/can't find the version/);
  });
});
