import type { Seen } from '../sync/ports.ts';

/** A digest is 8 bytes; in 11 characters of base64url it travels, in bytes it is stored and kept in memory. */
export const digestBytes = 8;

export function bytesOf(digest: string): Uint8Array {
  return Buffer.from(digest, 'base64url');
}

/**
 * Digests as 64-bit numbers: 8 bytes each, where a `Set` of their characters takes about 60. They are taken in as they come,
 * and then sorted and looked up in the same place, so that there is never a second copy of them.
 */
export class PackedDigests {
  readonly #buffer: ArrayBuffer;
  #isFull = false;

  /** @param max digests there is room for; memory is taken only for those that come */
  constructor(max: number) {
    this.#buffer = new ArrayBuffer(0, { maxByteLength: max * digestBytes });
  }

  /** There was no room for some that came. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @param digests one after the other, 8 bytes each */
  add(digests: Uint8Array): void {
    const start = this.#buffer.byteLength;
    const length = digests.length - (digests.length % digestBytes);
    this.#isFull ||= start + length > this.#buffer.maxByteLength;
    if (this.#isFull) return;
    this.#buffer.resize(start + length);
    new Uint8Array(this.#buffer, start, length).set(digests.subarray(0, length));
  }

  /** What has been taken in. Nothing may be added any more. */
  sorted(): Seen {
    const numbers = new BigUint64Array(this.#buffer).sort();
    return { size: differentIn(numbers), has: (digest) => holds(numbers, numberOf(digest)) };
  }
}

/** Of the byte order that the numbers above have. */
function numberOf(digest: string): bigint {
  const bytes = new Uint8Array(digestBytes);
  bytes.set(bytesOf(digest).subarray(0, digestBytes));
  return new BigUint64Array(bytes.buffer)[0] ?? 0n;
}

function differentIn(sorted: BigUint64Array): number {
  let size = 0;
  let last: bigint | null = null;
  for (const number of sorted) {
    if (number !== last) size += 1;
    last = number;
  }
  return size;
}

function holds(sorted: BigUint64Array, wanted: bigint): boolean {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? 0n) < wanted) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === wanted;
}
