import type { StoredRecord } from '../sync/record.ts';

/** Where stored records can be read from, a page of them in memory at a time. */
export interface RecordSource {
  /** All records of one stream, ordered by id as bytes. */
  scan(stream: string): AsyncIterable<StoredRecord>;
}

export type RecordFormat = 'ndjson' | 'json' | 'csv';
export const recordFormats: readonly RecordFormat[] = ['ndjson', 'json', 'csv'];

/**
 * The stored records of a stream as text, piece by piece, each piece whole lines: `ndjson` one object a line, `json` one
 * array, `csv` with a header (RFC 4180). The vendor's JSON goes through untouched, so every digit of it survives. Deleted
 * records are there, too: they alone have a `deletedAt`, and once their content is erased, `null` for data.
 */
export async function* listRecords(
  source: RecordSource,
  stream: string,
  format: RecordFormat,
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield csvHeader;
  if (format === 'json') yield '[';
  let first = true;
  for await (const record of source.scan(stream)) {
    if (format === 'csv') yield csvLine(record);
    else if (format === 'ndjson') yield `${asJson(record)}\n`;
    else yield `${first ? '\n' : ',\n'}${asJson(record)}`;
    first = false;
  }
  if (format === 'json') yield first ? ']\n' : '\n]\n';
}

const csvHeader = 'id,firstSeenAt,changedAt,deletedAt,data\r\n';

function csvLine({ id, firstSeenAt, changedAt, deletedAt, json }: StoredRecord): string {
  return `${[id, firstSeenAt, changedAt, deletedAt ?? '', json ?? ''].map(csvField).join(',')}\r\n`;
}

/** Parsing and writing `json` again would round its numbers: it is put in as it is. */
function asJson({ stream, id, json, firstSeenAt, changedAt, deletedAt }: StoredRecord): string {
  const tail = [
    `"firstSeenAt":${JSON.stringify(firstSeenAt)}`,
    `"changedAt":${JSON.stringify(changedAt)}`,
    ...(deletedAt === null ? [] : [`"deletedAt":${JSON.stringify(deletedAt)}`]),
  ].join(',');
  return `{"stream":${JSON.stringify(stream)},"id":${JSON.stringify(id)},"data":${json ?? 'null'},${tail}}`;
}

/**
 * A spreadsheet runs a cell that begins with one of these as a formula, and the text comes from the vendor's users: an
 * apostrophe in front makes it text (OWASP, "CSV Injection").
 */
const formulaStart = /^[=+\-@\t\r]/;

export function csvField(text: string): string {
  const harmless = formulaStart.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
