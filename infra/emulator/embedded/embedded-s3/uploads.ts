import { createHash } from 'node:crypto';

import { withoutChunks } from './aws-chunked.ts';
import type { Condition, Upload } from './bucket.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import { etagIn, type Known, type S3Request } from './s3-request.ts';

/** Given back with the object as they came; all of `x-amz-meta-*` as well. */
const keptHeaders = [
  ...['content-type', 'content-encoding', 'content-language', 'content-disposition'],
  ...['cache-control', 'expires'],
];
const userHeader = 'x-amz-meta-';
const maxUserBytes = 2048;
const checksum = 'x-amz-checksum-crc32';

/** Of an upload. Nothing is encrypted here, whatever is asked for. */
export const uploadHeaders: NonNullable<Known['headers']> = [
  ...[`${userHeader}*`, 'x-amz-server-side-encryption*', 'if-match', 'if-none-match'],
  ...[checksum, 'x-amz-trailer', 'x-amz-sdk-checksum-algorithm'],
];

/** What a request sends to be stored, and how it is known to be whole. @throws S3Error */
export function uploadIn(request: S3Request): Upload {
  const { headers } = request;
  const { body, trailers } = bodyIn(request);
  return {
    body,
    headers: keptIn(request),
    condition: conditionIn(request),
    check: ({ size, etag, crc32 }) => {
      const promised = {
        size: one(headers['x-amz-decoded-content-length']) ?? one(headers['content-length']),
        md5: one(headers['content-md5']),
        crc32: trailers.get(checksum) ?? one(headers[checksum]),
      };
      if (promised.size !== undefined && Number(promised.size) !== size) {
        const message = 'You did not provide the number of bytes specified by the Content-Length HTTP header';
        throw new S3Error(400, 'IncompleteBody', message);
      }
      const md5 = Buffer.from(etag, 'hex').toString('base64');
      if ((promised.md5 ?? md5) !== md5 || (promised.crc32 ?? crc32) !== crc32) throw badDigest();
    },
  };
}

/** A body that is small enough to be held, a document. @throws S3Error */
export async function documentIn(request: S3Request, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyIn(request).body) {
    size += chunk.length;
    if (size > maxBytes) throw new S3Error(400, 'MalformedXML', 'The XML you provided is too long');
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  const md5 = one(request.headers['content-md5']);
  if (md5 !== undefined && createHash('md5').update(whole).digest('base64') !== md5) throw badDigest();
  return whole.toString();
}

function bodyIn({ headers, body }: S3Request) {
  const trailers = new Map<string, string>();
  const trailer = one(headers['x-amz-trailer']) ?? checksum;
  const algorithm = one(headers['x-amz-sdk-checksum-algorithm']) ?? 'CRC32';
  if (trailer !== checksum || algorithm.toUpperCase() !== 'CRC32')
    throw notImplemented('checksums but CRC32');
  const isChunked = (one(headers['x-amz-content-sha256']) ?? '').startsWith('STREAMING-');
  if (!isChunked) return { body, trailers };
  return { body: withoutChunks(body, (name, value) => trailers.set(name, value)), trailers };
}

function keptIn({ headers }: S3Request): Record<string, string> {
  const kept = Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && (keptHeaders.includes(name) || name.startsWith(userHeader))
        ? [[name, value] as const]
        : [],
    ),
  );
  const ofUser = Object.entries(kept).filter(([name]) => name.startsWith(userHeader));
  if (
    ofUser.reduce((sum, [name, value]) => sum + name.length - userHeader.length + value.length, 0) >
    maxUserBytes
  ) {
    throw new S3Error(
      400,
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
    );
  }
  const { 'content-encoding': encoding, ...others } = kept;
  // How it was sent is no part of what it is.
  const own = (encoding ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked');
  return { ...others, ...(own.length === 0 ? {} : { 'content-encoding': own.join(',') }) };
}

/** What is to be there for a request to change it. @throws S3Error */
export function conditionIn({ headers }: S3Request): Condition {
  const [absent, is] = [one(headers['if-none-match']), one(headers['if-match'])];
  if (absent !== undefined && absent !== '*') throw notImplemented('If-None-Match with anything but *');
  if (absent !== undefined) return { kind: 'absent' };
  if (is === '*') throw notImplemented('If-Match with *');
  return is === undefined ? { kind: 'none' } : { kind: 'is', etag: etagIn(is) };
}

function badDigest(): S3Error {
  return new S3Error(400, 'BadDigest', 'The checksum you specified did not match what we received.');
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}
