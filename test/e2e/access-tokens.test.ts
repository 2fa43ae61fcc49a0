import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openData } from '../../infra/laptop/data-folder/open-data.ts';
import type { Summary } from '../../infra/laptop/report/summary.ts';
import { DynamoTokenStates } from '../../lib/aws/dynamo-token-states.ts';
import type { Grant } from '../../lib/connectors/connector.ts';
import { launch, projectWith, temporaryData, type Finished } from '../support/start-command.ts';
import { tokenUrl } from '../support/sync-world.ts';
import {
  clientCredentials,
  clientFields,
  rotating,
  tokenConnector,
  TokenVendor,
} from '../support/token-vendor.ts';

/** `npm start` with vendors that do not exist and that want access tokens: a token endpoint on this machine, beside the lists. */

const grants: Readonly<Record<string, Grant>> = { machine: clientCredentials, person: rotating(false) };

/** The vendor's clock goes ahead of this machine's, so that a token that is good here has expired there. */
const ahead = { ms: 0 };
const clock = { now: () => Date.now() + ahead.ms };

let vendors: Readonly<Record<string, TokenVendor>>;
let server: Server;
let data: Awaited<ReturnType<typeof temporaryData>>;
let project: Awaited<ReturnType<typeof projectWith>>;
const outputs: string[] = [];

beforeAll(async () => {
  vendors = Object.fromEntries(
    Object.entries(grants).map(([name, grant]) => [name, new TokenVendor(clock, { grant })]),
  );
  [data, project] = await Promise.all([
    temporaryData(),
    projectWith({ connections: { machine: { streams: { rows: {} } }, person: { streams: { rows: {} } } } }),
  ]);
  await addConnectors(project.path);
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const [, name = '', ...rest] = (request.url ?? '').split('/');
      const vendor = vendors[name.replace(/-token$/, '')];
      const isToken = request.method === 'POST';
      const url = isToken ? tokenUrl : `https://vendor.example/${rest.join('/')}`;
      const answer = vendor?.handle({
        ...{ method: isToken ? 'POST' : 'GET', url, body: isToken ? body : null },
        headers: request.headers as Record<string, string>,
      });
      const { status, body: answered } = answer as { readonly status: number; readonly body?: unknown };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all([data.remove(), project.remove()]);
});

async function addConnectors(path: string): Promise<void> {
  const connectors = join(path, 'lib/connectors');
  const registryFile = join(connectors, 'registry.ts');
  let registry = await readFile(registryFile, 'utf8');
  for (const [name, grant] of Object.entries(grants)) {
    const connector = tokenConnector(grant);
    const authentication = { ...connector.authentication, tokenUrl: `https://vendor.example/${name}-token` };
    await mkdir(join(connectors, name));
    await writeFile(
      join(connectors, name, `${name}.ts`),
      `import type { Connector } from '../connector.ts';
export const ${name}: Connector = ${JSON.stringify({ ...connector, name, title: name, authentication })};`,
    );
    registry = `import { ${name} } from './${name}/${name}.ts';\n${registry.replace(/^ {2}mobaro,$/m, `  mobaro,\n  ${name},`)}`;
  }
  await writeFile(registryFile, registry);
}

const fieldsOf = (name: string, refreshToken: string): Record<string, string> => ({
  ...clientFields,
  ...(name === 'person' && { refreshToken }),
});

async function run(refreshToken = 'made-up-refresh-0'): Promise<Summary & Pick<Finished, 'status'>> {
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const keysFile = join(project.path, 'keys.json');
  const keys = Object.keys(grants).map((name) => [name, fieldsOf(name, refreshToken)] as const);
  await writeFile(keysFile, JSON.stringify(Object.fromEntries(keys)), { mode: 0o600 });
  const bases = Object.keys(grants).flatMap((name) => ['--base-url', `${name}=${origin}/${name}`]);
  const args = ['--json', '--data', data.path, '--keys-from', keysFile, ...bases];
  const { finished } = launch('infra/start.ts', args, {}, project.path);
  const { status, stdout, stderr } = await finished;
  outputs.push(stdout, stderr);
  return { ...(JSON.parse(stdout) as Summary), status };
}

