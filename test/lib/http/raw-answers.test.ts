import { Readable } from 'node:stream';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { describe, expect, it, vi } from 'vitest';

import { KyVendor } from '../../../lib/http/ky-vendor.ts';
import type { VendorAnswer } from '../../../lib/sync/ports.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { chunk, head, startRawServer, type Bytes } from '../../support/raw-server.ts';

const text = `{"items":[{"id":"a","note":"${'made up '.repeat(60)}"}]}`;
const length = { 'content-length': text.length };
const whole = [head('200 OK', length), text];
const chunked = head('200 OK', { 'transfer-encoding': 'chunked' });
const gzip = gzipSync(text);

async function answerTo(parts: readonly Bytes[], how: 'end' | 'reset' = 'end'): Promise<VendorAnswer> {
  const server = await startRawServer(parts, how);
  const request = { method: 'POST', url: `${server.origin}/a`, headers: {}, body: '{}' } as const;
  const vendor = new KyVendor({ timeoutMs: 30_000, clock: new FakeClock() });
  const answer = await vendor.call(request, new AbortController().signal);
  await server.stop();
  return answer;
}

function compressed(encoding: string, bytes: Uint8Array, status = '200 OK'): Bytes[] {
  return [head(status, { 'content-encoding': encoding, 'content-length': bytes.length }), bytes];
}

function fiveTimes(bytes: Uint8Array): Uint8Array {
  return [1, 2, 3, 4, 5].reduce<Uint8Array>((inner) => brotliCompressSync(inner), bytes);
}

