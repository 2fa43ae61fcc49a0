import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { withAssembly } from '../../infra/laptop/run/synthesize.ts';
import { secretPlaceholder } from '../../lib/sync/credentials.ts';
import { keepers } from '../infra/keepers.ts';
import { Account } from './account.ts';
import { assetOf, expectAllResources, expectEnvironments, functionsIn } from './as-expected.ts';
import { callingOnly } from './base-urls.ts';
import { withoutGaps, type StackTemplate } from './gaps.ts';
import { fill, holdingsOf, type Holdings } from './holdings.ts';
import { publish, publishCode, type Published } from './publish.ts';
import type { Report } from './report.ts';
import { createStack, resourcesOf, updateStack, type StackResource } from './stacks.ts';

/** A folder each, named after its commit: the template of the default settings as it was. */
const fixtures = new URL('fixtures/', import.meta.url);

const stackName = 'Pagekeeper';

/** A deployment of a former version that holds something, upgraded to today's; then its connections into nested stacks and back. */
export async function tryUpgrades(report: Report, endpoint: string): Promise<void> {
  for (const [index, version] of readdirSync(fixtures).entries()) {
    const account = await Account.open(endpoint, String(200_000_000_001 + index));
    await withAssembly({ context: { pagekeeper: {} } }, (today) =>
      withAssembly({ context: { pagekeeper: { nested: true } } }, async (nested) => {
        const before = templateOf(version);
        const upgraded = await publish(today, account, callingOnly());
        await publishFormer(before, upgraded, account);
        const start = await report.check(`${version}: a deployment of it is made and filled`, async () => {
          await createStack(account, stackName, before);
          const there = await resourcesOf(account, stackName);
          await fill(account, there);
          return { there, holdings: await holdingsOf(account, there) };
        });
        if (start === undefined) return;
        const moves = [
          [`${version} to today's`, upgraded],
          [`${version}, into nested stacks`, await publish(nested, account, callingOnly())],
          [`${version}, out of nested stacks`, upgraded],
        ] as const;
        for (const [title, published] of moves)
          if (!(await tryMove(report, account, title, published, start))) return;
        await tryToLose(report, account, upgraded, start);
      }),
    );
    account.destroy();
  }
}

interface Start {
  readonly there: readonly StackResource[];
  readonly holdings: Holdings;
}

/** @returns whether the stack could be updated at all */
async function tryMove(
  report: Report,
  account: Account,
  title: string,
  published: Published,
  start: Start,
): Promise<boolean> {
  const there = await report.check(`${title}: the stack is updated`, async () => {
    await updateStack(account, stackName, published.template);
    return resourcesOf(account, stackName);
  });
  if (there === undefined) return false;
  await report.check(`${title}: what holds something is the same one`, async () => {
    expectKept(start.there, there);
  });
  await report.check(`${title}: all other resources are as the templates say`, async () => {
    expectAllResources(published, there);
    await expectEnvironments(account, published, there);
  });
  const holdings = await holdingsOf(account, there);
  for (const part of Object.keys(holdings) as (keyof Holdings)[]) {
    await report.check(`${title}: ${part} are what they were`, async () => {
      assert.deepEqual(holdings[part], start.holdings[part]);
      assert.ok(JSON.stringify(holdings[part]).length > 10);
    });
  }
  return true;
}

/** Whether it would be noticed here if an upgrade made a table or the key of masked fields anew. */
async function tryToLose(
  report: Report,
  account: Account,
  { template }: Published,
  { there: before, holdings }: Start,
): Promise<void> {
  const change = async (pattern: RegExp, replacement: string): Promise<readonly StackResource[]> => {
    const changed = JSON.stringify(template).replaceAll(pattern, replacement);
    await updateStack(account, stackName, JSON.parse(changed) as StackTemplate);
    return resourcesOf(account, stackName);
  };
  await report.check('a secret that is generated anew would be noticed', async () => {
    const there = await change(new RegExp(secretPlaceholder, 'g'), 'ANOTHER');
    assert.notDeepEqual((await holdingsOf(account, there)).secrets, holdings.secrets);
  });
  await report.check('a table of another logical id would be noticed', async () => {
    const there = await change(/"TablesRecords\w+"/g, '"TablesRecordsAnew"');
    assert.throws(() => {
      expectKept(before, there);
    });
  });
}

/** @throws AssertionError unless each is there with the logical id and the physical one that it had. There may be new ones. */
function expectKept(before: readonly StackResource[], after: readonly StackResource[]): void {
  const keptIn = (there: readonly StackResource[]): readonly string[] =>
    there
      .filter(({ type }) => keepers.includes(type))
      .map(({ type, nestedIn, logicalId, physicalId }) => [type, nestedIn, logicalId, physicalId].join(' '))
      .toSorted();
  const [kept, found] = [keptIn(before), new Set(keptIn(after))];
  assert.deepEqual(
    kept.filter((one) => !found.has(one)),
    [],
  );
  assert.ok(kept.length > 15);
}

function templateOf(version: string): StackTemplate {
  const packed = readFileSync(new URL(`${version}/Pagekeeper.template.json.gz`, fixtures));
  return withoutGaps(JSON.parse(gunzipSync(packed).toString()) as StackTemplate);
}

/** Its own code is not kept: today's takes its place, under the names that its template has for it. */
async function publishFormer(before: StackTemplate, today: Published, account: Account): Promise<void> {
  const present = new Map(functionsIn(today).map(({ logicalId, properties }) => [logicalId, properties]));
  for (const { logicalId, properties } of functionsIn({ template: before, nested: new Map() })) {
    const folder = today.code.get(assetOf(present.get(logicalId) ?? {}));
    if (folder === undefined) throw new Error(`There is no ${logicalId} any more`);
    await publishCode(folder, assetOf(properties), account, callingOnly());
  }
}
