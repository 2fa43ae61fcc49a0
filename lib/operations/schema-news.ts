import { isMisfit, type FieldChange, type Schema } from '../sync/schema.ts';
import { fieldChangeInWords } from './sent-events.ts';

/** What has lately changed of the fields of a stream's rows. */
export interface SchemaNews extends FieldChange {
  readonly stream: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
}

/** So long it is news. */
const newsMs = 7 * 86_400_000;

/** Oldest first. Pure. @param now epoch milliseconds */
export function newsOf(schema: Schema | undefined, now: number): readonly SchemaNews[] {
  if (schema === undefined) return [];
  const lately = schema.changes.filter(({ at }) => now - at <= newsMs);
  return lately.map(({ at, kind, field, from, to }) => ({
    ...{ stream: schema.stream, at: new Date(at).toISOString(), kind, field, from, to },
  }));
}

/**
 * In one line; null where there is none. Of a field the last that has become of it, and first what a table may refuse: that is a
 * ticket, and is named however much else there is. Pure.
 *
 * @param max others that are named
 */
export function newsInWords(news: readonly SchemaNews[], max: number): string | null {
  const misfits = lastOfEach(news.filter(isMisfit));
  const rest = lastOfEach(news).filter((one) => !misfits.includes(one));
  const named = [...misfits, ...rest.slice(0, max)];
  if (named.length === 0) return null;
  const more = rest.length - Math.min(rest.length, max);
  const words = named.map((one) => `${fieldChangeInWords(one)} since ${one.at.slice(0, 16)}Z`);
  return [...words, ...(more === 0 ? [] : [`${more.toLocaleString('en-US')} more (explain)`])].join('; ');
}

/** The newest first; of one moment in the order in which they were found. */
function lastOfEach(news: readonly SchemaNews[]): readonly SchemaNews[] {
  const last = [...new Map(news.map((one) => [one.field, one])).values()];
  return last.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
