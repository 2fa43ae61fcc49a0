import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { KyVendor } from '../../../lib/http/ky-vendor.ts';
import type { VendorAnswer } from '../../../lib/sync/ports.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { startHttpServer, type Handler, type TestHttpServer } from '../../support/http-server.ts';

const cap = 100_000;
const maxError = 64 * 1024;
const { signal } = new AbortController();

let server: TestHttpServer;
let closed: boolean;
beforeEach(async () => {
  server = await startHttpServer();
  closed = false;
});
afterEach(() => server.stop());

function ask(handler: Handler, timeoutMs = 30_000): Promise<VendorAnswer> {
  server.handle((request, response) => {
    response.on('close', () => (closed = true));
    handler(request, response);
  });
  const vendor = new KyVendor({ timeoutMs, maxPageBytes: cap, clock: new FakeClock() });
  return vendor.call({ method: 'GET', url: server.origin, headers: {}, body: null }, signal);
}

const bytes = (count: number): Buffer => Buffer.alloc(count, 'a');
const tooLong = (size: unknown) => ({
  ...{ kind: 'answered', status: 200, body: '' },
  unreadable: { kind: 'too long', bytes: size, cap },
});

describe('a good answer', () => {
  it.each([
    ['of known length', {}, (body: Buffer) => body],
    ['in chunks', { 'transfer-encoding': 'chunked' }, (body: Buffer) => body],
    ['that is compressed', { 'content-encoding': 'gzip' }, (body: Buffer) => gzipSync(body)],
  ])('is read up to the cap, to the byte, and not beyond: %s', async (_, headers, packed) => {
    const give =
      (count: number): Handler =>
      (_request, response) =>
        response.writeHead(200, headers).end(packed(bytes(count)));
    const answer = await ask(give(cap));
    expect(answer).toMatchObject({ kind: 'answered', body: bytes(cap).toString() });
    expect(answer).not.toHaveProperty('unreadable');
    expect(await ask(give(cap + 1))).toMatchObject(tooLong(cap + 1));
  });

  it('counts bytes and not letters', async () => {
    const text = 'é'.repeat(cap / 2);
    expect(await ask((_request, response) => response.end(text))).toMatchObject({ body: text });
    expect(await ask((_request, response) => response.end(`${text}!`))).toMatchObject(tooLong(cap + 1));
  });

  it('is not even begun where it says itself that it is longer', async () => {
    const answer = await ask((_request, response) => {
      response.writeHead(200, { 'content-length': 50_000_000 }).write('[');
    });
    expect(answer).toMatchObject(tooLong(50_000_000));
    await expect.poll(() => closed).toBe(true);
  });

  it('is cancelled as it comes, however small it was before it was unpacked', async () => {
    let sent = 0;
    const answer = await ask((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const endless = Readable.from(
        (function* () {
          for (;;) yield bytes(100_000);
        })(),
      );
      const gzip = createGzip();
      gzip.on('data', (chunk: Buffer) => (sent += chunk.length));
      endless.pipe(gzip).pipe(response);
      response.on('close', () => endless.destroy());
    });
    expect(answer).toMatchObject(tooLong(expect.any(Number)));
    const { unreadable } = answer as Extract<VendorAnswer, { kind: 'answered' }>;
    expect(unreadable?.kind === 'too long' && unreadable.bytes).toBeLessThan(cap + 70_000);
    await expect.poll(() => closed).toBe(true);
    expect(sent).toBeLessThan(5_000_000);
  });
});

describe('an error', () => {
  it.each([401, 429, 503])('is known by its status and the first 64 KB of its body: %i', async (status) => {
    const answer = await ask((_request, response) => {
      response.writeHead(status, { 'retry-after': '30' });
      Readable.from(
        (function* () {
          for (;;) yield bytes(50_000);
        })(),
      ).pipe(response);
    });
    expect(answer).toMatchObject({ kind: 'answered', status, headers: { 'retry-after': '30' } });
    expect(answer).toMatchObject({ body: bytes(maxError).toString() });
    await expect.poll(() => closed).toBe(true);
  });

  it('is known by its status where its body does not come to an end in time', async () => {
    const answer = await ask((_request, response) => {
      response.writeHead(401).write('{"error":"no"');
    }, 200);
    expect(answer).toMatchObject({ kind: 'answered', status: 401, body: '{"error":"no"' });
    await expect.poll(() => closed).toBe(true);
  });
});
