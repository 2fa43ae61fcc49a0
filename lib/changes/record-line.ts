import type { StoredRecord } from '../sync/record.ts';

/** A stored record as one JSON object. Parsing and writing its JSON again would round its numbers: it is put in as it is. */
export function recordLine({ stream, id, json, firstSeenAt, changedAt, deletedAt }: StoredRecord): string {
  const tail = [
    `"firstSeenAt":${JSON.stringify(firstSeenAt)}`,
    `"changedAt":${JSON.stringify(changedAt)}`,
    ...(deletedAt === null ? [] : [`"deletedAt":${JSON.stringify(deletedAt)}`]),
  ].join(',');
  return `{"stream":${JSON.stringify(stream)},"id":${JSON.stringify(id)},"data":${json ?? 'null'},${tail}}`;
}