/** The same with one bit of it another one. */
function damaged(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

describe('an answer with others before it', () => {
  it.each([
    ['100 Continue', [head('100 Continue')]],
    ['102 Processing, twice', [head('102 Processing'), head('102 Processing')]],
    ['103 Early Hints, with headers', [head('103 Early Hints', { link: '</a>; rel=preload' })]],
    ['all of them', [head('100 Continue'), head('102 Processing'), head('103 Early Hints')]],
    ['one that nobody has heard of', [head('142 Thinking')]],
  ])('is the last of them: %s', async (_, before) => {
    expect(await answerTo([...before, ...whole])).toMatchObject({
      kind: 'answered',
      status: 200,
      body: text,
    });
  });

  it.each([
    ['100 alone', [head('100 Continue')]],
    ['102 alone', [head('102 Processing')]],
    [
      '101, to which nobody has asked to switch',
      [head('101 Switching Protocols', { upgrade: 'x' }), 'hello'],
    ],
  ])('is none where nothing else comes: %s', async (_, parts) => {
    expect(await answerTo(parts)).toMatchObject({
      ...{ kind: 'unanswered', failure: 'network' },
      reason: expect.stringMatching(/^the (connection was reset|answer has no final status of HTTP) \(/),
    });
  });
});

describe('an answer that is cut off', () => {
  it.each<[string, Bytes[]]>([
    ['within a chunk', [chunked, '400\r\n', text.slice(0, 100)]],
    ['between two chunks', [chunked, chunk(text.slice(0, 100))]],
    ['after all of the JSON, before the last chunk', [chunked, chunk(text)]],
    ['within the end of the last chunk', [chunked, chunk(text), '0\r\n']],
    ['before its length', [head('200 OK', { 'content-length': text.length + 1 }), text]],
    ['within its gzip', [head('200 OK', { 'content-encoding': 'gzip', 'content-length': 999 }), gzip]],
    [
      'within its gzip, in chunks',
      [head('200 OK', { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }), chunk(gzip)],
    ],
  ])('is said to be, and is no page: %s', async (_, parts) => {
    const cutOff = { kind: 'unanswered', failure: 'network', reason: 'the answer was cut off (ECONNRESET)' };
    expect(await answerTo(parts)).toEqual(cutOff);
    expect(await answerTo(parts, 'reset')).toEqual(cutOff);
  });

  it.each<[string, Bytes[]]>([
    ['a chunk without a size', [chunked, 'zz\r\n', text]],
    ['a chunk that is longer than it says', [chunked, '10\r\n', text]],
    ['two lengths', [head('200 OK', { 'Content-Length': 10, 'content-length': text.length }), text]],
    ['a length that is none', [head('200 OK', { 'content-length': '-1' }), text]],
    ['a header with a blank in its name', [head('200 OK', { 'x y': 'z', ...length }), text]],
    ['no status', ['<html>']],
  ])('is told from one that is no HTTP: %s', async (_, parts) => {
    expect(await answerTo(parts)).toMatchObject({
      ...{ kind: 'unanswered', failure: 'network' },
      reason: expect.stringMatching(/^the answer is not HTTP \(HPE_[A-Z_]+\)$/),
    });
  });

  it('is whole where only its end tells its length', async () => {
    expect(await answerTo([head('200 OK'), text])).toMatchObject({ kind: 'answered', body: text });
  });

  it.each([99, 600, 999])('is no answer with the status %i, which HTTP has not', async (status) => {
    expect(await answerTo([head(`${String(status).padStart(3, '0')} X`, length), text])).toMatchObject({
      reason: 'the answer has no final status of HTTP (UNKNOWN_STATUS)',
    });
  });
});

describe('an answer that is compressed', () => {
  it.each<[string, Bytes[]]>([
    ['gzip', compressed('gzip', gzip)],
    ['X-GZIP', compressed('X-GZIP', gzip)],
    ['deflate', compressed('deflate', deflateSync(text))],
    ['br', compressed('br', brotliCompressSync(text))],
    ['zstd', compressed('zstd', zstdCompressSync(text))],
    ['gzip in br', compressed('gzip, br', brotliCompressSync(gzip))],
    ['identity', compressed('identity', Buffer.from(text))],
    ['deflate without the header of zlib', compressed('deflate', deflateRawSync(text))],
    ['the same, not compressed at all', compressed('deflate', deflateRawSync(text, { level: 0 }))],
    ['the same, in fixed codes', compressed('deflate', deflateRawSync(text, { strategy: 4 }))],
    ['deflate with a small window', compressed('deflate', deflateSync(text, { windowBits: 9 }))],
    ['raw deflate in br', compressed('deflate, br', brotliCompressSync(deflateRawSync(text)))],
    ['five of them', compressed('br,br,br,br,br', fiveTimes(Buffer.from(text)))],
    ['some of nothing between', compressed(`identity, , gzip,${'identity,'.repeat(9)}`, gzip)],
  ])('is unpacked: %s', async (_, parts) => {
    const answer = await answerTo(parts);
    expect(answer).toMatchObject({ kind: 'answered', body: text });
    expect(answer).not.toHaveProperty('unreadable');
  });

  const isDamaged = { kind: 'undecodable', reason: 'an answer whose compression is damaged' };
  it.each<[string, Bytes[]]>([
    ['a bit of gzip', compressed('gzip', damaged(gzip, 30))],
    ['a bit of its checksum', compressed('gzip', damaged(gzip, gzip.length - 6))],
    ['gzip that breaks off', compressed('gzip', gzip.subarray(0, -20))],
    ['gzip without the end of its checksum', compressed('gzip', gzip.subarray(0, -1))],
    ['gzip that is JSON', compressed('gzip', Buffer.from(text))],
    ['gzip that is nothing', compressed('gzip', Buffer.alloc(0))],
    ['gzip with something behind it', compressed('gzip', Buffer.concat([gzip, Buffer.from('x')]))],
    ['deflate', compressed('deflate', damaged(deflateSync(text), 30))],
    ['br', compressed('br', Buffer.from(text))],
    ['br that breaks off', compressed('br', brotliCompressSync(text).subarray(0, -5))],
    ['zstd', compressed('zstd', Buffer.from(text))],
    ['deflate that is JSON', compressed('deflate', Buffer.from(text))],
    ['deflate that is nothing', compressed('deflate', Buffer.alloc(0))],
    ['raw deflate that breaks off', compressed('deflate', deflateRawSync(text).subarray(0, -5))],
    ['gzip in one that is not known', compressed('gzip, aws-chunked', damaged(gzip, 30))],
    ['the outer of two', compressed('gzip, br', gzip)],
    ['the inner of two', compressed('gzip, br', brotliCompressSync(text))],
  ])('is said to be damaged where it is: %s', async (_, parts) => {
    expect(await answerTo(parts)).toMatchObject({
      kind: 'answered',
      status: 200,
      body: '',
      unreadable: isDamaged,
    });
  });

  it.each<[string, string, Bytes[]]>([
    ['in a way that is not known', 'in a way that is not known', compressed('compress', gzip)],
    [
      'with gzip, and does not say so',
      'with gzip, which its Content-Encoding does not say',
      [head('200 OK', { 'content-length': gzip.length }), gzip],
    ],
    [
      'with gzip twice, and says so once',
      'with gzip, which its Content-Encoding does not say',
      compressed('gzip', gzipSync(gzip)),
    ],
  ])('is no text where it is %s', async (_, told, parts) => {
    const reason = `an answer that is compressed ${told}`;
    expect(await answerTo(parts)).toMatchObject({ unreadable: { kind: 'undecodable', reason } });
  });
});

describe('an answer whose Content-Encoding is the name of something else', () => {
  it.each([
    ...['UTF-8', 'none', 'aws-chunked', 'identity', 'constructor', '__proto__', 'toString', 'hasOwnProperty'],
    ...['binary', 'none,'.repeat(1500), '8bit', 'json', 'chunked', '"gzip"', 'gzip;q=1', 'x-none, utf8'],
  ])('is what its bytes are: %s', async (encoding) => {
    const answer = await answerTo(compressed(encoding, Buffer.from(text)));
    expect(answer).toMatchObject({ kind: 'answered', body: text });
    expect(answer).not.toHaveProperty('unreadable');
  });

  it.each(['aws-chunked, gzip', 'gzip, utf-8', 'none,gzip', 'gzip,__proto__'])(
    'is unpacked where another one is known: %s',
    async (encoding) => {
      expect(await answerTo(compressed(encoding, gzip))).toMatchObject({ kind: 'answered', body: text });
    },
  );

  it.each([
    ['compress', Buffer.from([0x1f, 0x9d, 0x90, 0x7b, 0xb0, 0x58])],
    ['lzma', Buffer.from([0x5d, 0, 0, 0x80, 0, 0xff, 0xff, 0xff])],
    ['constructor', gzip],
    ['none', Buffer.from('{"name":"\xe9"}', 'latin1')],
  ])('is no text where they are none: %s', async (encoding, bytes) => {
    const reason = 'an answer that is compressed in a way that is not known';
    expect(await answerTo(compressed(encoding, bytes))).toMatchObject({
      unreadable: { kind: 'undecodable', reason },
    });
  });

  it.each(['br', 'gzip', 'X-GZIP', 'zstd', 'deflate', 'br,gzip'])(
    'is no text where they are more than five that are known: %s',
    async (name) => {
      const reason = 'an answer that is compressed more than 5 times';
      for (const encoding of [Array(6).fill(name).join(), Array(1000).fill(name).join(', ')]) {
        expect(await answerTo(compressed(encoding, Buffer.from(text)))).toMatchObject({
          unreadable: { kind: 'undecodable', reason },
        });
      }
    },
  );

  it('is an error as ever, with its status', async () => {
    const answer = await answerTo(compressed('constructor', Buffer.from('{"error":"no"}'), '401 No'));
    expect(answer).toMatchObject({ kind: 'answered', status: 401, body: '{"error":"no"}' });
  });
});

describe('what is thrown as an answer comes', () => {
  it('is no answer, and ends nothing else', async () => {
    const thrown = vi.spyOn(Readable, 'toWeb').mockImplementation(() => {
      throw new RangeError('secret');
    });
    expect(await answerTo(whole)).toEqual({ kind: 'unanswered', failure: 'network', reason: 'RangeError' });
    thrown.mockRestore();
  });
});

describe('an error whose body is no good', () => {
  const wait = { 'retry-after': 30 };
  it.each<[number, string, Bytes[]]>([
    [401, '{"error":"no', [head('401 No', { ...wait, 'content-length': 99 }), '{"error":"no']],
    [
      429,
      '{"error":"la',
      [head('429 No', { ...wait, 'transfer-encoding': 'chunked' }), chunk('{"error":"la')],
    ],
    [503, '', compressed('gzip', damaged(gzip, 12), '503 No\r\nretry-after: 30')],
    [404, '', compressed(Array(6).fill('br').join(), gzip, '404 No\r\nretry-after: 30')],
    [
      400,
      '{"error":"\ufffd"}',
      [head('400 No', { ...wait, 'content-length': 13 }), Buffer.from('{"error":"\xe9"}', 'latin1')],
    ],
    [403, '{}', [head('403 No', { ...wait, 'content-type': 'a/b; charset=x', 'content-length': 2 }), '{}']],
  ])('keeps its status and its headers: %i', async (status, body, parts) => {
    const answer = await answerTo(parts);
    expect(answer).toMatchObject({ kind: 'answered', status, headers: { 'retry-after': '30' }, body });
    expect(answer).not.toHaveProperty('unreadable');
  });
});
