import { spawn } from 'node:child_process';
import { chmod, lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';

import { describe, expect, it } from 'vitest';

import { readRunning } from '../../infra/emulator/embedded/data-lock.ts';
import { faults } from '../../infra/simulators/frame/faults.ts';
import { startSimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import { asAnotherUser, canBeAnotherUser } from '../support/another-user.ts';
import { launch } from '../support/start-command.ts';

const root = path.join(import.meta.dirname, '../..');

/** What others may do anything with, at or below a path; what goes away meanwhile is left out. */
async function openToOthers(file: string): Promise<readonly string[]> {
  const found = await lstat(file).catch(() => null);
  if (found === null) return [];
  const own = (found.mode & 0o077) === 0 ? [] : [`${file} ${(found.mode & 0o777).toString(8)}`];
  if (!found.isDirectory()) return own;
  const names = await readdir(file).catch(() => []);
  const below = await Promise.all(names.map((name) => openToOthers(path.join(file, name))));
  return [...own, ...below.flat()];
}

describe('npm start under a umask that hides nothing', () => {
  it('keeps all that it writes for its user, and the keys of its servers and of the vendor to itself', async () => {
    const parent = await mkdtemp(path.join(tmpdir(), 'pagekeeper-'));
    await chmod(parent, 0o755);
    const data = path.join(parent, 'data');
    const apiKey = 'a-key-that-nobody-may-see';
    // Slowly enough to be looked at.
    const vendor = await startSimulatedVendor('mobaro', {
      secret: { apiKey },
      faults: [faults.slow('/users', { from: 1 }, 300)],
    });
    const command = 'umask 000 && exec "$0" "$@"';
    const args = ['--data', data, '--stream', 'mobaro/users', '--base-url', `mobaro=${vendor.url}`];
    const child = spawn('/bin/sh', ['-c', command, process.execPath, 'infra/start.ts', ...args], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', MOBARO_API_KEY: apiKey },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    try {
      let running = await readRunning(data);
      while (running?.queues === undefined && child.exitCode === null) {
        await sleep(50);
        running = await readRunning(data);
      }
      const { accessKey = '', dynamodb = '', queues = '' } = running ?? {};
      expect(accessKey).toMatch(/^LOCAL[0-9A-F]{32}$/);
      expect(await openToOthers(data)).toEqual([]);
      const asset = (await readdir(data, { recursive: true })).find((file) => file.endsWith('index.mjs'));
      expect(asset).toMatch(/^assembly\/\d+\/asset\./);

      if (canBeAnotherUser) {
        for (const file of ['running.json', asset!, 'pagekeeper.json']) {
          const { status, said: answered } = await asAnotherUser('cat "$1"', path.join(data, file));
          expect([status, answered]).toEqual([1, expect.stringContaining('Permission denied')]);
        }
        for (const origin of [dynamodb, queues]) {
          const asked = `exec 3<>/dev/tcp/127.0.0.1/${new URL(origin).port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;
          const { said: answered } = await asAnotherUser('exec bash -c "$1"', asked);
          expect(answered).toMatch(/^HTTP\/1\.1 403 /);
        }
      }
      const status = launch('infra/cli.ts', ['status', '--data', data]).finished;
      expect(await status).toMatchObject({ status: 0, stderr: '' });
      expect(await openToOthers(data)).toEqual([]);

      const [stdout, stderr] = await said;
      expect(stdout).toContain('mobaro/users: complete');
      const words = stdout + stderr + (await status).stdout;
      for (const key of [accessKey, apiKey]) expect(words).not.toContain(key);
      expect(await openToOthers(data)).toEqual([]);
      for (const file of await readdir(data, { recursive: true })) {
        const whole = path.join(data, file);
        if ((await lstat(whole)).isFile())
          expect(await readFile(whole, 'latin1'), file).not.toMatch(new RegExp(`${accessKey}|${apiKey}`));
      }
    } finally {
      child.kill('SIGKILL');
      await vendor.close();
      await rm(parent, { recursive: true, force: true });
    }
  });
});
