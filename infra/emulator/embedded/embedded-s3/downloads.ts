import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

import type { Bucket } from './bucket.ts';
import type { StoredObject } from './object-file.ts';
import { noSuchKey, preconditionFailed, S3Error } from './s3-error.ts';
import { etagIn, mustBeKnown, type S3Request } from './s3-request.ts';

const defaultType = 'binary/octet-stream';

/** GetObject and HeadObject. @throws S3Error */
export async function download(request: S3Request, bucket: Bucket, response: ServerResponse): Promise<void> {
  mustBeKnown(request, { headers: ['x-amz-checksum-mode', 'if-match', 'if-none-match'] });
  const opened = await bucket.open(request.key);
  if (opened === undefined) throw noSuchKey();
  const { object, handle } = opened;
  try {
    const { 'if-match': wanted, 'if-none-match': known } = request.headers;
    if (wanted !== undefined && !names(wanted, object)) throw preconditionFailed();
    if (known !== undefined && names(known, object)) {
      response.writeHead(304, { etag: quoted(object) }).end();
      return;
    }
    const range = rangeIn(request, object.size);
    const { start, end } = range ?? { start: 0, end: object.size - 1 };
    response.writeHead(range === null ? 200 : 206, {
      'content-type': defaultType,
      ...object.headers,
      'accept-ranges': 'bytes',
      'content-length': end - start + 1,
      ...(range === null
        ? checksumFor(request, object)
        : { 'content-range': `bytes ${start}-${end}/${object.size}` }),
      etag: quoted(object),
      'last-modified': object.modifiedAt.toUTCString(),
    });
    if (request.method === 'HEAD' || end < start) response.end();
    else await pipeline(handle.createReadStream({ start, end, autoClose: false }), response);
  } finally {
    await handle.close();
  }
}

function checksumFor({ headers }: S3Request, { crc32 }: StoredObject) {
  if (headers['x-amz-checksum-mode'] !== 'ENABLED') return {};
  return { 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

function names(header: string, { etag }: StoredObject): boolean {
  return header.split(',').some((one) => one.trim() === '*' || etagIn(one) === etag);
}

function quoted({ etag }: StoredObject): string {
  return `"${etag}"`;
}

/** Null for all of it: also where a range cannot be read, and where there are several, which S3 has not either. */
function rangeIn({ headers }: S3Request, size: number): { start: number; end: number } | null {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (from === '' && to === '') return null;
  const last = size - 1;
  const range =
    from === ''
      ? { start: Math.max(0, size - Number(to)), end: last }
      : { start: Number(from), end: to === '' ? last : Math.min(last, Number(to)) };
  if (range.start > range.end) {
    throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable');
  }
  return range;
}
