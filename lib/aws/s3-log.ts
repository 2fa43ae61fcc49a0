import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';

import type {
  LogEraser,
  LogReader,
  LogWriter,
  MarkerVersions,
  ObjectVersion,
  RunSummaryReader,
  SnapshotStore,
} from '../changes/ports.ts';

/** Of an object's metadata. */
const summaryName = 'runs';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The change log in a bucket: each object gzipped NDJSON. */
export class S3Log
  implements LogWriter, LogReader, RunSummaryReader, SnapshotStore, MarkerVersions, LogEraser
{
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: { now(): number } | null;

  /** @param clock of the machine that S3 runs on, where it is at hand: S3 itself tells whole seconds */
  constructor(client: S3Client, bucket: string, clock: { now(): number } | null = null) {
    this.#client = client;
    this.#bucket = bucket;
    this.#clock = clock;
  }

  async put(
    key: string,
    lines: readonly string[],
    signal: AbortSignal,
    summary: string | null = null,
  ): Promise<void> {
    const metadata = summary !== null && { Metadata: { [summaryName]: summary } };
    await this.#put({ ...(await objectOf(key, lines)), ...metadata }, signal);
  }

  async readSummary(key: string): Promise<string | null> {
    try {
      const { Metadata } = await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return Metadata?.[summaryName] ?? null;
    } catch (error) {
      // It answers without a body, in which the error would have its name.
      if (statusOf(error) === 404) return null;
      throw error;
    }
  }

  async putNew(key: string, lines: readonly string[], signal: AbortSignal): Promise<boolean> {
    const object = await objectOf(key, lines);
    return ifItHolds([412], () => this.#put({ ...object, IfNoneMatch: '*' }, signal));
  }

  putMarker(key: string, text: string, signal: AbortSignal): Promise<void> {
    return this.#put({ Key: key, Body: text, ContentType: 'application/json' }, signal);
  }

  async *list(prefix: string, from: string): AsyncGenerator<string, void, undefined> {
    for await (const { key } of this.sizes(prefix, from)) yield key;
  }

  async *sizes(
    prefix: string,
    from: string,
  ): AsyncGenerator<{ readonly key: string; readonly bytes: number }, void, undefined> {
    let next: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          ...(next === undefined ? { StartAfter: from } : { ContinuationToken: next }),
        }),
      );
      for (const { Key: key, Size: bytes = 0 } of page.Contents ?? [])
        if (key !== undefined) yield { key, bytes };
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  async read(key: string): Promise<readonly string[] | null> {
    const object = await this.#get(key);
    return object === null ? null : (await textOf(key, object.bytes)).split('\n').slice(0, -1);
  }

  async readMarker(key: string): Promise<string | null> {
    const object = await this.#get(key);
    return object === null ? null : textOf(key, object.bytes);
  }

  async readVersion(key: string): Promise<ObjectVersion | null> {
    const object = await this.#get(key);
    if (object === null) return null;
    const { bytes, etag } = object;
    if (etag === undefined) throw new Error('S3 does not say which version of an object it gives');
    return { text: await textOf(key, bytes), etag };
  }

  async replace(key: string, { text, etag }: ObjectVersion): Promise<boolean> {
    const object = isZipped(key)
      ? { Key: key, Body: await compress(text), ContentType: 'application/gzip' }
      : { Key: key, Body: text, ContentType: 'application/json' };
    return ifItHolds(otherByNow, () => this.#put({ ...object, IfMatch: etag }));
  }

  replaceMarker(
    key: string,
    before: ObjectVersion | null,
    text: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const condition = before === null ? { IfNoneMatch: '*' } : { IfMatch: before.etag };
    const marker = { Key: key, Body: text, ContentType: 'application/json' };
    return ifItHolds(otherByNow, () => this.#put({ ...marker, ...condition }, signal));
  }

  remove(key: string, etag: string): Promise<boolean> {
    const removal = new DeleteObjectCommand({ Bucket: this.#bucket, Key: key, IfMatch: etag });
    return ifItHolds(otherByNow, () => this.#client.send(removal));
  }

  /** Rounded down where S3 tells it: nobody is to take for settled what is not. */
  async now(prefix: string): Promise<number> {
    if (this.#clock !== null) return this.#clock.now();
    const command = new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, MaxKeys: 1 });
    let date: string | undefined;
    // The SDK keeps the headers of an answer to itself.
    command.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        date = (answer.response as { headers?: Record<string, string> }).headers?.['date'];
        return answer;
      },
      { step: 'deserialize', priority: 'low' },
    );
    await this.#client.send(command);
    const now = Date.parse(date ?? '');
    if (Number.isNaN(now)) throw new Error('S3 does not say what time it is');
    return now;
  }

  async #put(object: Omit<PutObjectCommandInput, 'Bucket'>, signal?: AbortSignal): Promise<void> {
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, ...object }), {
      ...(signal && { abortSignal: signal }),
    });
  }

  async #get(key: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string | undefined } | null> {
    try {
      const { Body, ETag } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
      );
      if (Body === undefined) throw new Error('S3 answers without a body');
      return { bytes: await Body.transformToByteArray(), etag: ETag };
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }
}

async function objectOf(key: string, lines: readonly string[]) {
  // Not as an encoding of the transfer: who downloads an object shall get the file that its name says.
  return { Key: key, Body: await compress(`${lines.join('\n')}\n`), ContentType: 'application/gzip' };
}

function isZipped(key: string): boolean {
  return key.endsWith('.gz');
}

async function textOf(key: string, bytes: Uint8Array): Promise<string> {
  return (isZipped(key) ? await decompress(bytes) : Buffer.from(bytes)).toString('utf8');
}

/** What S3 answers to a condition on what is there: it is another object, there is none, or another call is under way. */
const otherByNow: readonly number[] = [404, 409, 412];

/** @returns whether it was done; false if it was refused with one of these statuses */
async function ifItHolds(refusals: readonly number[], call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && refusals.includes(status)) return false;
    throw error;
  }
}

/** Of an answer of S3's; undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
