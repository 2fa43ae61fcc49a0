import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';

import { startEmbeddedSecrets } from '../../../../infra/emulator/embedded/embedded-secrets.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import { localCredentials } from '../../../../infra/emulator/template/local-account.ts';
import type { SecretModel } from '../../../../infra/emulator/template/template-model.ts';

const accessKey = newAccessKey();
const secret: SecretModel = {
  name: 'pagekeeper/mobaro',
  arn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:pagekeeper/mobaro-laptop',
  placeholder: (seed) => JSON.stringify({ apiKey: 'REPLACE_ME', unused: seed.slice(0, 8) }),
};
const empty: SecretModel = { name: 'empty', arn: 'arn:empty', placeholder: () => null };

interface Asked {
  readonly value: string | undefined;
  readonly version: string | undefined;
  readonly described: Record<string, string[]> | undefined;
}

async function withSecrets<T>(
  options: { apiKey?: string; salt?: string },
  use: (client: SecretsManagerClient) => Promise<T>,
): Promise<T> {
  const { apiKey, salt = 'salt' } = options;
  const server = await startEmbeddedSecrets({
    secrets: [secret, empty],
    values: new Map(apiKey === undefined ? [] : [[secret.arn, { apiKey }]]),
    salt,
    accessKey,
  });
  const credentials = localCredentials(accessKey);
  const client = new SecretsManagerClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
  try {
    return await use(client);
  } finally {
    client.destroy();
    await server.close();
  }
}

function ask(options: { apiKey?: string; salt?: string }, SecretId = secret.arn): Promise<Asked> {
  return withSecrets(options, async (client) => {
    const { SecretString, VersionId } = await client.send(new GetSecretValueCommand({ SecretId }));
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
    return { value: SecretString, version: VersionId, described: VersionIdsToStages };
  });
}

describe('the embedded Secrets Manager', () => {
  it('gives the value by ARN and by name, with one version in both operations', async () => {
    const byArn = await ask({ apiKey: 'k1' });
    // What was generated with the secret stays in it.
    expect(byArn.value).toMatch(/^\{"apiKey":"k1","unused":"[0-9a-f]{8}"\}$/);
    expect(byArn.version).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(byArn.described).toEqual({ [byArn.version ?? '']: ['AWSCURRENT'] });
    expect(await ask({ apiKey: 'k1' }, secret.name)).toEqual(byArn);
  });

  it('changes the version when the value changes, and only then', async () => {
    const first = await ask({ apiKey: 'k1' });
    expect((await ask({ apiKey: 'k1' })).version).toBe(first.version);
    expect((await ask({ apiKey: 'k2' })).version).not.toBe(first.version);
    expect((await ask({})).version).not.toBe(first.version);
    expect((await ask({ apiKey: 'k1', salt: 'another' })).version).not.toBe(first.version);
  });

  it('takes another value, which has a version of its own', async () => {
    await withSecrets({ apiKey: 'k1' }, async (client) => {
      const read = () => client.send(new GetSecretValueCommand({ SecretId: secret.arn }));
      const before = await read();
      const SecretString = '{"apiKey":"k2"}';
      await client.send(new PutSecretValueCommand({ SecretId: secret.name, SecretString }));
      const after = await read();
      expect([after.SecretString, after.VersionId === before.VersionId]).toEqual([SecretString, false]);
      const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: secret.arn }));
      expect(VersionIdsToStages).toEqual({
        [after.VersionId ?? '']: ['AWSCURRENT'],
        [before.VersionId ?? '']: ['AWSPREVIOUS'],
      });
      await expect(
        client.send(new PutSecretValueCommand({ SecretId: 'another', SecretString })),
      ).rejects.toThrow(ResourceNotFoundException);
    });
  });

  it('holds the placeholder of the template until somebody brings a value', async () => {
    const first = await ask({});
    expect(first.value).toMatch(/^\{"apiKey":"REPLACE_ME","unused":"[0-9a-f]{8}"\}$/);
    expect(await ask({})).toEqual(first);
  });

  it('has no secret that the template does not have, and no value where nothing is generated', async () => {
    await expect(ask({}, 'nobody')).rejects.toThrow(ResourceNotFoundException);
    await expect(ask({}, 'empty')).rejects.toThrow(/secret value/);
    expect(
      await withSecrets({}, async (client) => client.send(new DescribeSecretCommand({ SecretId: 'empty' }))),
    ).toMatchObject({ VersionIdsToStages: {} });
  });
});
