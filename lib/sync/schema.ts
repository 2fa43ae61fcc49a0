import { nameOf, pathOf } from '../tables/cells.ts';
import { typeInWords, typeOf, widened, type ColumnType, type Seen } from '../tables/column-type.ts';
import { collapsing, maxFields, rekeyed, type FieldCounts } from '../tables/field-counts.ts';

/** What is known of the rows of a stream: the fields that its runs were given. Names, types and counts, and never a value. */
export interface Schema {
  readonly stream: string;
  /** Counts the writes, as that of a checkpoint does. */
  readonly revision: number;
  /** The last run that was learned from. */
  readonly run: string;
  /** When its end was, epoch milliseconds. */
  readonly learnedAt: number;
  /** What the rows were requested and kept with: with something else other fields come, and that is no news. */
  readonly definition: string;
  /** Rows that `filled` counts in: those of the last whole run, or of a stream that is given only what is new, all so far. */
  readonly rows: number;
  /** By path, as `pathKey` writes it. */
  readonly fields: ReadonlyMap<string, SchemaField>;
  /** The last ones, oldest first. */
  readonly changes: readonly SchemaChange[];
}

export interface SchemaField {
  /** What all values so far fit into. */
  readonly type: ColumnType;
  readonly filled: number;
  /** Epoch milliseconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** It has been told that it comes no more. */
  readonly isGone: boolean;
}

export interface SchemaChange {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly run: string;
  readonly kind: 'added' | 'gone' | 'type';
  /** `work.title` */
  readonly field: string;
  /** The types before and after; null where there was or is none. */
  readonly from: ColumnType | null;
  readonly to: ColumnType | null;
}

/** A run whose fields are known. */
export interface RunFields {
  readonly run: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly definition: string;
  /**
   * `all`: it was given every row, so that a field that did not come is not there. `some`: it was to be, and was not.
   * `news`: the stream is given only what is new.
   */
  readonly gave: 'all' | 'some' | 'news';
  readonly counts: FieldCounts;
}

/** So many are kept with a stream. */
export const maxChanges = 50;

/** At its former share of the rows a field that came in none of them would have come in so many: that is no chance. */
const minMissed = 5;

/**
 * What is known of a stream's rows after one more run, and what of that is news. Of the first run, and of the first one of
 * another definition, nothing is. Pure.
 */
export function learn(
  before: Schema | undefined,
  stream: string,
  { run, at, definition, gave, counts: given }: RunFields,
): { readonly schema: Schema; readonly changes: readonly SchemaChange[] } {
  // Of both together, so that keys which have become too many are no news, and neither are a few of those that were.
  const keyFor = collapsing([...(before?.fields.keys() ?? []), ...given.fields.keys()]);
  const known = folded(before?.fields ?? new Map<string, SchemaField>(), keyFor);
  const counts = rekeyed(given, keyFor);
  const isAnew = before?.definition !== definition;
  const fields = new Map<string, SchemaField>();
  const news: SchemaChange[] = [];
  const take = (key: string, { field, change }: Learned): void => {
    fields.set(key, field);
    if (change !== null && !isAnew) news.push({ ...change, at, run, field: nameOf(pathOf(key)) });
  };
  for (const [key, field] of known) {
    const seen = counts.fields.get(key);
    if (seen !== undefined && isAnew)
      take(key, { field: { ...fieldOf(seen, at), firstSeen: field.firstSeen }, change: null });
    else if (seen !== undefined) take(key, withMore(field, seen, gave, at));
    // Of another definition nothing is left that does not come.
    else if (!isAnew)
      take(key, gave === 'all' ? withNone(field, (counts.rows * field.filled) / before.rows) : same(field));
  }
  for (const [key, seen] of counts.fields) {
    if (known.has(key) || fields.size >= maxFields) continue;
    const field = fieldOf(seen, at);
    take(key, { field, change: { kind: 'added', from: null, to: field.type } });
  }
  const rows =
    isAnew || gave === 'all' ? counts.rows : gave === 'news' ? before.rows + counts.rows : before.rows;
  const changes = [...(isAnew ? [] : before.changes), ...news].slice(-maxChanges);
  const revision = before?.revision ?? 0;
  return {
    changes: news,
    schema: { stream, revision, run, learnedAt: at, definition, rows, fields, changes },
  };
}

/** A field after a run, and what of it is news. */
interface Learned {
  readonly field: SchemaField;
  readonly change: Pick<SchemaChange, 'kind' | 'from' | 'to'> | null;
}

function same(field: SchemaField): Learned {
  return { field, change: null };
}

function fieldOf(seen: Readonly<Seen>, at: number): SchemaField {
  return { type: typeOf(seen), filled: seen.rows, firstSeen: at, lastSeen: at, isGone: false };
}

function withMore(before: SchemaField, seen: Readonly<Seen>, gave: RunFields['gave'], at: number): Learned {
  const type = widened(before.type, typeOf(seen));
  const filled = { all: seen.rows, some: before.filled, news: before.filled + seen.rows }[gave];
  const field = { ...before, type, filled, lastSeen: at, isGone: false };
  if (before.isGone) return { field, change: { kind: 'added', from: null, to: type } };
  const isSame = typeInWords(type) === typeInWords(before.type);
  return { field, change: isSame ? null : { kind: 'type', from: before.type, to: type } };
}

/** @param missed rows that would have had it, by its former share */
function withNone(before: SchemaField, missed: number): Learned {
  const goes = !before.isGone && missed >= minMissed;
  const field = { ...before, filled: 0, isGone: before.isGone || goes };
  return { field, change: goes ? { kind: 'gone', from: before.type, to: null } : null };
}

/** Those that come to have the same key are one. */
function folded(
  fields: ReadonlyMap<string, SchemaField>,
  keyFor: (key: string) => string,
): ReadonlyMap<string, SchemaField> {
  const found = new Map<string, SchemaField>();
  for (const [key, field] of fields) {
    const other = found.get(keyFor(key));
    found.set(
      keyFor(key),
      other === undefined
        ? field
        : {
            type: widened(other.type, field.type),
            filled: other.filled + field.filled,
            firstSeen: Math.min(other.firstSeen, field.firstSeen),
            lastSeen: Math.max(other.lastSeen, field.lastSeen),
            isGone: other.isGone && field.isGone,
          },
    );
  }
  return found;
}
