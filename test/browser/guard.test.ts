import { createServer, type Server } from 'node:http';

import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { close, listen } from '../../infra/loopback/listen.ts';
import { embeddedCredentials } from '../support/embedded-credentials.ts';
import { startEmbeddedQueues } from '../support/embedded-queues.ts';
import {
  attacksOn,
  recordValue,
  secretValue,
  startGuardedServers,
  type GuardedServers,
  type Sent,
  type ServerName,
} from '../support/guarded-servers.ts';
import { chromiumPath, hasChromium } from './chromium.ts';

/** A web page of somebody else, which leads here by names of its own. */
const site = 'attacker.example';

/**
 * Everything by which a page can send what it likes without being asked whether it may, and what it can read: returns all that
 * it could read.
 */
const attackInPage = `async ({ origin, body, type, path, method }) => {
  const url = origin + path;
  const read = [];
  const note = (promise) => promise.then((text) => read.push(text), () => undefined);
  const simple = ['text/plain', 'application/x-www-form-urlencoded'];
  // With a preflight, and without one.
  for (const mode of ['cors', 'no-cors']) {
    for (const kind of [type, ...simple]) {
      const headers = kind === undefined ? {} : { 'content-type': kind };
      const sent = method === 'GET' ? { mode } : { mode, method: mode === 'cors' ? method : 'POST', headers, body };
      await note(fetch(url, { ...sent, keepalive: true }).then((answer) => answer.text()));
    }
  }
  const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=local/20261129/us-east-1/sqs/aws4_request' };
  await note(fetch(url, { method: 'POST', headers: signed, body }).then((answer) => answer.text()));
  const data = new FormData();
  for (const [name, value] of new URLSearchParams(body)) data.append(name, value);
  await note(fetch(url, { mode: 'no-cors', method: 'POST', body: data }).then((answer) => answer.text()));
  navigator.sendBeacon(url, new Blob([body], { type: 'application/x-www-form-urlencoded' }));

  const loaded = (element) => new Promise((resolve) => {
    element.onload = element.onerror = resolve;
    setTimeout(resolve, 1000);
    document.body.append(element);
  });
  for (const enctype of [...simple, 'multipart/form-data']) {
    const frame = document.createElement('iframe');
    frame.name = 'frame-' + Math.random();
    await loaded(frame);
    const form = Object.assign(document.createElement('form'), { action: url, method: 'POST', enctype, target: frame.name });
    for (const [name, value] of new URLSearchParams(body)) {
      form.append(Object.assign(document.createElement('input'), { name, value }));
    }
    const answered = loaded(frame);
    document.body.append(form);
    form.submit();
    await answered;
    try { read.push(frame.contentDocument.body.innerText); } catch {}
  }
  for (const element of [
    Object.assign(document.createElement('img'), { src: url }),
    Object.assign(document.createElement('script'), { src: url }),
    Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url }),
  ]) await loaded(element);
  await new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.onloadend = () => { read.push(request.responseText); resolve(); };
    request.send(body);
  });
  await new Promise((resolve) => {
    const events = new EventSource(url);
    events.onmessage = ({ data }) => read.push(data);
    events.onerror = () => { events.close(); resolve(); };
  });
  await new Promise((resolve) => {
    const socket = new WebSocket(url.replace('http', 'ws'));
    socket.onopen = () => read.push('a web socket is open');
    socket.onerror = socket.onclose = resolve;
  });
  return read.filter((text) => text !== '');
}`;

const names: readonly ServerName[] = ['DynamoDB', 'SQS and SNS', 'Secrets Manager', 'S3', 'EventBridge'];

describe.skipIf(!hasChromium())('a page of another origin in Chromium', () => {
  let browser: Browser;
  let attacker: Server;
  let port: string;
  let servers: GuardedServers;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: [
        `--host-resolver-rules=MAP ${site} 127.0.0.1`,
        // As browsers were before they asked whether a page may talk to this machine.
        '--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessRespectPreflightResults,BlockInsecurePrivateNetworkRequests',
      ],
    });
    attacker = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><body>Nice pictures</body>');
    });
    port = new URL(await listen(attacker)).port;
    servers = await startGuardedServers();
  });
  afterAll(async () => {
    await browser.close();
    await servers.close();
    await close(attacker);
  });

  function attack(page: Page, origin: string, { method, headers, path, body }: Sent) {
    const asked = {
      ...{ origin, method: method ?? 'POST', path: path ?? '/', body: body ?? '' },
      type: headers?.['content-type'],
    };
    return page.evaluate<readonly string[]>(`(${attackInPage})(${JSON.stringify(asked)})`);
  }

  async function onPage<T>(host: string, use: (page: Page) => Promise<T>): Promise<T> {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(`http://${host}:${port}/`);
      return await use(page);
    } finally {
      await context.close();
    }
  }

  it('would reach what nothing stands in front of', async () => {
    const open = await startEmbeddedQueues();
    const sns = new SNSClient({ ...embeddedCredentials, endpoint: open.endpoint });
    try {
      const made = attacksOn('SQS and SNS', '').find(({ body }) => body?.includes('CreateTopic'));
      await onPage(site, (page) => attack(page, open.endpoint, made ?? {}));
      const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
      expect(Topics.map(({ TopicArn }) => TopicArn)).toEqual([expect.stringMatching(/:evil$/)]);
    } finally {
      sns.destroy();
      await open.stop();
    }
  });

  describe.each(names)('gets nothing from %s, and tells it nothing', (name) => {
    it.each([
      ['a site of the network', site],
      ['another port of this machine', '127.0.0.1'],
    ])('as %s', async (_, host) => {
      const before = await servers.state();
      const origin = servers.origins[name];
      await onPage(host, async (page) => {
        for (const one of attacksOn(name, servers.queueUrl)) {
          // It may learn that something listens there, and no more.
          expect(await attack(page, origin, one)).toEqual([]);
        }
      });
      expect(await servers.state()).toEqual(before);
    });

    it('by a name that leads here, where a browser takes it for the page itself', async () => {
      const before = await servers.state();
      const rebound = servers.origins[name].replace('127.0.0.1', site);
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.route(`${rebound}/page`, (route) =>
        route.fulfill({ contentType: 'text/html', body: '<!doctype html><body></body>' }),
      );
      await page.goto(`${rebound}/page`);
      for (const one of attacksOn(name, servers.queueUrl)) {
        const read = (await attack(page, rebound, one)).join('\n');
        // Its own origin, as the browser sees it: it reads what it is answered, and that is the refusal.
        expect(read).toContain('UnrecognizedClientException');
        for (const kept of [servers.accessKey, recordValue, secretValue, 'pages', 'healthy']) {
          expect(read).not.toContain(kept);
        }
      }
      await context.close();
      expect(await servers.state()).toEqual(before);
    });
  });
});
