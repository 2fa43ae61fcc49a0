import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface S3Server {
  /** For AWS_ENDPOINT_URL_S3. */
  readonly origin: string;
  /** By `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  stop(): Promise<void>;
}

/** What a request is about. */
export interface S3Target {
  readonly bucket: string;
  readonly key: string;
  /** Null where it is no list. */
  readonly prefix: string | null;
}

/** The SDK puts the bucket into the path where the host is an address. */
export function s3TargetOf(url: string): S3Target {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const [, bucket = '', ...key] = decodeURIComponent(pathname).split('/');
  const prefix = searchParams.has('list-type') ? (searchParams.get('prefix') ?? '') : null;
  return { bucket, key: key.join('/'), prefix };
}

/** Objects over HTTP in S3's own protocol: put, also only if there is none, get and list, and an error for any other operation. */
export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    bodyOf(request).then(
      (body) => {
        answer(request, body, response, objects);
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    objects,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(
  { method, url = '', headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  objects: Map<string, Buffer>,
): void {
  const target = s3TargetOf(url);
  const name = `${target.bucket}/${target.key}`;
  const there = objects.get(name);
  if (method === 'GET' && target.prefix !== null) list(url, target, response, objects);
  else if (method === 'GET' && there !== undefined) response.writeHead(200).end(there);
  else if (method === 'GET') fail(response, 404, 'NoSuchKey');
  else if (method !== 'PUT') fail(response, 501, 'NotImplemented');
  else if (headers['if-none-match'] === '*' && there !== undefined) fail(response, 412, 'PreconditionFailed');
  else {
    objects.set(name, body);
    response.writeHead(200).end();
  }
}

function list(
  url: string,
  { bucket, prefix }: S3Target,
  response: ServerResponse,
  objects: ReadonlyMap<string, Buffer>,
): void {
  const after = new URL(url, 'http://127.0.0.1').searchParams.get('start-after') ?? '';
  const keys = [...objects.keys()]
    .filter((name) => name.startsWith(`${bucket}/${prefix ?? ''}`))
    .map((name) => name.slice(bucket.length + 1))
    .filter((key) => key > after)
    .sort();
  const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
}

function fail(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
