import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Bucket } from './bucket.ts';
import { download } from './downloads.ts';
import { list } from './listings.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import { mustBeKnown, readRequest, type S3Request } from './s3-request.ts';
import { conditionIn, documentIn, uploadHeaders, uploadIn } from './uploads.ts';
import { documentOf, textsOf, type Xml } from './xml.ts';

/** Of 1,000 keys, each of 1,024 bytes that may be written as entities. */
const maxDeletionBytes = 8 * 1024 * 1024;
const maxDeletions = 1000;

/** Answers a request, whatever becomes of it. */
export async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  buckets: ReadonlyMap<string, Bucket>,
): Promise<void> {
  response.setHeader('x-amz-request-id', randomUUID());
  try {
    await perform(readRequest(incoming), response, buckets);
  } catch (error) {
    if (response.headersSent || response.destroyed) response.destroy();
    else refuse(response, error);
  }
}

async function perform(
  request: S3Request,
  response: ServerResponse,
  buckets: ReadonlyMap<string, Bucket>,
): Promise<void> {
  const { method, key, query } = request;
  const bucket = buckets.get(request.bucket);
  if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (key !== '') await performOnObject(request, bucket, response);
  else if (method === 'GET' && query.get('list-type') === '2')
    sendXml(response, 200, await list(request, bucket));
  else if (method === 'POST' && query.has('delete')) await deleteObjects(request, bucket, response);
  else throw notImplemented(`${method} of a bucket`);
}

async function performOnObject(request: S3Request, bucket: Bucket, response: ServerResponse): Promise<void> {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      await download(request, bucket, response);
      return;
    case 'PUT': {
      mustBeKnown(request, { headers: uploadHeaders });
      const { etag, crc32 } = await bucket.put(request.key, uploadIn(request));
      const checksum = { 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-type': 'FULL_OBJECT' };
      response.writeHead(200, { etag: `"${etag}"`, ...checksum }).end();
      return;
    }
    case 'DELETE':
      mustBeKnown(request, { headers: ['if-match'] });
      await bucket.remove(request.key, conditionIn(request));
      response.writeHead(204).end();
      return;
    default:
      throw notImplemented(`${request.method} of an object`);
  }
}

async function deleteObjects(request: S3Request, bucket: Bucket, response: ServerResponse): Promise<void> {
  mustBeKnown(request, {
    queries: ['delete'],
    headers: ['x-amz-checksum-crc32', 'x-amz-sdk-checksum-algorithm', 'x-amz-trailer'],
  });
  const xml = await documentIn(request, maxDeletionBytes);
  const keys = textsOf('Key', xml);
  if (keys.length === 0 || keys.length > maxDeletions) {
    throw new S3Error(400, 'MalformedXML', 'The XML you provided was not well-formed');
  }
  const strange = ['VersionId', 'ETag', 'LastModifiedTime', 'Size'].find(
    (name) => textsOf(name, xml).length > 0,
  );
  if (strange !== undefined) throw notImplemented(`${strange} of an object that is to be deleted`);
  for (const key of keys) await bucket.remove(key);
  const isQuiet = textsOf('Quiet', xml)[0] === 'true';
  const deleted = isQuiet ? [] : keys.map((key): Xml => ['Deleted', [['Key', key]]]);
  sendXml(response, 200, documentOf(['DeleteResult', deleted]));
}

function refuse(response: ServerResponse, error: unknown): void {
  const { status, code, message } =
    error instanceof S3Error ? error : new S3Error(500, 'InternalError', String(error));
  const content: Xml[] = [
    ['Code', code],
    ['Message', message],
    ['RequestId', String(response.getHeader('x-amz-request-id'))],
  ];
  sendXml(response, status, documentOf(['Error', content]));
}

/** Node leaves the body out where HEAD has asked. */
function sendXml(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(xml) });
  response.end(xml);
}
