import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../support/call-while-collecting.ts', import.meta.url));

let proxy: Server;
let origin: string;
const seen: string[] = [];

beforeAll(async () => {
  proxy = createServer(({ url = '' }, response) => {
    seen.push(`plain ${url}`);
    if (!url.includes('slow')) response.end('{"by":"proxy"}');
  });
  proxy.on('connect', ({ url }, socket) => {
    seen.push(`tunnel ${String(url)}`);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  origin = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
});
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
});
beforeEach(() => {
  seen.length = 0;
});

async function called(
  url: string,
  more: Readonly<Record<string, string>>,
  timeoutMs = 30_000,
): Promise<unknown> {
  const env = { PATH: process.env.PATH, HTTP_PROXY: origin, HTTPS_PROXY: origin, ...more };
  const args = ['--expose-gc', script, url, String(timeoutMs), '60000'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as unknown;
}

describe('the proxy of the environment', () => {
  const told = { NODE_USE_ENV_PROXY: '1' };

  it('is asked where Node is told to use it', async () => {
    const answer = await called('http://vendor.invalid/users', told);
    expect(answer).toMatchObject({ kind: 'answered', body: '{"by":"proxy"}' });
    expect(seen).toEqual(['plain http://vendor.invalid/users']);
  });

  it('is asked for a tunnel to a host of https', async () => {
    expect(await called('https://vendor.invalid/users', told)).toMatchObject({ kind: 'unanswered' });
    expect(seen).toEqual(['tunnel vendor.invalid:443']);
  });

  it('is waited for until the deadline, too', async () => {
    expect(await called('http://vendor.invalid/slow', told, 500)).toMatchObject({ failure: 'time-out' });
  });

  it.each([
    ['Node is not told to', 'http://vendor.invalid/', {}],
    ['the host is one of NO_PROXY', 'http://vendor.invalid/', { ...told, NO_PROXY: 'vendor.invalid' }],
  ])('is left alone where %s', async (_, url, env) => {
    expect(await called(url, env)).toMatchObject({ kind: 'unanswered' });
    expect(seen).toEqual([]);
  });
});
