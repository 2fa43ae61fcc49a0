import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

import type { LogReader, LogWriter } from '../changes/ports.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The change log in a bucket: each object gzipped NDJSON. */
export class S3Log implements LogWriter, LogReader {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(key: string, lines: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: await compress(`${lines.join('\n')}\n`),
        // Not as an encoding of the transfer: who downloads an object shall get the file that its name says.
        ContentType: 'application/gzip',
      }),
      { abortSignal: signal },
    );
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
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      if (Body === undefined) throw new Error('S3 answers without a body');
      const text = (await decompress(await Body.transformToByteArray())).toString('utf8');
      return text.split('\n').slice(0, -1);
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  async now(): Promise<number> {
    const command = new ListObjectsV2Command({ Bucket: this.#bucket, MaxKeys: 1 });
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
}
