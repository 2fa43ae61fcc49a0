import { nameOf, pathOf } from '../tables/cells.ts';
import { addSeen, typeInWords, typeOf, type ValuesSeen } from '../tables/column-type.ts';
import { collapsing, hasAnyKey, maxFields, rekeyed, type FieldCounts } from '../tables/field-counts.ts';

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
  /** That is new with this run, which may have begun with the one before: the next run is no news either. */
  readonly isUnsettled: boolean;
  /** By path, as `pathKey` writes it. */
  readonly fields: ReadonlyMap<string, SchemaField>;
  /** The last ones, oldest first. */
  readonly changes: readonly SchemaChange[];
}

export interface SchemaField {
  /** Of all values so far. */
  readonly seen: Readonly<ValuesSeen>;
  /** In so many of the rows it was, 0 to 1, of the last run that gave it. */
  readonly share: number;
  /** Epoch milliseconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** It has been told that it comes no more. */
  readonly isGone: boolean;
}

/** `added`: a new field, or one that comes again. `gone`: it comes no more. `type`: its values do not fit into its type. */
export interface FieldChange {
  readonly kind: 'added' | 'gone' | 'type';
  /** `work.title` */
  readonly field: string;
  /** The types before and after, as `typeInWords` has them; null where there was or is none. One that comes again had one. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface SchemaChange extends FieldChange {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly run: string;
}

/** A run whose fields are known. */
export interface RunFields {
  readonly run: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly definition: string;
  /**
   * `all`: it was given every row, so that a field that did not come is not there. `sample`: so it was, and some of its pages were
   * looked at. `some`: it was to be given every row, and was not. `news`: the stream is given only what is new.
   */
  readonly gave: 'all' | 'sample' | 'some' | 'news';
  /** Of one row at least. */
  readonly counts: FieldCounts;
}

/** So many are kept with a stream. */
export const maxChanges = 50;

/** At its former share of the rows a field that came in none of them would have come in so many: that is no chance. */
const minMissed = 5;

/**
 * What is known of a stream's rows after one more run, and what of that is news. Of the first run, and of the first two of
 * another definition, nothing is. Pure.
 *
 * @returns null where nothing can be learned: a run that was not given everything is no beginning
 */
export function learn(
  before: Schema | undefined,
  stream: string,
  { run, at, definition, gave, counts: given }: RunFields,
): { readonly schema: Schema; readonly changes: readonly SchemaChange[] } | null {
  const isAnew = before?.definition !== definition;
  const isQuiet = isAnew || before.isUnsettled;
  if (isQuiet && gave === 'some') return null;
  // Of both together, so that keys which have become too many are no news, and neither are a few of those that were.
  const keyFor = collapsing([...(before?.fields.keys() ?? []), ...given.fields.keys()]);
  const known = folded(before?.fields ?? new Map<string, SchemaField>(), keyFor);
  const counts = rekeyed(given, keyFor);
  const fields = new Map<string, SchemaField>();
  const news: SchemaChange[] = [];
  const take = (key: string, { field, changes }: Learned): void => {
    fields.set(key, field);
    if (isQuiet) return;
    for (const change of changes) news.push({ ...change, field: nameOf(pathOf(key)), at, run });
  };
  for (const [key, field] of known) {
    const seen = counts.fields.get(key);
    if (seen !== undefined && !isQuiet) take(key, withMore(key, field, seen, { gave, counts, at }));
    else if (seen !== undefined)
      take(key, same({ ...fieldOf(seen, counts, at), firstSeen: field.firstSeen }));
    // Of another definition nothing is left that does not come.
    else if (!isQuiet) take(key, gave === 'all' ? withNone(field, counts.rows * field.share) : same(field));
  }
  for (const [key, seen] of counts.fields) {
    if (known.has(key) || fields.size >= maxFields) continue;
    const field = fieldOf(seen, counts, at);
    take(key, { field, changes: [{ kind: 'added', from: null, to: typeInWords(typeOf(seen)) }] });
  }
  // A name that has come to be data is not kept as one that has changed.
  const names = new Set([...fields.keys()].map((key) => nameOf(pathOf(key))));
  const earlier = isQuiet ? [] : before.changes.filter(({ field }) => names.has(field));
  return {
    changes: news,
    schema: {
      ...{ stream, run, definition, fields, learnedAt: at, revision: before?.revision ?? 0 },
      isUnsettled: isAnew && before !== undefined,
      changes: lastOf([...earlier, ...news]),
    },
  };
}

/** However much else has changed, what a table may refuse is kept: on-call is told to look for it here. */
function lastOf(changes: readonly SchemaChange[]): readonly SchemaChange[] {
  const misfits = changes.filter(isMisfit).slice(-maxChanges);
  const others = changes.filter((change) => !isMisfit(change));
  const kept = new Set([
    ...misfits,
    ...others.slice(Math.max(0, others.length - maxChanges + misfits.length)),
  ]);
  return changes.filter((change) => kept.has(change));
}

/** A value has come that a table which was made before does not take; more digits behind the point are no such thing. */
export function isMisfit({ kind, from, to }: FieldChange): boolean {
  const nameIn = (type: string | null): string => type?.replace(/\(.*/, '') ?? '';
  return kind === 'type' && nameIn(from) !== nameIn(to);
}

/** A field after a run, and what of it is news. */
interface Learned {
  readonly field: SchemaField;
  readonly changes: readonly Omit<FieldChange, 'field'>[];
}

function same(field: SchemaField): Learned {
  return { field, changes: [] };
}

function fieldOf(seen: Readonly<ValuesSeen>, counts: FieldCounts, at: number): SchemaField {
  return { seen, share: shareOf(seen, counts), firstSeen: at, lastSeen: at, isGone: false };
}

function withMore(
  key: string,
  before: SchemaField,
  more: Readonly<ValuesSeen>,
  { gave, counts, at }: Pick<RunFields, 'gave' | 'counts' | 'at'>,
): Learned {
  const seen = { ...before.seen };
  addSeen(seen, more);
  const [from, to] = [before.seen, seen].map((one) => typeInWords(typeOf(one))) as [string, string];
  const share = gave === 'some' ? before.share : shareOf(more, counts);
  const field = { ...before, seen, share, lastSeen: at, isGone: false };
  // Values of many keys together have no type that a table has.
  const isOther = from !== to && !hasAnyKey(key);
  return {
    field,
    changes: [
      ...(before.isGone ? [{ kind: 'added', from, to } as const] : []),
      ...(isOther ? [{ kind: 'type', from, to } as const] : []),
    ],
  };
}

/** @param missed rows that would have had it, by its former share */
function withNone(before: SchemaField, missed: number): Learned {
  if (before.isGone || missed < minMissed) return same(before);
  const from = typeInWords(typeOf(before.seen));
  return { field: { ...before, isGone: true }, changes: [{ kind: 'gone', from, to: null }] };
}

function shareOf(seen: Readonly<ValuesSeen>, { rows }: FieldCounts): number {
  return Math.min(1, seen.rows / rows);
}

/** Those that come to have the same key are one. */
function folded(
  fields: ReadonlyMap<string, SchemaField>,
  keyFor: (key: string) => string,
): ReadonlyMap<string, SchemaField> {
  const found = new Map<string, SchemaField>();
  for (const [key, field] of fields) {
    const other = found.get(keyFor(key));
    found.set(keyFor(key), other === undefined ? field : together(other, field));
  }
  return found;
}

function together(one: SchemaField, other: SchemaField): SchemaField {
  const seen = { ...one.seen };
  addSeen(seen, other.seen);
  return {
    seen,
    share: Math.min(1, one.share + other.share),
    firstSeen: Math.min(one.firstSeen, other.firstSeen),
    lastSeen: Math.max(one.lastSeen, other.lastSeen),
    isGone: one.isGone && other.isGone,
  };
}
