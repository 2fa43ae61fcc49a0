import { request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { PortTakenError, startPageServer, type PageServer } from '../../../infra/watch/page-server.ts';
import { MadeUpFeed, event, madeUpState } from '../../browser/made-up-feed.ts';

let feed: MadeUpFeed;
let server: PageServer;

beforeEach(async () => {
  feed = new MadeUpFeed(madeUpState());
  server = await startPageServer(feed, 0);
});

afterEach(() => server.close());

/** Not `fetch`: it does not let one say another Host. */
function ask(
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    request({ hostname, port, path, method, headers }, (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      }, reject);
    })
      .on('error', reject)
      .end();
  });
}

/** The first events, parsed. */
async function events(count: number, meanwhile?: () => void): Promise<{ name: string; data: unknown }[]> {
  const abort = new AbortController();
  const response = await fetch(`${server.url}events`, { signal: abort.signal });
  const seen: { name: string; data: unknown }[] = [];
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (name === undefined) continue;
      seen.push({ name, data: JSON.parse(data ?? '') });
      if (seen.length === 1) meanwhile?.();
    }
    if (seen.length >= count) break;
  }
  abort.abort();
  return seen;
}

describe('the page server', () => {
  it('listens on this machine alone', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/icon-quiet.svg', 'image/svg+xml'],
  ])('serves %s as %s, and forbids everything that is not its own', async (path, type) => {
    const { status, headers, body } = await ask(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe(type);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(body.length).toBeGreaterThan(100);
    // What is loaded at all is loaded from here.
    expect(body.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
  });

  it.each([
    '/package.json',
    '/../watch/page-server.ts',
    '/%2e%2e/watch/page-server.ts',
    '/tsconfig.json',
    '//x',
  ])('has nothing at %s', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  it.each(['example.com', 'example.com:7243', '127.0.0.1.example.com', '169.254.1.1'])(
    'does not answer to the name %j, which may be a trick to read this page from another one',
    async (host) => {
      expect((await ask('/events', { headers: { host } })).status).toBe(421);
      expect((await ask('/', { headers: { host } })).status).toBe(421);
    },
  );

  it.each(['127.0.0.1:1', 'localhost', 'LOCALHOST:9000', '[::1]:9000'])('answers to %s', async (host) => {
    expect((await ask('/', { headers: { host } })).status).toBe(200);
  });

  it.each(['cross-site', 'same-site', 'something-new'])(
    'is not read by a page that is %s, and may be linked to',
    async (site) => {
      const headers = { 'sec-fetch-site': site };
      for (const mode of ['cors', 'no-cors', 'same-origin', 'websocket']) {
        const from = { ...headers, 'sec-fetch-mode': mode };
        expect((await ask('/events', { headers: from })).status).toBe(403);
        expect((await ask('/page.js', { headers: from })).status).toBe(403);
      }
      expect((await ask('/', { headers: { ...headers, 'sec-fetch-mode': 'navigate' } })).status).toBe(200);
    },
  );

  it.each(['same-origin', 'none'])('is read by itself, and by who types its address (%s)', async (site) => {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' };
    expect((await ask('/page.js', { headers })).status).toBe(200);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    const { status, headers } = await ask('/', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('answers HEAD without a body', async () => {
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect(await ask('/events', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect(feed.listeners).toBe(0);
  });

  it('sends a snapshot first, and then what changes', async () => {
    const seen = await events(2, () => {
      feed.change({ events: [event(9)] });
    });
    expect(seen).toMatchObject([
      { name: 'snapshot', data: { version: '0.1.0', streams: [{}, {}, {}, {}] } },
      { name: 'change', data: { events: [{ id: 9 }] } },
    ]);
  });

  it('has everything in the snapshot of a later connection', async () => {
    await events(1);
    feed.change({ events: [event(9)] });
    const [snapshot] = await events(1);
    expect(snapshot?.data).toMatchObject({ events: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 9 }] });
  });

  it('forgets who has gone', async () => {
    await events(1);
    await expect.poll(() => feed.listeners).toBe(0);
  });

  it('lets only so many listen', async () => {
    const abort = new AbortController();
    const open = Array.from({ length: 32 }, () => fetch(`${server.url}events`, { signal: abort.signal }));
    await Promise.all(open);
    expect((await ask('/events')).status).toBe(503);
    abort.abort();
    await expect.poll(() => feed.listeners).toBe(0);
    expect(await events(1)).toHaveLength(1);
  });

  it('says that its port is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startPageServer(feed, port)).rejects.toThrow(PortTakenError);
  });

  it('ends although somebody listens', async () => {
    const response = await fetch(`${server.url}events`);
    await server.close();
    expect(await response.text()).toContain('event: snapshot');
  });
});
