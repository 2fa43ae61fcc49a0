import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';

import { withAssembly } from '../../infra/laptop/run/synthesize.ts';
import { allStreams, many } from '../infra/many-connections.ts';
import { Account } from './account.ts';
import { expectAllResources, expectEachToAnswer, expectEnvironments } from './as-expected.ts';
import { callingOnly } from './base-urls.ts';
import { everythingOn } from './everything-on.ts';
import { publish } from './publish.ts';
import type { Report } from './report.ts';
import { createStack, resourcesOf } from './stacks.ts';

interface Deployment {
  readonly title: string;
  readonly settings: object;
  /** What it finds in the account. */
  readonly before?: (account: Account) => Promise<void>;
  readonly tables?: { readonly records: string; readonly checkpoints: string };
}

const deployments: readonly Deployment[] = [
  { title: 'the default settings', settings: {} },
  {
    title: 'every setting',
    settings: everythingOn,
    before: makeSurroundings,
    tables: {
      records: everythingOn.tables.records.name,
      checkpoints: everythingOn.tables.checkpoints.name,
    },
  },
  { title: '20 connections with all streams', settings: many(20, allStreams) },
];

/** Each into an account of its own, as `cdk deploy` would. */
export async function tryDeployments(report: Report, endpoint: string): Promise<void> {
  for (const [index, { title, settings, before, tables }] of deployments.entries()) {
    const account = await Account.open(endpoint, String(100_000_000_001 + index));
    await withAssembly({ context: { pagekeeper: settings } }, async (assembly) => {
      await before?.(account);
      const published = await publish(assembly, account, callingOnly());
      const there = await report.check(`${title}: the stack is made`, async () => {
        await createStack(account, published.stackName, published.template);
        return resourcesOf(account, published.stackName);
      });
      if (there === undefined) return;
      await report.check(`${title}: all ${String(there.length)} resources are there`, async () => {
        expectAllResources(published, there);
        await expectEachToAnswer(account, there);
      });
      await report.check(`${title}: each function is told what it needs`, () =>
        expectEnvironments(account, published, there, tables),
      );
    });
    account.destroy();
  }
}

/** What stands in `everythingOn` by name. */
async function makeSurroundings(account: Account): Promise<void> {
  await account.secrets.send(
    new CreateSecretCommand({
      Name: 'on-call/pagerduty',
      SecretString: JSON.stringify({ url: 'https://events.example.com/key' }),
    }),
  );
  await account.secrets.send(
    new CreateSecretCommand({
      Name: everythingOn.connections.mobaro.secret,
      SecretString: JSON.stringify({ apiKey: 'made up' }),
    }),
  );
  await account.putParameter('/on-call/opsgenie', 'https://events.example.com/another-key');
  const keys = { records: ['stream', 'id'], checkpoints: ['pk'] };
  for (const [part, names] of Object.entries(keys)) {
    await account.dynamoDb.send(
      new CreateTableCommand({
        TableName: `restored-${part}`,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: names.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
        KeySchema: names.map((name, index) => ({
          AttributeName: name,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
      }),
    );
  }
}
