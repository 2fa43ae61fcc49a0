import { randomBytes } from 'node:crypto';
import { lstat, readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';

import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  type ListObjectsV2CommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { localS3 } from '../../../../infra/emulator/embedded/clients.ts';
import {
  startEmbeddedS3,
  storedBuckets,
  type EmbeddedS3,
} from '../../../../infra/emulator/embedded/embedded-s3.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import type { BucketModel } from '../../../../infra/emulator/template/template-model.ts';
import { send, signedBy } from '../../../support/guarded-servers.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const accessKey = newAccessKey();
const bucket = (name: string): BucketModel => ({ name, expirations: [] });

let data: Awaited<ReturnType<typeof temporaryFolder>>;
let s3: EmbeddedS3;
let client: S3Client;

beforeAll(async () => {
  data = await temporaryFolder();
  const buckets = ['objects', 'lists', 'many', 'strange', 'empty'].map(bucket);
  s3 = await startEmbeddedS3({ dataDir: data.path, buckets, accessKey });
  ({ client } = s3);
});

afterAll(async () => {
  await s3.close();
  await data[Symbol.asyncDispose]();
});

function put(Key: string, Body: PutObjectCommandInput['Body'] = Key, options: object = {}) {
  return client.send(new PutObjectCommand({ Bucket: 'objects', Key, Body, ...options }));
}

async function get(Key: string, options: object = {}, Bucket = 'objects') {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key, ...options }));
  return { ...answer, bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []) };
}

async function keys(options: Partial<ListObjectsV2CommandInput> = {}): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'objects', ...options }));
  return Contents.map(({ Key = '' }) => Key);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}

