import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import { isMissing, openObject, statObject, writeObject, type ObjectFacts } from './object-file.ts';
import { pathOf, pieceOf } from './object-names.ts';
import { noSuchKey, preconditionFailed, S3Error } from './s3-error.ts';

/** What is to be there for a write or a removal to happen. */
export type Condition =
  { readonly kind: 'none' } | { readonly kind: 'absent' } | { readonly kind: 'is'; readonly etag: string };

const unconditional: Condition = { kind: 'none' };

export interface Upload {
  readonly body: AsyncIterable<Buffer>;
  readonly headers: ObjectFacts['headers'];
  readonly condition: Condition;
  /** @throws S3Error if it is not what was promised; then nothing is stored. */
  readonly check: (written: ObjectFacts & { readonly size: number }) => void;
}

export interface FoundKey {
  readonly key: Buffer;
  readonly file: string;
}

/** One bucket: a folder, and below it a file for each object. */
export class Bucket {
  readonly #folder: string;
  readonly #incoming: string;
  /** Of what looks and then changes: nobody else is to come between. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param incoming a folder on the same disk for what is not whole yet. */
  constructor(folder: string, incoming: string) {
    this.#folder = folder;
    this.#incoming = incoming;
  }

  /** A reader sees what was there before, or this one, and never a part of it. */
  async put(key: string, { body, headers, condition, check }: Upload): Promise<ObjectFacts> {
    const file = this.#fileOf(key);
    const temporary = path.join(this.#incoming, randomUUID());
    try {
      const written = await writeObject(temporary, body, headers);
      check(written);
      await this.#inTurn(async () => {
        await mustHold(condition, file);
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        await rename(temporary, file);
      });
      return written;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async open(key: string): ReturnType<typeof openObject> {
    return await openObject(this.#fileOf(key));
  }

  /** Without a condition of what is not there, too. */
  async remove(key: string, condition: Condition = unconditional): Promise<void> {
    await this.removeFile(this.#fileOf(key), condition);
  }

  async removeFile(file: string, condition: Condition = unconditional): Promise<void> {
    await this.#inTurn(async () => {
      await mustHold(condition, file);
      await rm(file, { force: true });
      await this.#removeEmpty(path.dirname(file));
    });
  }

  /** The keys that begin with a prefix and come behind `after`, in the order of their bytes. */
  keys(prefix: string, after = ''): AsyncGenerator<FoundKey> {
    return keysBelow(this.#folder, Buffer.alloc(0), Buffer.from(prefix), Buffer.from(after));
  }

  #fileOf(key: string): string {
    const names = pathOf(key);
    if (names === undefined) throw new S3Error(400, 'KeyTooLongError', 'Your key is too long');
    return path.join(this.#folder, ...names);
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (let empty = folder; empty !== this.#folder; empty = path.dirname(empty)) {
      try {
        await rmdir(empty);
      } catch (error) {
        if (isMissing(error)) continue;
        // Something is still in it.
        return;
      }
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return await done;
  }
}

async function mustHold(condition: Condition, file: string): Promise<void> {
  if (condition.kind === 'none') return;
  const there = await statObject(file);
  if (condition.kind === 'absent') {
    if (there !== undefined) throw preconditionFailed();
  } else if (there === undefined) {
    throw noSuchKey();
  } else if (there.etag !== condition.etag) {
    throw preconditionFailed();
  }
}

/** Reads a folder when it is its turn, so that a page of a long list costs what is on it. */
async function* keysBelow(
  folder: string,
  key: Buffer,
  prefix: Buffer,
  after: Buffer,
): AsyncGenerator<FoundKey> {
  for (const { piece, name } of await piecesIn(folder)) {
    const whole = Buffer.concat([key, piece.key]);
    if (!startsWith(whole, prefix) && !startsWith(prefix, whole)) continue;
    const isBehind = whole.compare(after) > 0;
    const file = path.join(folder, name);
    if (piece.isObject) {
      if (isBehind && startsWith(whole, prefix)) yield { key: whole, file };
    } else if (isBehind || startsWith(after, whole)) {
      yield* keysBelow(file, whole, prefix, after);
    }
  }
}

async function piecesIn(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .flatMap((entry) => {
        const piece = pieceOf(entry.name, entry.isDirectory());
        return piece === undefined ? [] : [{ piece, name: entry.name }];
      })
      .sort((a, b) => a.piece.key.compare(b.piece.key));
  } catch (error) {
    // Its last object has just been deleted.
    if (isMissing(error)) return [];
    throw error;
  }
}

function startsWith(bytes: Buffer, beginning: Buffer): boolean {
  return bytes.subarray(0, beginning.length).equals(beginning);
}
