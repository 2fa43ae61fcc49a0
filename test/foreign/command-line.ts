import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';

import { projectRoot } from '../../infra/settings/project.ts';
import type { SimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import { maskKeyIn } from '../../lib/connectors/connector.ts';
import { region } from './account.ts';
import type { Deployed } from './deployed.ts';
import type { Report } from './report.ts';

/** Its function is given batches of ten seconds, and a busy machine takes its time. */
const logPatienceMs = 90_000;

/** The command of a person on a deployment whose streams have been synced. What asks vendors themselves is left out. */
export async function tryCommandLine(
  report: Report,
  deployed: Deployed,
  vendors: ReadonlyMap<string, SimulatedVendor>,
): Promise<void> {
  const { account } = deployed;
  const vendor = vendors.get('mobaro');
  const requests = () => vendor?.requests.length ?? 0;
  const pagekeeper = (args: readonly string[], input = '') => runCommand(deployed, args, input);

  await report.check('status tells that every stream is complete', async () => {
    const status = JSON.parse(await pagekeeper(['status', '--json'])) as { streams: { outcome: string }[] };
    assert.ok(status.streams.length > 5);
    assert.deepEqual([...new Set(status.streams.map(({ outcome }) => outcome))], ['complete']);
  });
  await report.check('records prints what is stored', async () => {
    const lines = (await pagekeeper(['records', 'mobaro/users'])).trim().split('\n');
    const ids = lines.map((line) => (JSON.parse(line) as { id: string }).id);
    assert.deepEqual(ids.toSorted(), vendor?.externalIds['users']?.toSorted());
  });
  await report.check('changes prints a line for each record that was stored', async () => {
    const stored = [...(await deployed.storedIds())].flatMap(([stream, ids]) =>
      ids.map((id) => `${stream} ${id}`),
    );
    const deadline = performance.now() + logPatienceMs;
    let created = await createdIn(pagekeeper);
    while (created.length < stored.length && performance.now() < deadline) {
      await sleep(2000);
      created = await createdIn(pagekeeper);
    }
    assert.deepEqual(created, stored.toSorted());
  });
  await report.check('a stream that is paused calls nobody, and one that is resumed does', async () => {
    await pagekeeper(['pause', 'mobaro/users', '--why', 'to see it stand still']);
    const before = requests();
    await deployed.tick('mobaro/users');
    assert.equal(requests(), before);
    await pagekeeper(['resume', 'mobaro/users', '--no-wait']);
    await deployed.tick('mobaro/users');
    await deployed.untilAtRest();
    assert.ok(requests() > before);
  });
  await report.check('run starts a stream by a message, without a tick', async () => {
    const before = requests();
    await pagekeeper(['run', 'mobaro/locations']);
    await deployed.untilAtRest();
    assert.ok(requests() > before);
  });
  await report.check('secret set keeps what was generated', async () => {
    const before = await deployed.secretOf('mobaro');
    await pagekeeper(['secret', 'set', 'mobaro'], JSON.stringify({ apiKey: 'another one' }));
    const after = await deployed.secretOf('mobaro');
    assert.equal(after['apiKey'], 'another one');
    assert.ok(maskKeyIn(before));
    assert.equal(maskKeyIn(after), maskKeyIn(before));
  });
  await report.check('the audit tells what was done, by whom and why', async () => {
    const { entries } = JSON.parse(await pagekeeper(['audit', '--json'])) as { entries: Entry[] };
    assert.deepEqual(
      entries.map(({ command, outcome }) => `${command} ${outcome}`),
      ['secret set changed', 'run changed', 'resume changed', 'pause changed'],
    );
    assert.equal(entries.at(-1)?.why, 'to see it stand still');
    for (const { who } of entries) assert.match(who, new RegExp(`^arn:aws:iam::${account.id}:`));
  });
}

/** Each record once that has a line `created`. */
async function createdIn(
  pagekeeper: (args: readonly string[]) => Promise<string>,
): Promise<readonly string[]> {
  const lines = (await pagekeeper(['changes', '--ids'])).split('\n').slice(0, -1);
  const created = lines
    .map((line) => JSON.parse(line) as { stream: string; id: string; op: string })
    .filter(({ op }) => op === 'created');
  return [...new Set(created.map(({ stream, id }) => `${stream} ${id}`))].toSorted();
}

interface Entry {
  readonly command: string;
  readonly outcome: string;
  readonly who: string;
  readonly why: string | null;
}

/** @returns what it prints @throws Error with what it says of its failure */
export async function runCommand(
  { account, stackName }: Deployed,
  args: readonly string[],
  input = '',
): Promise<string> {
  const command = [path.join(projectRoot, 'infra', 'cli.ts'), ...args, '--stack', stackName];
  const child = spawn(process.execPath, command, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL: account.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: account.id,
      AWS_SECRET_ACCESS_KEY: 'foreign',
      NO_COLOR: '1',
    },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.end(input);
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status !== 0) throw new Error(`pagekeeper ${args.join(' ')}: ${errors.trim()}`);
  return output;
}
