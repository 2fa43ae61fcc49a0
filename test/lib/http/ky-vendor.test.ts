import { once } from 'node:events';
import dns from 'node:dns';
import { createServer, type AddressInfo, type LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { KyVendor } from '../../../lib/http/ky-vendor.ts';
import { redirectOf } from '../../../lib/http/redirect.ts';
import type { VendorRequest } from '../../../lib/sync/ports.ts';
import { describeVendor } from '../../support/contracts/vendor.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { startHttpServer, type TestHttpServer } from '../../support/http-server.ts';

const key = 'made-up-key-1234567890';
const clock = new FakeClock();
const { signal } = new AbortController();

let server: TestHttpServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.stop());

const vendor = (timeoutMs = 30_000): KyVendor => new KyVendor({ timeoutMs, clock });
const get = (url: string): VendorRequest => ({
  method: 'GET',
  url,
  headers: { 'X-Api-Key': key },
  body: null,
});
const post = (url: string): VendorRequest => ({
  method: 'POST',
  url,
  headers: { Authorization: `Basic ${key}`, 'Content-Type': 'application/json' },
  body: '{"showInactive":true}',
});

describeVendor('KyVendor', () => ({
  vendor: vendor(),
  baseUrl: server.origin,
  answer: (answer) =>
    server.handle((_request, response) => {
      if (answer !== null) response.writeHead(answer.status, answer.headers).end(answer.body);
    }),
  requests: () => server.requests.length,
}));

describe('what KyVendor sends', () => {
  beforeEach(() => server.handle((_request, response) => response.end('{}')));

  it('is the request as it was given, with who asks and what is understood', async () => {
    await vendor().call(get(`${server.origin}/users?Limit=20&Offset=0`), signal);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'GET', url: '/users?Limit=20&Offset=0', body: '' });
    expect(request?.headers).toMatchObject({
      'x-api-key': key,
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^pagekeeper\/\d+\.\d+\.\d+/),
    });
  });

  it('has no Content-Type on a GET, even if it was given one', async () => {
    const request = get(`${server.origin}/users`);
    await vendor().call(request, signal);
    await vendor().call({ ...request, headers: { 'Content-Type': 'application/json' } }, signal);
    expect(server.requests).toHaveLength(2);
    for (const { headers } of server.requests) expect(headers).not.toHaveProperty('content-type');
  });

  it('has the body of a POST as it was given, called JSON', async () => {
    await vendor().call(post(`${server.origin}/people/search`), signal);
    await vendor().call({ ...post(`${server.origin}/people/search`), headers: {} }, signal);
    for (const request of server.requests) {
      expect(request).toMatchObject({ method: 'POST', body: '{"showInactive":true}' });
      expect(request.headers['content-type']).toBe('application/json');
    }
  });

  it('goes over a connection of its own, which no freeze of the function can break', async () => {
    await vendor().call(get(server.origin), signal);
    await vendor().call(get(server.origin), signal);
    expect(server.connections).toBe(2);
  });
});

describe('what KyVendor answers', () => {
  it('has the time of arrival and the text as it was sent', async () => {
    const text = '{"id":9007199254740993,"name":"ünïcode 🎢"}';
    server.handle((_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Retry-After': '3' }).end(gzipSync(text));
    });
    expect(await vendor().call(get(server.origin), signal)).toMatchObject({
      kind: 'answered',
      body: text,
      headers: { 'retry-after': '3' },
      receivedAt: clock.now(),
    });
  });
});