describe('an object of the embedded S3', () => {
  it('is given back as it was put, with what is known of it', async () => {
    const body = gzipSync('{"a":1}');
    const { ETag, ChecksumCRC32 } = await put('folder/part-0.json.gz', body, {
      ...{ ContentType: 'application/json', ContentEncoding: 'gzip', CacheControl: 'no-cache' },
      Metadata: { Rows: '12' },
    });
    const got = await get('folder/part-0.json.gz');
    expect(got.bytes).toEqual(body);
    expect(gunzipSync(got.bytes).toString()).toBe('{"a":1}');
    const known = {
      ...{ ContentType: 'application/json', ContentEncoding: 'gzip', CacheControl: 'no-cache' },
      ...{ Metadata: { rows: '12' }, ETag, ContentLength: body.length, ChecksumCRC32 },
    };
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(got).toMatchObject(known);
    expect(Math.abs(Date.now() - (got.LastModified?.getTime() ?? 0))).toBeLessThan(60_000);
    const head = await client.send(
      new HeadObjectCommand({ Bucket: 'objects', Key: 'folder/part-0.json.gz', ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject(known);
  });

  it('may be empty, and is replaced as a whole', async () => {
    await put('replaced', 'long before', { Metadata: { a: '1' } });
    await put('replaced', '');
    const { bytes, Metadata, ContentLength } = await get('replaced');
    expect([bytes.length, Metadata, ContentLength]).toEqual([0, {}, 0]);
  });

  it('is streamed in and out, in the chunks in which the SDK sends it', async () => {
    const whole = randomBytes(3_000_000);
    const chunks = Array.from({ length: 30 }, (_, part) => whole.subarray(part * 1e5, (part + 1) * 1e5));
    const { ETag } = await put('streamed', Readable.from(chunks), { ContentLength: whole.length });
    const got = await get('streamed');
    expect(got.bytes.equals(whole)).toBe(true);
    expect(got).toMatchObject({ ETag, ContentType: 'application/octet-stream' });
    expect(got.ContentEncoding).toBeUndefined();
  });

  it('is given in parts', async () => {
    await put('digits', '0123456789');
    for (const [Range, text, ContentRange] of [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-2', '89', 'bytes 8-9/10'],
      ['bytes=8-100', '89', 'bytes 8-9/10'],
    ] as const) {
      const { bytes, ...answer } = await get('digits', { Range });
      expect([bytes.toString(), answer.ContentRange]).toEqual([text, ContentRange]);
      expect(answer.$metadata.httpStatusCode).toBe(206);
    }
    await expect(get('digits', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('is not there before, and not after it was deleted', async () => {
    await expect(get('gone')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(
      client.send(new HeadObjectCommand({ Bucket: 'objects', Key: 'gone' })),
    ).rejects.toMatchObject({ name: 'NotFound' });
    await put('gone/for/good');
    await client.send(new DeleteObjectCommand({ Bucket: 'objects', Key: 'gone/for/good' }));
    await client.send(new DeleteObjectCommand({ Bucket: 'objects', Key: 'gone/for/good' }));
    await expect(get('gone/for/good')).rejects.toMatchObject({ name: 'NoSuchKey' });
    // Nor are its folders.
    expect(await readdir(path.join(data.path, 's3/objects'))).not.toContain('gone');
  });

  it('is deleted with others', async () => {
    const some = ['many & <odd>', 'many/\u0001', 'many/ä'];
    for (const key of some) await put(key);
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({
        Bucket: 'objects',
        Delete: { Objects: [...some, 'never-there'].map((Key) => ({ Key })) },
      }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual([...some, 'never-there']);
    expect(await keys({ Prefix: 'many' })).toEqual([]);
  });

  it('is put only under its condition', async () => {
    await put('once', 'first', { IfNoneMatch: '*' });
    await expect(put('once', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    const { bytes, ETag } = await get('once');
    expect(bytes.toString()).toBe('first');
    await expect(put('once', 'third', { IfMatch: '"another"' })).rejects.toThrow('pre-conditions');
    await put('once', 'fourth', { IfMatch: ETag });
    await expect(put('once', 'fifth', { IfMatch: ETag })).rejects.toThrow('pre-conditions');
    await expect(put('never', 'x', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(get('once', { IfMatch: ETag })).rejects.toThrow();
    expect((await get('once')).bytes.toString()).toBe('fourth');
  });

  it('is deleted only under its condition', async () => {
    const remove = (Key: string, IfMatch: string | undefined) =>
      client.send(new DeleteObjectCommand({ Bucket: 'objects', Key, ...(IfMatch && { IfMatch }) }));
    await put('held', 'first');
    const { ETag: first } = await get('held');
    await put('held', 'second');
    await expect(remove('held', first)).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const { bytes, ETag: second } = await get('held');
    expect(bytes.toString()).toBe('second');
    await remove('held', second);
    await expect(get('held')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(remove('held', second)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('has one winner where many put it at once for the first time', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, writer) => put('race', `writer ${writer}`, { IfNoneMatch: '*' })),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is not stored where the bytes are not those that were promised', async () => {
    const path = '/objects/damaged';
    const headers = { authorization: signedBy(accessKey), 'x-amz-checksum-crc32': 'AAAAAA==' };
    const answer = await send(s3.endpoint, { method: 'PUT', path, headers, body: 'x' });
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('<Code>BadDigest</Code>')]);
    const chunked = {
      authorization: signedBy(accessKey),
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '3',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    };
    const bodies = ['2\r\nab\r\n0\r\n\r\n', '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'];
    for (const body of bodies) {
      expect((await send(s3.endpoint, { method: 'PUT', path, headers: chunked, body })).status).toBe(400);
    }
    expect(await keys({ Prefix: 'damaged' })).toEqual([]);
    const right = '3;x=y\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n';
    expect((await send(s3.endpoint, { method: 'PUT', path, headers: chunked, body: right })).status).toBe(
      200,
    );
    expect((await get('damaged')).bytes.toString()).toBe('abc');
    expect(await readdir(path.replace(/.*/, `${data.path}/s3/.incoming`))).toEqual([]);
  });
});

describe('a key', () => {
  const strange = [
    ...['../x', '../../../x', 'a/../../x', './x', '..', '.', '.hidden', '/x', '//', 'x//y', 'x/', 'x'],
    ...['A', 'a', 'ä', 'percent%2e%2e/', 'x~', 'x+', '%', 'line\nfeed', 'back\\slash', 'q?a=b&c#d', ' '],
    ...['y'.repeat(80), `${'y'.repeat(80)}/z`, `${'y'.repeat(80)}.z`, `${'y'.repeat(79)}/`],
    ...['ö'.repeat(512), `${'.'.repeat(300)}/x`, '😀'.repeat(41)],
  ];

  it('is taken as it is, never leads out of the folder, and finds its own object', async () => {
    for (const Key of strange) {
      await client.send(new PutObjectCommand({ Bucket: 'strange', Key, Body: `of ${Key}` }));
    }
    for (const key of strange) expect((await get(key, {}, 'strange')).bytes.toString()).toBe(`of ${key}`);
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: 'strange', EncodingType: 'url' }),
    );
    const listed = Contents.map(({ Key = '' }) => decodeURIComponent(Key));
    expect(listed).toEqual([...strange].sort((a, b) => Buffer.from(a).compare(Buffer.from(b))));
    const files = await filesBelow(path.join(data.path, 's3/strange'));
    expect(files).toHaveLength(strange.length);
    expect((await readdir(data.path)).sort()).toEqual(['s3']);
    // Nothing depends on a disk that tells large letters from small ones.
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(strange.length);
    const { Contents: plain = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'strange' }));
    expect(plain.map(({ Key }) => Key)).toEqual(listed);
  });

  it('has 1,024 bytes at most', async () => {
    await expect(put('k'.repeat(1025))).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });

  it('is in files that nobody else can read', async () => {
    for (const file of await filesBelow(path.join(data.path, 's3'))) {
      expect((await lstat(file)).mode & 0o777).toBe(0o600);
      expect((await lstat(path.dirname(file))).mode & 0o777).toBe(0o700);
    }
  });
});

describe('a list of objects', () => {
  const list = (options: Partial<ListObjectsV2CommandInput>) =>
    client.send(new ListObjectsV2Command({ Bucket: 'lists', ...options }));
  const all = ['a', 'a-b', 'a.b', 'a/1', 'a/2/x', 'a/2/y', 'a0', 'b/1', 'c'];

  beforeAll(async () => {
    for (const Key of [...all].reverse()) {
      await client.send(new PutObjectCommand({ Bucket: 'lists', Key, Body: Key }));
    }
  });

  it('is in the order of the bytes, with size, tag and time', async () => {
    const { Contents = [], KeyCount, IsTruncated } = await list({});
    expect(Contents.map(({ Key }) => Key)).toEqual(all);
    expect([KeyCount, IsTruncated]).toEqual([all.length, false]);
    const { ETag } = await get('a/2/x', {}, 'lists');
    expect(Contents[4]).toMatchObject({ ETag, Size: 5, LastModified: expect.any(Date) });
  });

  it('begins with a prefix, behind a key, and ends where it is told to', async () => {
    const found = async (options: Partial<ListObjectsV2CommandInput>) =>
      ((await list(options)).Contents ?? []).map(({ Key }) => Key);
    expect(await found({ Prefix: 'a/' })).toEqual(['a/1', 'a/2/x', 'a/2/y']);
    expect(await found({ Prefix: 'a/2/y' })).toEqual(['a/2/y']);
    expect(await found({ Prefix: 'a/2/yy' })).toEqual([]);
    expect(await found({ StartAfter: 'a/2/x' })).toEqual(['a/2/y', 'a0', 'b/1', 'c']);
    expect(await found({ StartAfter: 'a/2', MaxKeys: 1 })).toEqual(['a/2/x']);
    expect(await found({ MaxKeys: 0 })).toEqual([]);
  });

  it.each([undefined, '/'])('gives the same by pages, with delimiter %s', async (Delimiter) => {
    const whole = await list({ Delimiter });
    const parts: string[] = [];
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await list({ Delimiter, MaxKeys: 2, ContinuationToken: token });
      const found = [...(page.Contents ?? []), ...(page.CommonPrefixes ?? [])];
      expect(found.length).toBeLessThanOrEqual(2);
      parts.push(...found.map((one) => ('Key' in one ? one.Key : (one as { Prefix: string }).Prefix) ?? ''));
      token = page.NextContinuationToken;
    }
    const expected = [
      ...(whole.Contents ?? []).map(({ Key = '' }) => Key),
      ...(whole.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix),
    ];
    expect(parts.sort()).toEqual(expected.sort());
    if (Delimiter !== undefined) expect(expected.sort()).toEqual(['a', 'a-b', 'a.b', 'a/', 'a0', 'b/', 'c']);
  });

  it('has 1,000 of them on a page', async () => {
    const many = Array.from({ length: 1100 }, (_, index) => `part/${index % 7}/${index}`);
    await Promise.all(
      Array.from({ length: 10 }, async (_, writer) => {
        for (const Key of many.filter((_, index) => index % 10 === writer)) {
          await client.send(new PutObjectCommand({ Bucket: 'many', Key, Body: 'x' }));
        }
      }),
    );
    const first = await client.send(new ListObjectsV2Command({ Bucket: 'many', MaxKeys: 5000 }));
    const second = await client.send(
      new ListObjectsV2Command({ Bucket: 'many', ContinuationToken: first.NextContinuationToken }),
    );
    expect([first.KeyCount, first.IsTruncated, second.KeyCount]).toEqual([1000, true, 100]);
    const found = [...(first.Contents ?? []), ...(second.Contents ?? [])].map(({ Key }) => Key);
    expect(found).toEqual([...many].sort((a, b) => (a < b ? -1 : 1)));
  });
});

describe('the embedded S3', () => {
  it('has the buckets of the template, and makes no other', async () => {
    const Bucket = 'another';
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
    await expect(client.send(new CreateBucketCommand({ Bucket }))).rejects.toThrow();
    expect(await readdir(path.join(data.path, 's3'))).not.toContain('another');
    expect((await storedBuckets(data.path)).map(({ name }) => name)).not.toContain('.incoming');
  });

  it('refuses what it does not know, and changes nothing for it', async () => {
    await put('kept', 'kept');
    const there = { Bucket: 'objects', Key: 'kept' };
    const refused = { name: 'NotImplemented', $metadata: expect.objectContaining({ httpStatusCode: 501 }) };
    for (const unknown of [
      () =>
        client.send(
          new PutObjectTaggingCommand({ ...there, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
        ),
      () => client.send(new GetBucketPolicyCommand({ Bucket: 'objects' })),
      () => client.send(new CopyObjectCommand({ ...there, CopySource: 'objects/kept' })),
      () => client.send(new PutObjectCommand({ ...there, Tagging: 'a=b' })),
      () => client.send(new GetObjectCommand({ ...there, VersionId: '1' })),
      () => client.send(new DeleteObjectCommand({ ...there, VersionId: '1' })),
      () => client.send(new DeleteObjectCommand({ ...there, IfMatch: '*' })),
      () => client.send(new ListObjectsCommand({ Bucket: 'objects' })),
      () => client.send(new PutObjectCommand({ ...there, Body: 'x', ChecksumAlgorithm: 'SHA256' })),
    ]) {
      await expect(unknown()).rejects.toMatchObject(refused);
    }
    expect((await get('kept')).bytes.toString()).toBe('kept');
  });

  it('answers nobody who does not know the key', async () => {
    const stranger = await localS3(s3.endpoint, newAccessKey());
    const asked = stranger.send(new GetObjectCommand({ Bucket: 'objects', Key: 'kept' }));
    await expect(asked).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    stranger.destroy();
    const path = '/objects/form';
    const headers = { authorization: signedBy(accessKey), origin: 'https://evil.example' };
    expect((await send(s3.endpoint, { method: 'PUT', path, headers, body: 'x' })).status).toBe(403);
    expect((await send(s3.endpoint, { method: 'PUT', path, body: 'x' })).status).toBe(403);
    expect(await keys({ Prefix: 'form' })).toEqual([]);
  });

  it('keeps its objects, and deletes at a start those that are too old', async () => {
    await using other = await temporaryFolder();
    const buckets = [{ name: 'kept', expirations: [{ prefix: 'old/', days: 2 }] }];
    const at = (now: string) =>
      startEmbeddedS3({ dataDir: other.path, buckets, accessKey, now: () => Date.parse(now) });
    const first = await at('2026-11-30T12:00:00Z');
    for (const Key of ['old/1', 'young/1']) {
      await first.client.send(
        new PutObjectCommand({ Bucket: 'kept', Key, Body: Key, Metadata: { key: Key } }),
      );
    }
    await first.close();
    const written = new Date('2026-11-30T12:00:00Z');
    for (const file of await filesBelow(path.join(other.path, 's3'))) await utimes(file, written, written);
    const listedAt = async (now: string) => {
      const started = await at(now);
      const { Contents = [] } = await started.client.send(new ListObjectsV2Command({ Bucket: 'kept' }));
      const { Metadata } = await started.client.send(
        new HeadObjectCommand({ Bucket: 'kept', Key: 'young/1' }),
      );
      await started.close();
      expect(Metadata).toEqual({ key: 'young/1' });
      return Contents.map(({ Key }) => Key);
    };
    expect(await listedAt('2026-12-02T23:59:00Z')).toEqual(['old/1', 'young/1']);
    expect(await listedAt('2026-12-03T00:01:00Z')).toEqual(['young/1']);
  });
});
