import { PassThrough, pipeline, Readable, type Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';

type Decoder = (stream: Readable) => Readable;

const decoders: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', through(createGunzip)],
  ['x-gzip', through(createGunzip)],
  ['deflate', inflated],
  ['br', through(createBrotliDecompress)],
  ['zstd', through(createZstdDecompress)],
]);

/** What a request accepts. The vendor may send any of the others, too. */
export const understoodEncodings = 'gzip, br';

/** Each costs memory before a byte has come: 5,000 that were named took 122 MB. */
const maxEncodings = 5;

/**
 * What is not known is passed over: `none`, `utf-8` and `aws-chunked` are no compression, and of any other one the bytes are no text.
 * @param encoding the header `Content-Encoding`: the one that was put on last stands last
 */
export function decompressed(body: Readable, encoding: string | null): Readable {
  const known = namesIn(encoding).flatMap((name) => decoders.get(name) ?? []);
  if (known.length > maxEncodings) return tooOften(body);
  return known.reduceRight((stream, decoder) => decoder(stream), body);
}

/** Whether something was passed over that could have been a compression. */
export function hasUnknownEncoding(encoding: string | null): boolean {
  return namesIn(encoding).some((name) => !decoders.has(name));
}

function namesIn(encoding: string | null): readonly string[] {
  return (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
}

function through(makeDecoder: () => Transform): Decoder {
  // An error in front of it reaches the reader of the stream.
  return (stream) => pipeline(stream, makeDecoder(), () => undefined);
}

/** Some send `deflate` without the header of zlib that RFC 9110 (8.4.1.2) wants around it: the first byte shows it. */
function inflated(stream: Readable): Readable {
  const out = new PassThrough();
  out.once('close', () => stream.destroy());
  stream.once('error', (error) => out.destroy(error));
  stream.once('readable', () => {
    const first = stream.read() as Buffer | null;
    if (first !== null) stream.unshift(first);
    pipeline(stream, hasZlibHeader(first) ? createInflate() : createInflateRaw(), out, () => undefined);
  });
  return out;
}

/** RFC 1950 (2.2): the method 8 stands in the low half. No block of deflate that anything writes begins so (RFC 1951, 3.2.3). */
function hasZlibHeader(first: Buffer | null): boolean {
  return ((first?.[0] ?? 0) & 0x0f) === 8;
}

function tooOften(body: Readable): Readable {
  body.destroy();
  return new Readable({
    read() {
      this.destroy(
        new UndecodableError(`an answer that is compressed more than ${String(maxEncodings)} times`),
      );
    },
  });
}

/** All has come, and it is no text. The message is for people and holds nothing of the vendor's. */
export class UndecodableError extends Error {}

/** Of zlib, Brotli and Zstandard; a connection that breaks has other codes. */
const codesOfDamage = /^(Z_|ZSTD_|ERR__|ERR_BROTLI_)/;

/** What a decoder throws that is given something else than it can read. */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    codesOfDamage.test(error.code)
  );
}