describe('a redirect', () => {
  const redirect = (status: number, location: string | undefined) =>
    server.handle(({ url }, response) => {
      if (url.startsWith('/new')) response.end('{"moved":true}');
      else response.writeHead(status, location === undefined ? {} : { location }).end('moved');
    });

  it.each([301, 302, 303, 307, 308])('of a GET by %d is followed on the same origin', async (status) => {
    redirect(status, '/new/users?Limit=20');
    expect(await vendor().call(get(`${server.origin}/users`), signal)).toMatchObject({
      kind: 'answered',
      status: 200,
      body: '{"moved":true}',
    });
    expect(server.requests.map(({ url }) => url)).toEqual(['/users', '/new/users?Limit=20']);
    expect(server.requests[1]?.headers['x-api-key']).toBe(key);
  });

  it.each(['/new?page=2', '/new?page=2&api_key=another'])(
    'to %s keeps the key in the query, once',
    async (location) => {
      redirect(302, location);
      const request = { ...get(`${server.origin}/users?page=2`), secretQuery: { api_key: 'a b&c' } };
      await vendor().call(request, signal);
      expect(server.requests.map(({ url }) => new URL(url, server.origin).searchParams.toString())).toEqual([
        'page=2&api_key=a+b%26c',
        'page=2&api_key=a+b%26c',
      ]);
    },
  );

  it('to another origin takes no key out of the query with it, and no reason holds it', async () => {
    const other = await startHttpServer((_request, response) => response.end('{}'));
    redirect(302, `${other.origin}/users`);
    const request = { ...get(`${server.origin}/users`), secretQuery: { api_key: key } };
    expect(JSON.stringify(await vendor().call(request, signal))).not.toContain(key);
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  it.each([307, 308])('of a POST by %d is followed with its body', async (status) => {
    redirect(status, `${server.origin}/new`);
    expect(await vendor().call(post(`${server.origin}/people`), signal)).toMatchObject({ kind: 'answered' });
    expect(server.requests[1]).toMatchObject({ method: 'POST', body: '{"showInactive":true}' });
  });

  it.each([301, 302, 303])('of a POST by %d is not followed: it would become a GET', async (status) => {
    redirect(status, '/new');
    expect(await vendor().call(post(`${server.origin}/people`), signal)).toMatchObject({
      kind: 'redirected',
      status,
      reason: expect.stringContaining('POST'),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('to another origin is never followed, and of its target nothing is told', async () => {
    const other = await startHttpServer((_request, response) => response.end('{}'));
    redirect(302, `${other.origin}/login?token=secret`);
    expect(await vendor().call(get(`${server.origin}/users`), signal)).toEqual({
      kind: 'redirected',
      status: 302,
      reason: 'redirected to another origin of the same host',
    });
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  it.each<[string | undefined, string]>([
    ['https://someone:secret@secret.vendor.test/secret#secret', 'another host'],
    ['https://secret.jane-doe.example/', 'another host'],
    ['//secret.example/', 'another host'],
    ['https://secret.127.0.0.1.example:8443', 'another host'],
    ['https://[::5ec:2e7]/secret', 'another host'],
    ['https://127.0.0.1/secret', 'another origin of the same host'],
    ['//secret:secret@127.0.0.1:1/', 'another origin of the same host'],
    ['mailto:secret@vendor.test', 'what is not HTTP'],
    ['secret+jane.doe:1', 'what is not HTTP'],
    ['secret://127.0.0.1/', 'what is not HTTP'],
    ['http://[secret', 'what is not a URL'],
    [undefined, 'without saying where to'],
  ])('to %s is told without its secrets', async (location, told) => {
    redirect(307, location);
    const answer = await vendor().call(get(`${server.origin}/users`), signal);
    const reason = told.startsWith('without') ? `redirected ${told}` : `redirected to ${told}`;
    expect(answer).toEqual({ kind: 'redirected', status: 307, reason });
  });

  it.each(['secret:secret@', 'secret@', ':secret@'])(
    'on the same origin with credentials in it is refused: %s',
    async (credentials) => {
      redirect(302, `${server.origin.replace('//', `//${credentials}`)}/new`);
      expect(await vendor().call(get(`${server.origin}/users`), signal)).toEqual({
        kind: 'redirected',
        status: 302,
        reason: 'redirected to a URL with credentials in it',
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  it.each([
    ['http://vendor.test/users', 'the same host over plain HTTP'],
    ['http://secret.test/users', 'another host over plain HTTP'],
    ['https://vendor.test:8443/users', 'another origin of the same host'],
    ['https://vendor.test.secret.test/', 'another host'],
  ])('of https to %s is refused', (location, told) => {
    const response = { status: 308, headers: new Headers({ location }) };
    expect(redirectOf(response, new URL('https://vendor.test/users'), 'GET')).toEqual({
      kind: 'refused',
      reason: `redirected to ${told}`,
    });
  });

  it('that never ends is given up after three', async () => {
    redirect(302, '/again');
    expect(await vendor().call(get(`${server.origin}/users`), signal)).toEqual({
      kind: 'redirected',
      status: 302,
      reason: 'redirected more than 3 times',
    });
    expect(server.requests).toHaveLength(4);
  });
});

describe('no answer', () => {
  const timedOut = (reason: string) => ({ kind: 'unanswered', failure: 'time-out', reason });
  const broken = (reason: unknown) => ({ kind: 'unanswered', failure: 'network', reason });

  it('within the time-out is a time-out', async () => {
    server.handle(() => undefined);
    expect(await vendor(200).call(get(server.origin), signal)).toEqual(
      timedOut('no complete answer within 0.2 s'),
    );
  });

  it('that is complete within the time-out is one, too, however much has come', async () => {
    let closed = false;
    server.handle((_request, response) => {
      response.writeHead(200).write('{"items":[');
      const drip = setInterval(() => response.write('1,'), 20);
      response.on('close', () => {
        clearInterval(drip);
        closed = true;
      });
    });
    const begun = performance.now();
    expect(await vendor(300).call(get(server.origin), signal)).toEqual(
      timedOut('no complete answer within 0.3 s'),
    );
    expect(performance.now() - begun).toBeLessThan(20_000);
    // It also hangs up: nothing goes on in the background of the next invocation.
    await expect.poll(() => closed).toBe(true);
  });

  it('within the time-out after redirects is a time-out: they share it', async () => {
    server.handle((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 150);
    });
    expect(await vendor(250).call(get(server.origin), signal)).toMatchObject({ failure: 'time-out' });
  });

  it('is waited for no longer once the caller gives up in the middle of a body', async () => {
    const controller = new AbortController();
    server.handle((_request, response) => {
      response.writeHead(200).write('{"items":[');
      setTimeout(() => controller.abort(), 50);
    });
    const begun = performance.now();
    expect(await vendor().call(get(server.origin), controller.signal)).toEqual(
      timedOut('stopped before the function runs out of time'),
    );
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it('from a port where nobody listens names the refusal', async () => {
    const origin = server.origin;
    await server.stop();
    expect(await vendor().call(get(`${origin}/users?secret=1`), signal)).toEqual(
      broken('the connection was refused (ECONNREFUSED)'),
    );
    server = await startHttpServer();
  });

  it('from a host that is not found names that', async () => {
    // Asking a real resolver would make the test as slow as the network it runs in.
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((_host, _options, callback) => {
      const error = new Error('getaddrinfo ENOTFOUND secret.test');
      setImmediate(callback as (error: Error) => void, Object.assign(error, { code: 'ENOTFOUND' }));
    }) as LookupFunction as typeof dns.lookup);
    expect(await vendor().call(get('http://secret.test/users'), signal)).toEqual(
      broken('the host was not found (ENOTFOUND)'),
    );
    expect(lookup).toHaveBeenCalledOnce();
    lookup.mockRestore();
  });

  it.each<[string, Record<string, string> | null]>([
    ['before the headers', null],
    ['in the middle of a body of known length', { 'content-length': '1000' }],
    ['in the middle of a chunked body', {}],
  ])('but one that is cut off %s is a network failure', async (_where, headers) => {
    server.handle((_request, response) => {
      if (headers !== null) response.writeHead(200, headers).write('{"items":[{"secret":1}');
      setTimeout(() => response.destroy(), 50);
    });
    expect(await vendor().call(get(server.origin), signal)).toEqual(
      broken(expect.stringMatching(/\(ECONNRESET\)$/)),
    );
  });

  it('that is not HTTP is a network failure', async () => {
    const talker = createServer((socket) => socket.resume().end('SSH-2.0-OpenSSH_9.6\r\n'));
    talker.listen(0, '127.0.0.1');
    await once(talker, 'listening');
    const { port } = talker.address() as AddressInfo;
    expect(await vendor().call(get(`http://127.0.0.1:${port}`), signal)).toEqual(
      broken(expect.stringMatching(/\(HPE_.*\)$/)),
    );
    await new Promise((resolve) => talker.close(resolve));
  });

  it('from a host that does not speak TLS names what OpenSSL says', async () => {
    const url = server.origin.replace('http:', 'https:');
    expect(await vendor().call(get(url), signal)).toEqual(
      broken(expect.stringMatching(/\((ERR_SSL_.*|EPROTO)\)$/)),
    );
  });

  it.each(['two\nlines', 'typographic “quotes”'])(
    'is asked for with a key that HTTP cannot carry, and the key is not told: %j',
    async (value) => {
      const request = { ...get(server.origin), headers: { 'X-Api-Key': value } };
      const answer = await vendor().call(request, signal);
      expect(answer).toEqual(broken(expect.stringContaining('the header X-Api-Key')));
      expect(JSON.stringify(answer)).not.toMatch(/lines|quotes/);
      expect(server.requests).toEqual([]);
    },
  );
});
