import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { readBusEvent, type PagekeeperEvent } from '../../../lib/operations/sent-events.ts';
import { keptEventsName } from '../../emulator/embedded/kept-events.ts';
import type { EventReader } from './event-reader.ts';

/** Of a laptop: from the file in the data folder, which the running `npm start` goes on writing. */
export class KeptEventReader implements EventReader {
  readonly #file: string;
  readonly #since: number;
  /** Which file it was, and how far it has been read. */
  #read = { file: '', bytes: 0 };
  /** The line that was read last. */
  #last = '';

  /** @param since epoch milliseconds */
  constructor(dataDir: string, since: number) {
    this.#file = path.join(dataDir, keptEventsName);
    this.#since = since;
  }

  async next(): Promise<readonly PagekeeperEvent[]> {
    const lines = await this.#newLines();
    this.#last = lines.at(-1) ?? this.#last;
    return lines
      .flatMap((line) => eventIn(line) ?? [])
      .filter(({ detail }) => Date.parse(detail.at) >= this.#since);
  }

  async #newLines(): Promise<readonly string[]> {
    let handle: FileHandle;
    try {
      handle = await open(this.#file);
    } catch (error) {
      // Nothing has been sent yet, or it begins anew.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
    try {
      return await this.#linesOf(handle);
    } finally {
      await handle.close();
    }
  }

  async #linesOf(handle: FileHandle): Promise<readonly string[]> {
    const { ino, birthtimeMs, size } = await handle.stat();
    const file = `${String(ino)} ${String(birthtimeMs)}`;
    // Its older half has been dropped, or all of it: then there is another one in its place.
    const isAnother = file !== this.#read.file || size < this.#read.bytes;
    const from = isAnother ? 0 : this.#read.bytes;
    const content = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(content, 0, content.length, from);
    // A line that is being written is read when it is whole.
    const whole = content.subarray(0, content.subarray(0, bytesRead).lastIndexOf('\n') + 1);
    this.#read = { file, bytes: from + whole.length };
    const lines = whole.toString().split('\n').slice(0, -1);
    return isAnother ? lines.slice(lines.lastIndexOf(this.#last) + 1) : lines;
  }
}

function eventIn(line: string): PagekeeperEvent | null {
  try {
    return readBusEvent(JSON.parse(line));
  } catch {
    return null;
  }
}
