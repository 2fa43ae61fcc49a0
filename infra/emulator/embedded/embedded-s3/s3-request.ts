import type { IncomingMessage } from 'node:http';

import { localAccount } from '../../template/local-account.ts';
import { notImplemented, S3Error } from './s3-error.ts';

/** What is asked of which bucket and object, read as it was sent: `new URL` would resolve the dots of a key. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  /** Empty where the bucket itself is meant. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: AsyncIterable<Buffer>;
}

/** @throws S3Error */
export function readRequest(request: IncomingMessage): S3Request {
  const [path = '', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const owner = request.headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== localAccount) throw new S3Error(403, 'AccessDenied', 'Access Denied');
  return {
    method: request.method ?? '',
    bucket: decoded(bucket),
    key: decoded(key),
    query: new URLSearchParams(query),
    headers: request.headers,
    body: request,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** The SDK's own, which change nothing of what is asked. */
const harmlessHeaders = [
  ...['x-amz-content-sha256', 'x-amz-date', 'x-amz-user-agent', 'x-amz-security-token'],
  ...['x-amz-expected-bucket-owner', 'x-amz-decoded-content-length'],
];
const harmlessQueries = ['x-id'];
const conditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'];

export interface Known {
  readonly queries?: readonly string[];
  /** Of AWS's own, and conditions; a star at the end stands for anything. */
  readonly headers?: readonly string[];
}

/**
 * Whatever asks for more than the operation does is refused: what is silently left out is a laptop that silently differs from
 * AWS, and a request for a sub-resource would be taken for one for the object.
 * @throws S3Error
 */
export function mustBeKnown({ query, headers }: S3Request, { queries = [], headers: own = [] }: Known): void {
  const strange = [...query.keys()].find((name) => ![...harmlessQueries, ...queries].includes(name));
  if (strange !== undefined) throw notImplemented(`the parameter ${strange} of this operation`);
  const allowed = [...harmlessHeaders, ...own];
  const header = Object.keys(headers)
    .filter((name) => name.startsWith('x-amz-') || conditions.includes(name))
    .find(
      (name) =>
        !allowed.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one)),
    );
  if (header !== undefined) throw notImplemented(`the header ${header} of this operation`);
}

/** An entity tag as it is kept, without its quotes. */
export function etagIn(header: string): string {
  return header.trim().replace(/^"(.*)"$/, '$1');
}
