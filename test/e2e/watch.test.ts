import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { faults } from '../../infra/simulators/frame/faults.ts';
import { launchBrowser, openPage } from '../browser/browser.ts';
import { hasChromium } from '../browser/chromium.ts';
import { startHttpServer } from '../support/http-server.ts';
import { launch } from '../support/start-command.ts';
import { watchedStart, type WatchedStart } from '../support/watched-start.ts';

/** `npm start -- --watch` as a user runs it: the synthesized stack, whole, and its page. */
describe('npm start -- --watch', () => {
  let here: WatchedStart;
  beforeEach(async () => {
    here = await watchedStart();
  });
  afterEach(() => here.remove());

  it.skipIf(!hasChromium())('shows in a browser how streams go on, and that it has ended', async () => {
    // Long enough to be seen.
    here.vendor.inflict([faults.tooManyRequests('/users', 4, 15), faults.slow('/users', { from: 1 }, 200)]);
    const browser = await launchBrowser();
    try {
      const { child, finished } = await here.watch(['mobaro/users']);
      const { page, complaints } = await openPage(browser, here.url());
      const row = page.getByRole('row', { name: /mobaro\/users/ });
      await expect
        .poll(() => row.innerText(), { timeout: 240_000 })
        .toMatch(/waiting\s+HTTP 429: Too Many Requests, again in \d+ s, try 1 failed/);
      await expect
        .poll(() => page.locator('#verdict').innerText(), { timeout: 240_000 })
        .toBe('All quiet: 1 stream complete');
      expect(await row.innerText()).toMatch(/13 pages\s+240 records, 240 written/);
      expect(await row.innerText()).toMatch(/in \d+ (min|s)/);
      const sent = JSON.stringify(await here.snapshot());
      expect(here.vendor.externalIds['users']?.filter((id) => sent.includes(id))).toEqual([]);
      expect(complaints).toEqual([]);

      child.kill('SIGINT');
      expect((await finished).status).toBe(130);
      await page.getByText('It has ended. All quiet: 1 stream complete').waitFor();
      await page.getByText(/^connection lost at/).waitFor();
    } finally {
      await browser.close();
    }
  });

  it('says that the port it was told to take is taken, and starts nothing', async () => {
    const other = await startHttpServer();
    const port = new URL(other.origin).port;
    const { status, stderr } = await launch('infra/start.ts', [
      '--watch',
      '--port',
      port,
      '--data',
      here.data,
    ]).finished;
    await other.stop();
    expect([status, stderr]).toEqual([
      2,
      `--port: ${port} is taken on this machine; name another one, or 0 for any that is free.\n`,
    ]);
  });
});
