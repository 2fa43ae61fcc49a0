import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SecretVersions } from '../../../lib/aws/secret-versions.ts';
import { SecretsManagerSecrets } from '../../../lib/aws/secrets-manager-secrets.ts';
import { describeSecrets } from '../../support/contracts/secrets.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import {
  startSecretsManagerServer,
  type SecretsManagerServer,
} from '../../support/secrets-manager-server.ts';

let server: SecretsManagerServer;
beforeAll(async () => {
  server = await startSecretsManagerServer();
});
afterAll(() => server.stop());

let round = 0;
describeSecrets('SecretsManagerSecrets', (clock) => {
  const secretId = `contract-${++round}`;
  return {
    secrets: new SecretsManagerSecrets(server.client, secretId, clock),
    change: (fields) => server.store(secretId, JSON.stringify(fields)),
  };
});

describe('SecretsManagerSecrets', () => {
  const read = (secretId: string) =>
    new SecretsManagerSecrets(server.client, secretId, new FakeClock()).read({ fresh: false });

  it('asks once for what it then remembers', async () => {
    server.store('asked', '{"apiKey":"made-up"}');
    const secrets = new SecretsManagerSecrets(server.client, 'asked', new FakeClock());
    const before = server.operations.length;
    await secrets.read({ fresh: false });
    await secrets.read({ fresh: false });
    expect(server.operations.length - before).toBe(1);
  });

  it.each([
    ['not JSON', 'PASTE-YOUR-KEY-HERE'],
    ['cut JSON', '{"apiKey":"made-up'],
    ['a list', '["made-up"]'],
    ['a text', '"made-up"'],
    ['null', 'null'],
  ])('finds no fields in a secret that is %s', async (what, text) => {
    server.store(what, text);
    expect(await read(what)).toEqual({ version: 'version-1', fields: {} });
  });

  it('leaves out fields that are not strings', async () => {
    server.store('mixed', '{"apiKey":"made-up","port":5,"nested":{"a":"b"},"none":null}');
    expect((await read('mixed')).fields).toEqual({ apiKey: 'made-up' });
  });

  it('throws when the secret cannot be read', async () => {
    await expect(read('nobody-has-this')).rejects.toThrow(/can't find/);
  });

  it('does not remember a failure', async () => {
    const secrets = new SecretsManagerSecrets(server.client, 'late', new FakeClock());
    await expect(secrets.read({ fresh: false })).rejects.toThrow();
    server.store('late', '{"apiKey":"made-up"}');
    expect((await secrets.read({ fresh: false })).fields).toEqual({ apiKey: 'made-up' });
  });
});

describe('SecretVersions', () => {
  const versions = (): SecretVersions => new SecretVersions(server.client);

  it('names the same version as a read of the value, and does not read the value', async () => {
    for (const key of ['first', 'second', 'third']) server.store('versions', JSON.stringify({ key }));
    const secret = await new SecretsManagerSecrets(server.client, 'versions', new FakeClock()).read({
      fresh: true,
    });
    const before = server.operations.length;
    expect(await versions().currentVersion('versions')).toBe(secret.version);
    expect(server.operations.slice(before)).toEqual(['DescribeSecret']);
  });

  it('says undefined of a secret that has no value yet', async () => {
    server.store('without-value', undefined);
    expect(await versions().currentVersion('without-value')).toBeUndefined();
  });

  it('throws when it cannot ask', async () => {
    await expect(versions().currentVersion('nobody-has-this')).rejects.toThrow(/can't find/);
  });
});
