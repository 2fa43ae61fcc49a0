import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

import type { S3Client } from '@aws-sdk/client-s3';

import type { BucketModel } from '../template/template-model.ts';
import { localS3 } from './clients.ts';
import { answer } from './embedded-s3/answer.ts';
import { Bucket } from './embedded-s3/bucket.ts';
import { expire } from './embedded-s3/expire.ts';
import { guard } from './guard.ts';
import { close, listen } from '../../loopback/listen.ts';

export interface EmbeddedS3 {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly client: S3Client;
  close(): Promise<void>;
}

export interface S3Options {
  /** The objects of a bucket are files below `s3/BUCKET/` in it. */
  readonly dataDir: string;
  readonly buckets: readonly BucketModel[];
  /** Whom it answers. */
  readonly accessKey: string;
  readonly now?: () => number;
  /** Called when objects that are too old cannot be deleted. */
  readonly onError?: (error: unknown) => void;
}

const hourMs = 3_600_000;
/** No bucket can be called so. */
const incomingName = '.incoming';

/**
 * A server of our own for the calls of S3 that store, read, list and delete objects. fauxqs has S3 as well, but holds all objects
 * in memory, writes wherever the dots in a key lead, and takes what it does not know for something else.
 *
 * Whoever starts it has to hold the data folder.
 */
export async function startEmbeddedS3({
  dataDir,
  buckets: models,
  accessKey,
  now = Date.now,
  onError = () => undefined,
}: S3Options): Promise<EmbeddedS3> {
  const folder = s3Folder(dataDir);
  const incoming = path.join(folder, incomingName);
  // What a process left that died while it wrote.
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const buckets = new Map<string, Bucket>();
  for (const { name } of models) {
    await mkdir(path.join(folder, name), { recursive: true, mode: 0o700 });
    buckets.set(name, new Bucket(path.join(folder, name), incoming));
  }
  const expireAll = async () => {
    for (const { name, expirations } of models) {
      const bucket = buckets.get(name);
      if (bucket !== undefined) await expire(bucket, expirations, now());
    }
  };
  await expireAll();

  const server = createServer((request, response) => void answer(request, response, buckets));
  // A function may take its time to make what it sends.
  server.requestTimeout = 0;
  guard(server, accessKey);
  const endpoint = await listen(server);
  const client = await localS3(endpoint, accessKey);
  const timer = setInterval(() => void expireAll().catch(onError), hourMs).unref();
  return {
    endpoint,
    client,
    close: async () => {
      clearInterval(timer);
      client.destroy();
      await close(server);
    },
  };
}

function s3Folder(dataDir: string): string {
  return path.join(dataDir, 's3');
}

/** The buckets that a data folder has, for those who have no template: nothing expires in them. */
export async function storedBuckets(dataDir: string): Promise<BucketModel[]> {
  const folder = s3Folder(dataDir);
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== incomingName)
    .map(({ name }) => ({ name, expirations: [] }));
}
