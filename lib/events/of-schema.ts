import type { SchemaChange } from '../sync/schema.ts';
import { typeInWords } from '../tables/column-type.ts';
import type { FieldChange, SchemaChanged } from './event.ts';

/** A write of a stream's schema with which something of it has changed. */
export interface SchemaWrite {
  readonly stream: string;
  /** That has shown it. */
  readonly run: string;
  /** When its end was, epoch milliseconds. */
  readonly learnedAt: number;
  readonly news: readonly SchemaChange[];
}

/** So many are named: an event takes 1 MB, and nobody reads them all. */
const maxNamed = 200;

/** Pure. */
export function schemaChanged(
  { stream, run, learnedAt, news }: SchemaWrite,
  deployment: string,
): SchemaChanged {
  return {
    id: `schema/${stream}/${run}`,
    ...{ deployment, stream, at: new Date(learnedAt).toISOString(), run },
    changes: news.slice(0, maxNamed).map(toldOf),
    more: Math.max(0, news.length - maxNamed),
  };
}

function toldOf({ kind, field, from, to }: SchemaChange): FieldChange {
  return { kind, field, from: from && typeInWords(from), to: to && typeInWords(to) };
}
