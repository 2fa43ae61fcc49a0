import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runScript } from './run-script.ts';

let data: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
});

afterAll(async () => {
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
