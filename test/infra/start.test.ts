import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { faults } from '../../infra/simulators/frame/faults.ts';
import { startSimulatedVendor, type SimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import { projectWith, start as startIn } from '../support/start-command.ts';
import { runScript } from './run-script.ts';

let data: string;
let vendor: SimulatedVendor;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
  vendor = await startSimulatedVendor('mobaro', { faults: [], secret: { apiKey: 'made-up' } });
});

afterAll(async () => {
  await vendor.close();
  await rm(data, { recursive: true });
});

describe('npm start, used wrongly', () => {
  it.each([
    [['--nonsense'], 'There is an unknown option --nonsense. npm start -- --help shows what is allowed.'],
    [
      ['--stream', 'mobaro/x'],
      /^--stream: there is no such stream in the stack.*; it has mobaro\/users, .*bob\/time-off-changes\.$/,
    ],
    [
      ['--connection', 'x', '--json'],
      '--connection: there is no such connection in the stack; it has mobaro, bob.',
    ],
    [
      ['--base-url', 'mobaro=live'],
      '--base-url mobaro=… needs the key of mobaro: give it with --keys-from, or on a terminal, or in the environment, where MOBARO_API_KEY is not set.',
    ],
    [
      ['--connection', 'bob', '--base-url', 'mobaro=live'],
      '--base-url: no stream of mobaro is selected; select it with --connection or --stream, or leave its --base-url out.',
    ],
  ])('says so of %j in one sentence on stderr, starts nothing and ends with 2', async (args, message) => {
    const { status, stdout, stderr } = await runScript('start', ['--data', data, ...args]);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd()).toMatch(message);
    expect(await readdir(data)).toEqual([]);
  });

  it('answers --help and --version', async () => {
    expect(await runScript('start', ['--help'])).toMatchObject({ status: 0, stderr: '' });
    expect((await runScript('start', ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('npm start, cut off before the stack is made', () => {
  it('says that no stream was looked at, and does not propose the same time-out again', async () => {
    const { status, stdout, stderr } = await runScript('start', ['--data', data, '--timeout', '0.001']);

    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toMatch(/: stopped by --timeout 0\.001 before any stream was looked at\n/);
    expect(stdout).not.toContain('waiting');
    expect(stdout.split('Next:\n')[1]).toBe(`  npm start -- --data ${data}  tries again, with up to 900 s\n`);
  });
});

describe('npm start with a vendor that nobody simulates', () => {
  it('leaves its streams out, says so, and starts the others', async () => {
    const project = await projectWith({ connections: { acme: {}, mobaro: { streams: { users: {} } } } });
    try {
      const connectors = join(project.path, 'lib/connectors');
      await mkdir(join(connectors, 'acme'));
      await writeFile(
        join(connectors, 'acme/acme.ts'),
        `import { mobaro } from '../mobaro/mobaro.ts';
export const acme = { ...mobaro, name: 'acme', title: 'Acme' };`,
      );
      const registry = await readFile(join(connectors, 'registry.ts'), 'utf8');
      await writeFile(
        join(connectors, 'registry.ts'),
        `import { acme } from './acme/acme.ts';\n${registry.replace(/^ {2}mobaro,$/m, '  mobaro,\n  acme,')}`,
      );
      const { status, summary, stderr } = await startIn(
        ['--data', join(project.path, 'data')],
        {},
        project.path,
      );
      expect(stderr).toBe(
        'acme is left out. There is no simulator of Acme for acme: add --base-url acme=live to ask the vendor itself.\n',
      );
      expect(summary.streams).toMatchObject([{ stream: 'mobaro/users', outcome: 'complete' }]);
      expect(status).toBe(0);
    } finally {
      await project.remove();
    }
  }, 240_000);
});

describe('npm start', () => {
  const start = (...args: readonly string[]) =>
    runScript(
      'start',
      ['--data', data, '--stream', 'mobaro/users', '--base-url', `mobaro=${vendor.url}`, ...args],
      {
        MOBARO_API_KEY: 'made-up',
      },
    );

  it('halts where the vendor says 403, and goes on there once that is mended and resumed', async () => {
    vendor.inflict([{ ...faults.unavailable('/users', 3), kind: 'answer', status: 403, body: 'Forbidden' }]);
    const first = await start('--json');

    expect(first.status).toBe(1);
    const summary = JSON.parse(first.stdout) as {
      streams: unknown;
      alarms: { name: string; state: string }[];
    };
    expect(summary.streams).toMatchObject([
      {
        stream: 'mobaro/users',
        outcome: 'forbidden',
        pages: 2,
        requests: 3,
        position: 39,
        lastStatus: 403,
      },
    ]);
    expect(summary.alarms.filter(({ state }) => state === 'ALARM')).toHaveLength(1);

    expect((await runScript('cli', ['resume', 'mobaro/users', '--data', data])).stdout).toBe(
      'mobaro/users goes on at offset 39 with the next npm start.\n',
    );
    const before = vendor.requests.length;
    const second = await start();

    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(second.stdout).toContain('✓ 1 of 1 stream complete in ');
    expect(second.stdout).not.toContain('\u001b');
    // A row before it: pages overlap.
    expect(vendor.requests.slice(before)[0]).toMatchObject({
      query: { Offset: '38' },
    });
  });
});
