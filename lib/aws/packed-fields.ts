import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

import * as z from 'zod';

import type { SchemaField } from '../sync/schema.ts';
import type { ValuesSeen } from '../tables/column-type.ts';
import { noFields, type FieldCounts } from '../tables/field-counts.ts';

/** Fields of rows, packed: their names are much alike, and come again with every page. */

const count = z.int().nonnegative();
/** What all values of a column are, as bits. */
const bits = { fits64: 1, dates: 2, timestamps: 4 } as const;

/** How often each kind came, the bits, and the most digits before and behind the point. */
const seenTuple = z.tuple([count, count, count, count, count, count, count, z.array(count).max(2)]);

const counts = z.tuple([count, z.array(z.tuple([z.string(), seenTuple]))]);
const schemaFields = z.array(
  z.tuple([z.string(), seenTuple, z.number(), z.number(), z.number(), z.boolean()]),
);

/** More of them are not kept: a page of usual rows takes less than a kilobyte. */
const maxBytes = 20_000;
/** In their place. */
const tooMany = Uint8Array.of(0);

/** Nothing takes no byte. */
export function packCounts({ rows, fields }: FieldCounts): Uint8Array {
  if (rows === 0) return new Uint8Array();
  const bytes = packed([rows, [...fields].map(([key, seen]) => [key, tupleOf(seen)])]);
  return bytes.length > maxBytes ? tooMany : bytes;
}

/** @returns null where there were too many @throws Error for what is none of this */
export function unpackCounts(bytes: Uint8Array): FieldCounts | null {
  if (bytes.length === 0) return noFields;
  if (bytes.length === 1) return null;
  const [rows, fields] = counts.parse(unpacked(bytes));
  return { rows, fields: new Map(fields.map(([key, tuple]) => [key, seenOf(tuple)])) };
}

export function packFields(fields: ReadonlyMap<string, SchemaField>): Uint8Array {
  return packed(
    [...fields].map(([key, { seen, share, firstSeen, lastSeen, isGone }]) => [
      ...[key, tupleOf(seen), Number(share.toPrecision(4)), firstSeen, lastSeen, isGone],
    ]),
  );
}

/** @throws Error for what is none of this */
export function unpackFields(bytes: Uint8Array): ReadonlyMap<string, SchemaField> {
  const fields = schemaFields.parse(unpacked(bytes));
  return new Map(
    fields.map(([key, tuple, share, firstSeen, lastSeen, isGone]) => [
      key,
      { seen: seenOf(tuple), share, firstSeen, lastSeen, isGone },
    ]),
  );
}

function tupleOf({ text, boolean, json, whole, fraction, digits, ...seen }: Readonly<ValuesSeen>) {
  const flags = (Object.keys(bits) as (keyof typeof bits)[]).filter((name) => seen[name]);
  const sum = flags.reduce((found, name) => found + bits[name], 0);
  return [
    seen.rows,
    text,
    boolean,
    json,
    whole,
    fraction,
    sum,
    digits === null ? [] : [digits.before, digits.behind],
  ];
}

function seenOf([rows, text, boolean, json, whole, fraction, sum, [before, behind]]: z.infer<
  typeof seenTuple
>): ValuesSeen {
  const is = (name: keyof typeof bits): boolean => (sum & bits[name]) !== 0;
  return {
    ...{ rows, text, boolean, json, whole, fraction },
    ...{ fits64: is('fits64'), dates: is('dates'), timestamps: is('timestamps') },
    digits: before === undefined || behind === undefined ? null : { before, behind },
  };
}

/** As small as at the slowest quality, to some per cent, in a tenth of a millisecond for a page of usual rows. */
const quality = 5;

function packed(value: unknown): Uint8Array {
  return brotliCompressSync(JSON.stringify(value), {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    },
  });
}

function unpacked(bytes: Uint8Array): unknown {
  return JSON.parse(brotliDecompressSync(bytes).toString());
}
