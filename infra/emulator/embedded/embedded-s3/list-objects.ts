import type { Bucket, FoundKey } from './bucket.ts';
import { statObject, type StoredObject } from './object-file.ts';

export interface ListQuery {
  readonly prefix: string;
  /** What comes between it and the prefix is one entry, and told once. */
  readonly delimiter: string;
  readonly after: string;
  /** After is the end of the page before, which has told its own entry already. */
  readonly isContinued: boolean;
  readonly maxKeys: number;
}

export interface Listing {
  readonly objects: readonly (StoredObject & { readonly key: string })[];
  readonly prefixes: readonly string[];
  readonly count: number;
  /** Where the next page goes on; null at the end. */
  readonly next: string | null;
}

/** Not all at once: a page has a thousand. */
const filesAtOnce = 16;

export async function listObjects(bucket: Bucket, query: ListQuery): Promise<Listing> {
  const { prefix, after, maxKeys } = query;
  const keys: FoundKey[] = [];
  const prefixes: string[] = [];
  let next: string | null = null;
  let last = '';
  if (maxKeys > 0) {
    for await (const found of bucket.keys(prefix, after)) {
      const key = found.key.toString();
      const group = groupOf(key, query);
      if (group !== null && (group === prefixes.at(-1) || (query.isContinued && group === after))) continue;
      if (keys.length + prefixes.length === maxKeys) {
        next = last;
        break;
      }
      if (group === null) keys.push(found);
      else prefixes.push(group);
      last = group ?? key;
    }
  }
  const objects = await inspect(keys);
  return { objects, prefixes, count: objects.length + prefixes.length, next };
}

function groupOf(key: string, { prefix, delimiter }: ListQuery): string | null {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? null : key.slice(0, end + delimiter.length);
}

/** Without those that have just been deleted. */
async function inspect(keys: readonly FoundKey[]): Promise<Listing['objects']> {
  const objects: (StoredObject & { key: string })[] = [];
  for (let first = 0; first < keys.length; first += filesAtOnce) {
    const some = keys.slice(first, first + filesAtOnce).map(async ({ key, file }) => {
      const object = await statObject(file);
      return object === undefined ? [] : [{ ...object, key: key.toString() }];
    });
    objects.push(...(await Promise.all(some)).flat());
  }
  return objects;
}
