import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

import * as z from 'zod';

import type { SchemaField } from '../sync/schema.ts';
import { nothingSeen, type ColumnType, type Seen } from '../tables/column-type.ts';
import { noFields, type FieldCounts } from '../tables/field-counts.ts';

/** Fields of rows, packed: their names are much alike, and come again with every page. */

const count = z.int().nonnegative();
/** What all values of a column are, as bits. */
const bits = { fits64: 1, dates: 2, timestamps: 4 } as const;

const counts = z.tuple([
  count,
  z.array(z.tuple([z.string(), count, count, count, count, count, count, count, z.array(count).max(2)])),
]);

/** Nothing takes no byte. */
export function packCounts({ rows, fields }: FieldCounts): Uint8Array {
  if (rows === 0) return new Uint8Array();
  return packed([
    rows,
    [...fields].map(([key, { text, boolean, json, whole, fraction, digits, ...seen }]) => {
      const flags = (Object.keys(bits) as (keyof typeof bits)[]).filter((name) => seen[name]);
      const sum = flags.reduce((found, name) => found + bits[name], 0);
      const both = digits === null ? [] : [digits.before, digits.behind];
      return [key, seen.rows, text, boolean, json, whole, fraction, sum, both];
    }),
  ]);
}

/** @throws Error for what is none of this */
export function unpackCounts(bytes: Uint8Array): FieldCounts {
  if (bytes.length === 0) return noFields;
  const [rows, fields] = counts.parse(unpacked(bytes));
  return {
    rows,
    fields: new Map(
      fields.map(([key, filled, text, boolean, json, whole, fraction, sum, [before, behind]]) => {
        const is = (name: keyof typeof bits): boolean => (sum & bits[name]) !== 0;
        const seen: Seen = {
          ...nothingSeen(),
          ...{ rows: filled, text, boolean, json, whole, fraction },
          ...{ fits64: is('fits64'), dates: is('dates'), timestamps: is('timestamps') },
          digits: before === undefined || behind === undefined ? null : { before, behind },
        };
        return [key, seen];
      }),
    ),
  };
}

export const columnType: z.ZodType<ColumnType> = z.union([
  z.object({ kind: z.enum(['text', 'mixed', 'boolean', 'json', 'integer', 'date', 'timestamp']) }),
  z.object({ kind: z.literal('decimal'), scale: count }),
]);

const schemaFields = z.array(z.tuple([z.string(), columnType, count, z.number(), z.number(), z.boolean()]));

export function packFields(fields: ReadonlyMap<string, SchemaField>): Uint8Array {
  return packed(
    [...fields].map(([key, { type, filled, firstSeen, lastSeen, isGone }]) => [
      ...[key, type, filled, firstSeen, lastSeen, isGone],
    ]),
  );
}

/** @throws Error for what is none of this */
export function unpackFields(bytes: Uint8Array): ReadonlyMap<string, SchemaField> {
  const fields = schemaFields.parse(unpacked(bytes));
  return new Map(
    fields.map(([key, type, filled, firstSeen, lastSeen, isGone]) => [
      key,
      { type, filled, firstSeen, lastSeen, isGone },
    ]),
  );
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
