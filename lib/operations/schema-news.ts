import type { FieldChange, Schema } from '../sync/schema.ts';
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

/** In one line; null where there is none. Pure. @param max so many are named */
export function newsInWords(news: readonly SchemaNews[], max: number): string | null {
  const [first] = news;
  if (first === undefined) return null;
  // The newest are what a person has not seen yet.
  const named = news.slice(-max).map(fieldChangeInWords);
  const others = news.length - named.length;
  const more = others === 0 ? [] : [`${others.toLocaleString('en-US')} more`];
  return `since ${first.at} ${[...named, ...more].join(', ')}`;
}
