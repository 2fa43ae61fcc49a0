import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { pagekeeper } from '../../../infra/cli/program.ts';
import { startEmbeddedDynamoDb } from '../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { openDataFolder } from '../../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../../infra/laptop/data-folder/description.ts';
import { thirdVendor } from '../../acceptance/third-vendor.ts';
import { fakeOutput } from '../../support/fake-output.ts';

const authentication = vi.hoisted(
  () =>
    ({
      kind: 'oauth2',
      tokenUrl: 'https://api.acme.example/token',
      clientIn: 'basic',
      clientId: 'clientId',
      clientSecret: 'clientSecret',
      grant: { kind: 'client_credentials' },
    }) as const,
);

vi.mock(import('../../../infra/settings/project.ts'), async (original) => ({
  ...(await original()),
  contextOfProject: () => ({
    pagekeeper: {
      // A vendor that nobody simulates, and one that is simulated from its definition.
      connectors: {
        acme: { ...thirdVendor, name: 'acme', title: 'Acme', authentication },
        ferry: thirdVendor,
      },
      connections: { mobaro: { streams: { users: { fields: { mask: ['name'] } } } }, acme: {}, ferry: {} },
    },
  }),
}));

const tables = [
  { name: 'Checkpoints', keys: ['pk'] },
  { name: 'Records', keys: ['stream', 'id'] },
].map(({ name, keys }) => ({
  name,
  keySchema: keys.map((key, index) => ({
    AttributeName: key,
    KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
  })),
  attributes: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
}));

let data: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
  await openDataFolder(data);
  await writeDescription(data, {
    checkpointsTable: 'Checkpoints',
    recordsTable: 'Records',
    streams: ['mobaro/users', 'acme/crossings', 'ferry/crossings'],
  });
  await (await startEmbeddedDynamoDb(data, tables, newAccessKey())).close();
});

afterAll(async () => {
  await rm(data, { recursive: true });
});

it('pagekeeper check asks for no key to mask with on this machine, where npm start makes it', async () => {
  const out = fakeOutput({ isTTY: false });
  const status = await pagekeeper(['check', 'mobaro', '--data', data], out, {}, null);
  expect([status, String(out.read())]).toEqual([
    0,
    expect.stringMatching(
      /^✓ mobaro\/users: it answers, and counts \d+ rows\. \(asked the built-in simulator at 127\.0\.0\.1:\d+(, [^)]+)?\)\n/,
    ),
  ]);
});

it('pagekeeper check leaves out on this machine a vendor that nobody simulates, and says so', async () => {
  const out = fakeOutput({ isTTY: false });
  const status = await pagekeeper(['check', '--data', data], out, {}, null);
  expect([status, String(out.read()).split('\n')]).toEqual([
    1,
    [
      expect.stringMatching(/^✓ mobaro\/users: it answers/),
      '… acme: not asked. There is no simulator of Acme for acme, which requests access tokens: add --base-url acme=live to ask the vendor itself.',
      expect.stringMatching(/^✓ ferry\/crossings: it answers.*asked the built-in simulator/),
      '',
    ],
  ]);
});
