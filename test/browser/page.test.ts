import { createServer } from 'node:http';

import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startPageServer, type PageServer } from '../../infra/watch/page-server.ts';
import { launchBrowser, openPage, type OpenedPage } from './browser.ts';
import { hasChromium } from './chromium.ts';
import {
  MadeUpFeed,
  event,
  madeUpState,
  quietAlarm,
  refusedStream,
  runningStream,
  streamOf,
  troubledState,
  unauthorized,
} from './made-up-feed.ts';

/** The page in a real browser, with a server whose events the tests make up. */
describe.skipIf(!hasChromium())('the page', () => {
  let browser: Browser;
  let feed: MadeUpFeed;
  let server: PageServer;
  const opened: OpenedPage[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    feed = new MadeUpFeed(madeUpState());
    server = await startPageServer(feed, 0);
  });

  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close();
    await server.close();
  });

  async function open(options?: BrowserContextOptions): Promise<OpenedPage> {
    const one = await openPage(browser, server.url, options);
    opened.push(one);
    await one.page.getByText('live', { exact: true }).waitFor();
    return one;
  }

  it('shows the streams, and how they go on as they do', async () => {
    const { page, complaints } = await open();
    const row = page.getByRole('row', { name: /mobaro\/users/ });
    await expect.poll(() => page.locator('#verdict').innerText()).toBe('All quiet: 4 streams complete');
    expect(await row.innerText()).toMatch(/complete\s+synced to its end/);
    expect(await row.locator('.lane .end').count()).toBe(1);

    feed.change({
      streams: [streamOf('mobaro/users', runningStream), ...madeUpState().streams.slice(1)],
      events: [4, 5, 6, 7].map((id) => event(id, { at: Date.now() - 8000 + id * 1000 })),
    });
    await expect.poll(() => row.innerText()).toMatch(/running\s+under way, at offset 76/);
    expect(await page.locator('#verdict').innerText()).toBe('Syncing 1 of 4 streams');
    expect(await row.getByRole('progressbar', { name: 'mobaro/users: 5 of about 13 pages' }).count()).toBe(1);
    expect(await row.locator('.lane .page').count()).toBeGreaterThan(2);
    const story = page.getByRole('list', { name: 'What happened' }).getByRole('listitem');
    expect(await story.first().innerText()).toMatch(/mobaro\/users 4 pages, 80 records/);
    expect(complaints).toEqual([]);
  });

  it('shows an alarm with its text and its commands, ready to copy, until it is over', async () => {
    const { page, complaints } = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    expect(await page.getByRole('article').count()).toBe(0);

    feed.change({
      alarms: [unauthorized, quietAlarm],
      streams: [streamOf('mobaro/users', refusedStream), ...madeUpState().streams.slice(1)],
    });
    const card = page.getByRole('article');
    await card.waitFor();
    for (const { says, code } of unauthorized.text) {
      expect(await card.innerText()).toContain(code === null ? says : `${says} ${code}`);
    }
    expect(await card.getByRole('heading', { level: 3 }).innerText()).toBe('mobaro unauthorized');
    expect(await page.title()).toBe('(1 alarm) Pagekeeper');
    expect(await page.getByRole('row', { name: /mobaro\/users/ }).innerText()).toContain('once fixed');

    await card.getByRole('button', { name: 'npx pagekeeper resume mobaro' }).click();
    await card.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('npx pagekeeper resume mobaro');
    await expect
      .poll(() => page.locator('#announcer').innerText())
      .toBe('Alarm: Pagekeeper mobaro unauthorized. mobaro/users: the vendor refused the key (401).');

    feed.change({ alarms: [{ ...unauthorized, state: 'OK' }, quietAlarm], streams: madeUpState().streams });
    await card.waitFor({ state: 'detached' });
    expect(await page.title()).toBe('Pagekeeper');
    expect(complaints).toEqual([]);
  });

  it('tells of an alarm by its title in the background, where nothing is drawn', async () => {
    const { page } = await open();
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: true });
      window.requestAnimationFrame = () => 0;
      document.dispatchEvent(new Event('visibilitychange'));
    `);
    feed.change({ alarms: [unauthorized] });
    await expect.poll(() => page.title()).toBe('(1 alarm) Pagekeeper');
    expect(await page.locator('#icon').getAttribute('href')).toBe('/icon-trouble.svg');
  });

  it('selects a command where it may not be copied', async () => {
    feed.change({ alarms: [unauthorized] });
    const { page } = await open();
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    await page.getByRole('button', { name: 'npx pagekeeper resume mobaro' }).click();
    await page.getByText('Selected: copy it with Ctrl-C').waitFor();
    expect(await page.evaluate('getSelection().toString()')).toBe('npx pagekeeper resume mobaro');
  });

  it('keeps focus and selection while everything around them changes', async () => {
    feed.change({ alarms: [unauthorized] });
    const { page } = await open();
    const button = page.getByRole('button', { name: /resume mobaro$/ });
    await button.focus();
    feed.change({ alarms: [{ ...quietAlarm, state: 'ALARM' }, unauthorized], events: [event(4)] });
    await expect.poll(() => page.getByRole('article').count()).toBe(2);
    expect(await button.and(page.locator(':focus')).count()).toBe(1);
  });

  it('shows text from outside as text', async () => {
    const nasty = '<img src=x onerror="document.title=1"><b>bold</b>';
    feed.change({
      alarms: [
        {
          ...{ ...unauthorized, name: nasty, text: [{ says: nasty, code: nasty }] },
          commands: [{ line: nasty }],
        },
      ],
      streams: [streamOf(nasty, { reason: nasty, outcome: 'rejected', words: nasty, severity: 'bad' })],
      events: [event(4, { kind: 'log', stream: nasty, text: nasty })],
      limits: [{ ...madeUpState().limits[0]!, scope: nasty }],
    });
    const { page, complaints } = await open();
    await page.getByRole('article').waitFor();
    expect(await page.locator('img, td b b, li b b').count()).toBe(0);
    expect(await page.locator('#story li').first().innerText()).toContain(nasty);
    expect(complaints).toEqual([]);
  });

  it('is reached whole by the keyboard, in the order it is read in, and shows where one is', async () => {
    feed.change({ alarms: [unauthorized] });
    const { page } = await open();
    await page.getByRole('article').waitFor();
    const stops: string[] = [];
    for (let stop = 0; stop < 4; stop += 1) {
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      const name = (await focused.getAttribute('aria-label')) ?? (await focused.innerText());
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline, name).toBe('solid');
      stops.push(name.replace(/^.*: /, '').slice(0, 30));
    }
    expect(stops).toEqual([
      'Skip to the streams',
      'npx pagekeeper secret set moba',
      'npx pagekeeper resume mobaro',
      '1 on',
    ]);
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'All alarms' }).waitFor();
  });

  it('has nothing that presses anything but Copy', async () => {
    feed.change({ alarms: [unauthorized] });
    const { page } = await open();
    await page.getByRole('article').waitFor();
    expect(await page.locator('form, input, select, textarea, a[href^="http"]').count()).toBe(0);
    expect(new Set(await page.getByRole('button').allInnerTexts())).toEqual(new Set(['Copy']));
  });

  describe.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('in the %s theme, %i pixels wide', (colorScheme, width) => {
    it.each([
      ['quiet', madeUpState],
      ['in trouble', troubledState],
    ])('%s, is legible, within its width and without a fault that axe knows', async (_, stateOf) => {
      feed.change(stateOf());
      const { page, complaints } = await open({ colorScheme, viewport: { width, height: 900 } });
      await page.locator('summary').click();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(background).toBe(colorScheme === 'dark' ? 'rgb(18, 21, 19)' : 'rgb(245, 246, 244)');
      // By the debugger's door: the page's own policy lets no script in.
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<AxeResults>('axe.run()');
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  it('moves nothing for those who want less motion', async () => {
    const moves = async (reducedMotion: 'reduce' | 'no-preference') => {
      const { page } = await open({ reducedMotion });
      return page.evaluate('document.getAnimations().length');
    };
    expect(await moves('reduce')).toBe(0);
    expect(await moves('no-preference')).toBe(1);
  });

  it('says that the connection is lost, and is up to date again once the server is back', async () => {
    const { page } = await open();
    const port = Number(new URL(server.url).port);
    await server.close();
    const status = page.locator('#connection');
    await expect.poll(() => status.innerText()).toMatch(/^connection lost at \d\d:\d\d:\d\d, trying again$/);

    feed = new MadeUpFeed(madeUpState({ streams: [streamOf('bob/people', runningStream)] }));
    server = await startPageServer(feed, port);
    await expect.poll(() => status.innerText()).toBe('live');
    expect(await page.locator('#streams tr').count()).toBe(1);
    feed.change({ streams: [streamOf('bob/people')] });
    await expect.poll(() => page.locator('#verdict').innerText()).toBe('All quiet: 1 stream complete');
  });

  it('comes back although somebody else answered at its port in between', async () => {
    const { page } = await open();
    const port = Number(new URL(server.url).port);
    await server.close();
    const other = createServer((_request, response) => response.writeHead(404).end());
    const asked = new Promise((resolve) => other.once('request', resolve));
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await asked;
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));

    server = await startPageServer(feed, port);
    await expect.poll(() => page.locator('#connection').innerText()).toBe('live');
  });

  it('loads itself anew where another version serves it', async () => {
    const { page } = await open();
    const port = Number(new URL(server.url).port);
    await page.evaluate("document.body.dataset.old = 'yes'");
    await server.close();
    server = await startPageServer(new MadeUpFeed(madeUpState({ version: '9.9.9' })), port);
    await expect.poll(() => page.evaluate('document.body.dataset.old')).toBe(undefined);
  });
});
