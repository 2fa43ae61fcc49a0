import { describe, expect, it, vi } from 'vitest';

import type * as registry from '../../../lib/connectors/registry.ts';
import { settingsDocumentOf } from '../../../infra/settings/settings-document.ts';
import { readSettings } from '../../../infra/settings/read-settings.ts';
import { adaptSettings } from '../../../infra/laptop/run/adapt-settings.ts';
import { statementsOf, synthesized, type Statement } from '../synthesized.ts';

vi.mock('../../../lib/connectors/registry.ts', async (original) => {
  const { tokenConnector, rotating } = await import('../../support/token-vendor.ts');
  const { connectors, ...others } = await original<typeof registry>();
  return { ...others, connectors: { ...connectors, ledger: tokenConnector(rotating(true)) } };
});

const settings = {
  connections: { mobaro: {}, ledger: { streams: { rows: {} } } },
};
const stack = synthesized(settings);
const functions = ['ScheduledSync', 'QueuedSync'];

function secretsOf(role: string): readonly Statement[] {
  return statementsOf(stack, role).filter(({ actions }) =>
    actions.some((action) => action.startsWith('secretsmanager:')),
  );
}

function roleOf(connection: string, entry: string): string {
  const [found] = stack.ofType('AWS::IAM::Role', `Connection${connection}${entry}Role`);
  return found?.[0] ?? '';
}

describe('a connection with access tokens', () => {
  it('has a secret of their own, which nobody has to fill in', () => {
    const secrets = stack.ofType('AWS::SecretsManager::Secret', 'Connectionledger');
    const byName = new Map(secrets.map(([id, { Properties }]) => [Properties['Name'], id]));
    expect([...byName.keys()].sort()).toEqual(['Pagekeeper/ledger', 'Pagekeeper/ledger/tokens']);
    const tokens = stack.resources[byName.get('Pagekeeper/ledger/tokens') ?? ''];
    expect(tokens?.Properties['GenerateSecretString']).toEqual({});
    expect(tokens?.DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(stack.ofType('AWS::SecretsManager::Secret', 'Connectionmobaro')).toHaveLength(1);
  });

  it.each(functions)('%s may read and renew them, and only read what a person has filled in', (entry) => {
    const [own, tokens, ...others] = secretsOf(roleOf('ledger', entry));
    expect(others).toEqual([]);
    expect(own).toMatchObject({ actions: ['secretsmanager:GetSecretValue'] });
    expect(own?.resources).toEqual([expect.stringMatching(/^<ConnectionledgerSecret[0-9A-F]{8}>$/)]);
    expect(tokens?.actions).toEqual(
      ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map((one) => `secretsmanager:${one}`),
    );
    expect(tokens?.resources).toEqual([expect.stringMatching(/^<ConnectionledgerTokens[0-9A-F]{8}>$/)]);
  });

  it.each(functions)('%s of another connection reaches none of it', (entry) => {
    const statements = statementsOf(stack, roleOf('mobaro', entry));
    expect(JSON.stringify(statements)).not.toMatch(/ledger|token#/);
    expect(secretsOf(roleOf('mobaro', entry)).flatMap(({ actions }) => actions)).toEqual([
      'secretsmanager:GetSecretValue',
    ]);
  });

  it.each(functions)('%s holds the lease of its own tokens', (entry) => {
    const keys = statementsOf(stack, roleOf('ledger', entry)).map(({ conditions }) =>
      JSON.stringify(conditions),
    );
    expect(keys.join()).toContain('"token#ledger"');
  });

  it('encrypts with a key of somebody else’s where there is one', () => {
    const kmsKey = 'arn:aws:kms:eu-central-1:100000000002:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const encrypted = synthesized({ ...settings, kmsKey });
    const role = encrypted.ofType('AWS::IAM::Role', 'ConnectionledgerQueuedSyncRole')[0]?.[0] ?? '';
    const writes = statementsOf(encrypted, role).find(({ actions }) =>
      actions.includes('kms:GenerateDataKey'),
    );
    expect(JSON.stringify(writes?.conditions)).toContain('secretsmanager');
  });

  it('is told where its tokens are requested, and by a setting where else', () => {
    const documentOf = (ledger: object) =>
      settingsDocumentOf(readSettings({ connections: { ledger: { streams: { rows: {} }, ...ledger } } }));
    const secretName = 'Pagekeeper/ledger/tokens';
    const [usual] = documentOf({}).connections;
    expect(usual?.tokens).toEqual({ url: 'https://vendor.example/oauth/token', secretName });
    const tokenUrl = 'https://login.sandbox.example/token';
    expect(documentOf({ tokenUrl }).connections[0]?.tokens).toEqual({ url: tokenUrl, secretName });
    // On a laptop, where the vendor is said to be elsewhere, no credentials leave for the real one.
    const baseUrls = new Map([['ledger', 'http://127.0.0.1:9000/api']]);
    const adapted = adaptSettings(documentOf({ tokenUrl }), { selected: null, baseUrls });
    expect(adapted.connections[0]?.tokens?.url).toBe('http://127.0.0.1:9000/token');
  });

  it.each([
    [
      { mobaro: { tokenUrl: 'https://login.example/token' } },
      'pagekeeper.connections.mobaro.tokenUrl: must be left out, for Mobaro gives no access tokens, not what is there',
    ],
    [
      { ledger: { streams: { rows: {} }, tokenUrl: 'http://login.example/token' } },
      'pagekeeper.connections.ledger.tokenUrl: must be an https URL without credentials and query, not what is there',
    ],
  ])('%j is refused in a sentence', (connections, sentence) => {
    expect(() => readSettings({ connections })).toThrow(sentence);
  });
});
