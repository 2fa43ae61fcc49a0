import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** What a vendor is told. It may send any of the others, too. */
export const understoodEncodings = 'gzip, br';

/** @param encoding the header `Content-Encoding`: the one that was put on last stands last */
export function decompressed(body: Readable, encoding: string | null): Readable {
  const names = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  return names
    .filter((name) => name !== '' && name !== 'identity')
    .reduceRight((stream, name) => through(stream, decoders[name]), body);
}

function through(stream: Readable, makeDecoder: (() => Transform) | undefined): Readable {
  if (makeDecoder === undefined) {
    stream.destroy();
    return new Readable({ read: failAsUnknown });
  }
  // What fails in front of it is seen by whoever reads it.
  return pipeline(stream, makeDecoder(), () => undefined);
}

function failAsUnknown(this: Readable): void {
  this.destroy(new UndecodableError('an answer that is compressed in a way that is not known'));
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
