import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

import { chromiumPath } from './chromium.ts';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath });
}

export interface OpenedPage {
  readonly page: Page;
  /** What the browser complained of: errors and warnings of the console, exceptions, requests to elsewhere. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Opens the page in a window of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  // This ends what hangs, on a busy machine too.
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) complaints.push(`asked for ${request.url()}`);
  });
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) => {
    console.error('policy violated: ' + event.violatedDirective + ' ' + event.blockedURI);
  });`);
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}
