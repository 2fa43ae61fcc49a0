import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { guard, isServerOf, newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import { close, listen } from '../../../../infra/loopback/listen.ts';
import {
  attacksOn,
  recordValue,
  secretValue,
  send,
  signedBy,
  startGuardedServers,
  type GuardedServers,
  type ServerName,
} from '../../../support/guarded-servers.ts';

const names: readonly ServerName[] = ['DynamoDB', 'SQS and SNS', 'Secrets Manager', 'S3', 'EventBridge'];
let servers: GuardedServers;
let before: unknown;

beforeAll(async () => {
  servers = await startGuardedServers();
  before = await servers.state();
});
afterAll(() => servers.close());

/** What is in them is as it was, whatever a test has tried. */
afterEach(async () => {
  expect(await servers.state()).toEqual(before);
});

/** By what is wrong with it: headers that come with an attack. */
function headersOf(key: string): Readonly<Record<string, Record<string, string>>> {
  const authorization = signedBy(key);
  const other = newAccessKey();
  return {
    'no signature': {},
    'the key of another start': { authorization: signedBy(other) },
    'the key that all starts had before': { authorization: signedBy('local') },
    'the first half of the key': { authorization: signedBy(key.slice(0, 20)) },
    'the key and more': { authorization: signedBy(`${key}A`) },
    'the key in small letters': { authorization: signedBy(key.toLowerCase()) },
    'an empty key': { authorization: signedBy('') },
    'the key without a scope': { authorization: `AWS4-HMAC-SHA256 Credential=${key}` },
    'the key behind another one': {
      authorization: signedBy(other).replace('SignedHeaders', `Credential=${key}/x, SignedHeaders`),
    },
    'the key as a bearer token': { authorization: `Bearer ${key}` },
    'the key as a password': { authorization: `Basic ${Buffer.from(`${key}:local`).toString('base64')}` },
    'the key in another header': { 'x-amz-security-token': key },
    'another Host': { authorization, host: 'attacker.example' },
    'a Host that leads here': { authorization, host: '127.0.0.1.nip.io:80' },
    'a Host with a loopback name in front': { authorization, host: 'localhost.attacker.example' },
    'a Host that is an address of the network': { authorization, host: '192.168.1.7:4566' },
    'an Origin': { authorization, origin: 'https://attacker.example' },
    'an Origin of this machine': { authorization, origin: 'http://localhost:3000' },
    'the Origin of a sandbox': { authorization, origin: 'null' },
    'an empty Origin': { authorization, origin: '' },
    'Sec-Fetch-Site': { authorization, 'sec-fetch-site': 'same-origin' },
    'Sec-Fetch-Mode': { authorization, 'sec-fetch-mode': 'no-cors' },
    'Sec-Fetch-Dest': { authorization, 'sec-fetch-dest': 'image' },
  };
}

const forms = Object.keys(headersOf('KEY'));

describe.each(names)('%s', (name) => {
  it.each(forms)('refuses %s, in whatever it comes', async (form) => {
    for (const attack of attacksOn(name, servers.queueUrl)) {
      const headers = { ...attack.headers, ...headersOf(servers.accessKey)[form] };
      const { status, headers: answered, body } = await send(servers.origins[name], { ...attack, headers });
      expect([status, answered.connection]).toEqual([403, 'close']);
      expect(Object.keys(answered).filter((header) => header.startsWith('access-control'))).toEqual([]);
      for (const kept of [servers.accessKey, recordValue, secretValue]) expect(body).not.toContain(kept);
    }
  });

  it('answers no preflight', async () => {
    const headers = {
      origin: 'https://attacker.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-amz-target',
    };
    const { status, headers: answered } = await send(servers.origins[name], { method: 'OPTIONS', headers });
    expect(status).toBe(403);
    expect(answered).not.toHaveProperty('access-control-allow-origin');
  });

  it('refuses the key in a URL, which may be passed on', async () => {
    const signed = `/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${servers.accessKey}%2F20261129%2Fus-east-1`;
    for (const method of ['GET', 'POST', 'PUT']) {
      expect((await send(servers.origins[name], { method, path: signed })).status).toBe(403);
    }
  });

  it('refuses a request of HTTP/1.0, which names no Host', async () => {
    const socket = connect(Number(new URL(servers.origins[name]).port), '127.0.0.1');
    socket.write(`POST / HTTP/1.0\r\nAuthorization: ${signedBy(servers.accessKey)}\r\n\r\n`);
    const [answered] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(String(answered)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('refuses what wants to become a web socket', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', origin: 'https://attacker.example' };
    expect((await send(servers.origins[name], { method: 'GET', headers })).status).toBe(403);
  });

  it('refuses before the body has come', async () => {
    const socket = connect(Number(new URL(servers.origins[name]).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\n{');
    const [answered] = (await once(socket, 'data')) as [Buffer];
    expect(String(answered)).toMatch(/^HTTP\/1\.1 403 /);
    socket.on('error', () => undefined);
    await once(socket, 'close');
  });

  it('lets the key in, by each name of this machine', async () => {
    const { port } = new URL(servers.origins[name]);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, '[::1]']) {
      const headers = { authorization: signedBy(servers.accessKey), host };
      expect((await send(servers.origins[name], { method: 'GET', headers })).status).not.toBe(403);
    }
  });

  it('proves to those who know the key that it does, too, and to nobody else', async () => {
    const origin = servers.origins[name];
    expect(await isServerOf(servers.accessKey, origin)).toBe(true);
    expect(await isServerOf(newAccessKey(), origin)).toBe(false);
    const challenge = { 'x-pagekeeper-challenge': 'abc' };
    const page = { ...challenge, origin: 'https://attacker.example' };
    expect((await send(origin, { method: 'GET', headers: page })).status).toBe(403);
    const { status, body } = await send(origin, { headers: challenge });
    expect([status, body]).toEqual([200, expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });
});

describe('the key of a start', () => {
  it('is another one each time, and looks like one of AWS', () => {
    const keys = Array.from({ length: 100 }, newAccessKey);
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^LOCAL[0-9A-F]{32}$/);
  });

  it.each([
    ['says nothing', (): undefined => undefined],
    ['says what dynalite says', () => 'healthy: dynamodb.us-east-1.amazonaws.com '],
    ['gives the challenge back', (challenge: string) => challenge],
  ])('is not proved by somebody on its port who %s', async (_, answer) => {
    const seen: unknown[] = [];
    const impostor = createServer((request, response) => {
      seen.push(request.headers);
      const said = answer(String(request.headers['x-pagekeeper-challenge']));
      if (said === undefined) response.destroy();
      else response.end(said);
    });
    const origin = await listen(impostor);
    const key = newAccessKey();
    expect(await isServerOf(key, origin)).toBe(false);
    await close(impostor);
    expect(await isServerOf(key, origin)).toBe(false);
    // And has not been shown to it.
    expect(seen).toHaveLength(1);
    expect(JSON.stringify(seen)).not.toContain(key);
  });
});

describe('the guard', () => {
  it('lets no handler see what it refuses', async () => {
    let seen = 0;
    const server = createServer((_, response) => {
      seen += 1;
      response.end('in');
    });
    server.on('request', () => (seen += 1));
    const key = newAccessKey();
    guard(server, key);
    const origin = await listen(server);
    const refused = await send(origin, {});
    const countOfRefused = seen;
    const let1 = await send(origin, { headers: { authorization: signedBy(key) } });
    await close(server);
    expect([refused.status, countOfRefused, let1.body, seen]).toEqual([403, 0, 'in', 2]);
  });

  it('stands in front of everything in infra/emulator/embedded that listens', () => {
    const folder = path.join(import.meta.dirname, '../../../../infra/emulator/embedded');
    const files = readdirSync(folder, { encoding: 'utf8', recursive: true }).sort();
    const listening = files.filter(
      (file) =>
        file.endsWith('.ts') &&
        file !== 'listen.ts' &&
        /\blisten\(/.test(readFileSync(path.join(folder, file), 'utf8')),
    );
    expect(listening).toEqual([
      'aws-json.ts',
      ...['dynamodb', 'queues', 's3'].map((name) => `embedded-${name}.ts`),
    ]);
    for (const file of listening) {
      expect(readFileSync(path.join(folder, file), 'utf8'), file).toMatch(/\n {2}guard\(.*accessKey\);\n/);
    }
  });
});
