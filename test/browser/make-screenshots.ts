import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { BrowserContextOptions } from 'playwright-core';

import { faults } from '../../infra/simulators/frame/faults.ts';
import { startSimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import { launchBrowser, openPage } from './browser.ts';

/**
 * `npm run screenshots`: makes the pictures of docs/ from a real `npm start -- --watch`, against simulated vendors of which one
 * comes to refuse its key. Needs Chromium, and about two minutes.
 */

const root = path.resolve(import.meta.dirname, '../..');
// Short, for it is in the pictures.
const data = path.join(tmpdir(), 'pagekeeper-screenshots');
await rm(data, { recursive: true, force: true });

const mobaro = await startSimulatedVendor('mobaro', {
  secret: { apiKey: 'made-up' },
  faults: [
    faults.tooManyRequests('/users', 6, 6),
    faults.unauthorized('/timesheets', 14),
    // Slowly enough to be seen under way.
    faults.slow('*', { from: 1 }, 600),
  ],
});

const watch = spawn(
  process.execPath,
  ['infra/start.ts', '--watch', '--data', data, '--base-url', `mobaro=${mobaro.url}`],
  {
    cwd: root,
    env: { ...process.env, MOBARO_API_KEY: 'made-up' },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
const ended = once(watch, 'close');
const browser = await launchBrowser();
try {
  const [line] = (await once(watch.stdout, 'data')) as [Buffer];
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(line.toString())?.[0];
  if (url === undefined) throw new Error(`No address in ${line.toString()}`);
  watch.stdout.pipe(process.stdout);

  const wide = await open(url, { colorScheme: 'light', viewport: { width: 1160, height: 640 } });
  const users = wide.getByRole('row', { name: /mobaro\/users/ });
  await users.getByText(/HTTP 429.*again in [3-9] s/).waitFor({ timeout: 120_000 });
  await wide.screenshot({ path: picture('watch-running.png') });

  const dark = await open(url, { colorScheme: 'dark', viewport: { width: 1160, height: 640 } });
  await dark.getByRole('article').first().waitFor({ timeout: 120_000 });
  await dark.screenshot({ path: picture('watch-alarm.png') });

  for (const name of ['watch-running.png', 'watch-alarm.png']) {
    process.stdout.write(`docs/${name}: ${String(Math.ceil((await stat(picture(name))).size / 1024))} KB\n`);
  }
} finally {
  await browser.close();
  watch.kill('SIGINT');
  await ended;
  await mobaro.close();
  await rm(data, { recursive: true, force: true });
}

async function open(url: string, options: BrowserContextOptions) {
  return (await openPage(browser, url, options)).page;
}

function picture(name: string): string {
  return path.join(root, 'docs', name);
}
