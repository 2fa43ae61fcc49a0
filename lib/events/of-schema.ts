import type { FieldChange, SchemaChange } from '../sync/schema.ts';
import type { SchemaChanged } from './event.ts';

/** A write of a stream's schema with which something of it has changed. */
export interface SchemaWrite {
  readonly stream: string;
  /** That has shown it. */
  readonly run: string;
  /** When its end was, epoch milliseconds. */
  readonly learnedAt: number;
  readonly changes: readonly SchemaChange[];
  /** Changes that are not among them, for there are too many. */
  readonly more: number;
}

/** Pure. */
export function schemaChanged(
  { stream, run, learnedAt, changes, more }: SchemaWrite,
  deployment: string,
): SchemaChanged {
  return {
    id: `schema/${stream}/${run}`,
    ...{ deployment, stream, at: new Date(learnedAt).toISOString(), run, more },
    changes: changes.map(({ kind, field, from, to }): FieldChange => ({ kind, field, from, to })),
  };
}