const secretWords = /made-up-(access|refresh|client-secret)/;

/** As if some time had gone by since its token was requested: the table's item says when that was. */
async function age(connection: string, minutes: number): Promise<void> {
  const opened = await openData(data.path);
  try {
    const { TableNames: tables = [] } = await opened.client.send(new ListTablesCommand({}));
    const states = new DynamoTokenStates(
      opened.client,
      tables.find((name) => /checkpoints/i.test(name)) ?? '',
    );
    const state = await states.read(connection);
    const earlier = (time: number | null): number | null => time && time - minutes * 60_000;
    const aged = { ...state, requestedAt: earlier(state.requestedAt), renewAt: earlier(state.renewAt) };
    expect(await states.replace(aged)).toBeDefined();
  } finally {
    await opened.close();
  }
}

const ended = (summary: Summary, name: string): Summary['streams'][number] | undefined =>
  summary.streams.find(({ stream }) => stream === `${name}/rows`);

// Each goes on where the one before has ended.
describe('npm start, and vendors that want access tokens', () => {
  it('requests one, and stores the rows', async () => {
    const summary = await run();
    for (const name of Object.keys(grants)) {
      expect(ended(summary, name)).toMatchObject({ outcome: 'complete', records: 45 });
      expect(vendors[name]?.tokenRequests).toHaveLength(1);
    }
    expect(summary.status).toBe(0);
  });

  it('renews what is due before it calls, and what turns out to have expired, and the run goes on', async () => {
    // Beyond the hour that its token lasts; the other one has expired at the vendor's alone.
    await age('person', 60);
    await age('machine', 20);
    ahead.ms = 2 * 3_600_000;
    const summary = await run();
    for (const name of Object.keys(grants)) {
      expect(ended(summary, name)).toMatchObject({ outcome: 'complete', deleted: 0 });
      expect(vendors[name]?.tokenRequests.map(({ granted }) => granted)).toEqual([true, true]);
    }
    expect(vendors['person']?.unauthorized).toEqual([]);
    expect(vendors['machine']?.unauthorized).toHaveLength(1);
    expect(summary.alarms.filter(({ state }) => state === 'ALARM')).toEqual([]);
  });

  it('halts a connection whose grant is refused, says to grant again, and leaves the other one alone', async () => {
    await age('person', 60);
    vendors['person']?.withdraw();
    const summary = await run();
    expect(ended(summary, 'person')).toMatchObject({
      outcome: 'unauthorized',
      reason: expect.stringMatching(/invalid_grant.*grant again at the vendor/),
    });
    expect(ended(summary, 'machine')).toMatchObject({ outcome: 'complete' });
    expect(vendors['person']?.tokenRequests.filter(({ granted }) => !granted)).toHaveLength(1);
  });

  it('goes on with what was granted again', async () => {
    const summary = await run(vendors['person']?.grantAnew());
    expect(ended(summary, 'person')).toMatchObject({ outcome: 'complete', deleted: 0 });
    expect(summary.status).toBe(0);
  });

  it('shows no token and no secret of the client, and writes tokens in one file, for its owner alone', async () => {
    for (const output of outputs) expect(output).not.toMatch(secretWords);
    const entries = await readdir(data.path, { recursive: true, withFileTypes: true });
    const withSecrets: string[] = [];
    for (const entry of entries) {
      expect(entry.name).not.toMatch(secretWords);
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      if (!secretWords.test(await readFile(path, 'latin1'))) continue;
      withSecrets.push(entry.name);
      expect((await stat(path)).mode & 0o077).toBe(0);
    }
    expect(withSecrets).toEqual(['secrets.json']);
  });
});
