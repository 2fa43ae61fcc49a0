import type { Schema, SchemaChange } from '../sync/schema.ts';
import { typeInWords } from '../tables/column-type.ts';
import { fieldChangeInWords } from './sent-events.ts';

/** What has lately changed of the fields of a stream's rows. Times are ISO 8601 in UTC. */
export interface SchemaNews {
  readonly stream: string;
  readonly at: string;
  readonly kind: SchemaChange['kind'];
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** So long it is news. */
const newsMs = 7 * 86_400_000;

/** Oldest first. Pure. @param now epoch milliseconds */
export function newsOf(schema: Schema | undefined, now: number): readonly SchemaNews[] {
  if (schema === undefined) return [];
  const lately = schema.changes.filter(({ at }) => now - at <= newsMs);
  return lately.map(({ at, kind, field, from, to }) => ({
    ...{ stream: schema.stream, at: new Date(at).toISOString(), kind, field },
    ...{ from: from && typeInWords(from), to: to && typeInWords(to) },
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
