import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';

import type { LogReader, LogWriter, SnapshotStore } from '../changes/ports.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The change log in a bucket: each object gzipped NDJSON. */
export class S3Log implements LogWriter, LogReader, SnapshotStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: { now(): number } | null;

  /** @param clock of the machine that S3 runs on, where it is at hand: S3 itself tells whole seconds */
  constructor(client: S3Client, bucket: string, clock: { now(): number } | null = null) {
    this.#client = client;
    this.#bucket = bucket;
    this.#clock = clock;
  }

  async put(key: string, lines: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#put(await objectOf(key, lines), signal);
  }

  async putNew(key: string, lines: readonly string[], signal: AbortSignal): Promise<boolean> {
    try {
      await this.#put({ ...(await objectOf(key, lines)), IfNoneMatch: '*' }, signal);
      return true;
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return false;
      throw error;
    }
  }

  putMarker(key: string, text: string, signal: AbortSignal): Promise<void> {
    return this.#put({ Key: key, Body: text, ContentType: 'application/json' }, signal);
  }

  async *list(prefix: string, from: string): AsyncGenerator<string, void, undefined> {
    let next: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          ...(next === undefined ? { StartAfter: from } : { ContinuationToken: next }),
        }),
      );
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  async read(key: string): Promise<readonly string[] | null> {
    const bytes = await this.#get(key);
    if (bytes === null) return null;
    return (await decompress(bytes)).toString('utf8').split('\n').slice(0, -1);
  }

  async readMarker(key: string): Promise<string | null> {
    const bytes = await this.#get(key);
    return bytes === null ? null : Buffer.from(bytes).toString('utf8');
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

  async #put(object: Omit<PutObjectCommandInput, 'Bucket'>, signal: AbortSignal): Promise<void> {
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, ...object }), {
      abortSignal: signal,
    });
  }

  async #get(key: string): Promise<Uint8Array | null> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      if (Body === undefined) throw new Error('S3 answers without a body');
      return await Body.transformToByteArray();
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
