import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';

import { z } from 'zod';

/** What S3 knows of an object beside its body. */
export interface ObjectFacts {
  /** MD5 of the body, as hexadecimal digits. */
  readonly etag: string;
  /** CRC32 of the body in Base64, which is what the SDK checks by. */
  readonly crc32: string;
  /** Those that are given back as they came: type, encoding, the user's own. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredObject extends ObjectFacts {
  readonly size: number;
  readonly modifiedAt: Date;
}

/**
 * A file is the body, then the facts as JSON, then how many bytes those have. So one rename puts both in place, the body is
 * written as it comes, although what is said of it is known at its end only, and whoever lists reads the end of each file.
 */
const factsSchema = z.object({
  etag: z.string(),
  crc32: z.string(),
  headers: z.record(z.string(), z.string()),
});
const lengthBytes = 4;
/** S3 takes 2 KB of the user's own headers. */
const tailBytes = 4096;

/** Writes a body as it comes, and holds no more of it than that. */
export async function writeObject(
  file: string,
  body: AsyncIterable<Buffer>,
  headers: ObjectFacts['headers'],
): Promise<ObjectFacts & { readonly size: number }> {
  const md5 = createHash('md5');
  let sum = 0;
  let size = 0;
  let facts: ObjectFacts | undefined;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        md5.update(chunk);
        sum = crc32(chunk, sum);
        size += chunk.length;
        yield chunk;
      }
      facts = { etag: md5.digest('hex'), crc32: bigEndian(sum).toString('base64'), headers };
      const json = Buffer.from(JSON.stringify(facts));
      yield Buffer.concat([json, bigEndian(json.length)]);
    },
    createWriteStream(file, { flags: 'wx', mode: 0o600 }),
  );
  if (facts === undefined) throw new Error(`Nothing was written to ${file}`);
  return { ...facts, size };
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** An object, and its file, open: so that whoever reads it has this one to the end, whatever is put in its place. */
export async function openObject(
  file: string,
): Promise<{ readonly object: StoredObject; readonly handle: FileHandle } | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { size, mtime } = await handle.stat();
    const tail = await readEnd(handle, size, tailBytes);
    const length = tail.readUInt32BE(tail.length - lengthBytes);
    const end = length + lengthBytes;
    const json = (end <= tail.length ? tail : await readEnd(handle, size, end)).subarray(-end, -lengthBytes);
    const facts = factsSchema.parse(JSON.parse(json.toString()));
    return { object: { ...facts, size: size - end, modifiedAt: mtime }, handle };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export async function statObject(file: string): Promise<StoredObject | undefined> {
  const opened = await openObject(file);
  await opened?.handle.close();
  return opened?.object;
}

async function readEnd(handle: FileHandle, size: number, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.min(size, count));
  await handle.read(bytes, 0, bytes.length, size - bytes.length);
  return bytes;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
