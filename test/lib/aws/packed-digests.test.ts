import { describe, expect, it } from 'vitest';

import { PackedDigests } from '../../../lib/aws/packed-digests.ts';
import { digestOf } from '../../../lib/paging/digest.ts';

const bytesOf = (...digests: readonly string[]): Buffer =>
  Buffer.concat(digests.map((digest) => Buffer.from(digest, 'base64url')));

/** The digest of these eight bytes. */
const digestWith = (...bytes: readonly number[]): string => Buffer.from(bytes).toString('base64url');

const zero = digestWith(0, 0, 0, 0, 0, 0, 0, 0);
const all = digestWith(255, 255, 255, 255, 255, 255, 255, 255);
const first = digestWith(1, 0, 0, 0, 0, 0, 0, 0);
const last = digestWith(0, 0, 0, 0, 0, 0, 0, 1);
const high = digestWith(0, 0, 0, 0, 0, 0, 0, 128);
/** One more and one less than 2^53: as numbers with a point they would be one. */
const [above, below] = [digestWith(1, 0, 0, 0, 0, 0, 32, 0), digestWith(0, 0, 0, 0, 0, 0, 32, 0)];
const special = [zero, all, first, last, high, above, below];

describe('packed digests', () => {
  it.each([
    ['none', []],
    ['one', [zero]],
    ['one of all ones', [all]],
    ['two that differ in the first byte', [zero, first]],
    ['two that differ in the last byte', [last, zero]],
    ['two that a floating point number could not tell apart', [above, below]],
    ['the greatest and the smallest', [all, zero]],
    ['all of these', special],
    ['all of these, backwards', special.toReversed()],
    ['all of these, twice', [...special, ...special]],
    ['the same five times', [high, high, high, high, high]],
  ])('know those that have come and no other: %s', (_, digests) => {
    const packed = new PackedDigests(100);
    for (const digest of digests) packed.add(bytesOf(digest));
    const seen = packed.sorted();
    expect(special.filter((digest) => seen.has(digest))).toEqual(
      special.filter((digest) => digests.includes(digest)),
    );
    expect(seen.size).toBe(new Set(digests).size);
    expect(seen.has(digestOf('another'))).toBe(false);
  });

  it('know ten thousand, whatever order they come in', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `row-${(index * 7919) % 10_000}`);
    const packed = new PackedDigests(10_000);
    packed.add(bytesOf(...ids.map(digestOf)));
    const seen = packed.sorted();
    expect(seen.size).toBe(10_000);
    expect(ids.every((id) => seen.has(digestOf(id)))).toBe(true);
    expect(ids.some((id) => seen.has(digestOf(`${id}x`)))).toBe(false);
  });

  it.each([
    ['as many as fit, one by one', [1, 1, 1, 1], false],
    ['as many as fit, at once', [4], false],
    ['one more', [4, 1], true],
    ['one more, at once', [5], true],
    ['what fits no more, and then what would', [3, 2, 1], true],
    ['nothing at all, when they are full', [4, 0], false],
  ])('have room for so many and no more: %s', (_, counts, isFull) => {
    const packed = new PackedDigests(4);
    for (const [place, count] of counts.entries()) {
      packed.add(bytesOf(...Array.from({ length: count }, (__, index) => digestOf(`${place} ${index}`))));
    }
    expect(packed.isFull).toBe(isFull);
  });

  it('take no bytes that make no digest', () => {
    const packed = new PackedDigests(4);
    packed.add(bytesOf(first, last).subarray(0, 13));
    packed.add(bytesOf(high));
    const seen = packed.sorted();
    expect([seen.size, seen.has(first), seen.has(last), seen.has(high)]).toEqual([2, true, false, true]);
  });

  it('take eight bytes each, and only for those that come', () => {
    const before = process.memoryUsage().arrayBuffers;
    const packed = new PackedDigests(8 * 1024 * 1024);
    packed.add(new Uint8Array(8 * 1000));
    const { size } = packed.sorted();
    expect(size).toBe(1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });
});
