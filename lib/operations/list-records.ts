import { recordLine } from '../changes/record-line.ts';
import type { StoredRecord } from '../sync/record.ts';

/** Where stored records can be read from, a page of them in memory at a time. */
export interface RecordSource {
  /** All records of one stream, ordered by id as bytes. */
  scan(stream: string): AsyncIterable<StoredRecord>;
}

export interface RecordFinder {
  /** Those that are there, in the order of the ids, each once. */
  find(stream: string, ids: readonly string[]): AsyncIterable<StoredRecord>;
}

export type RecordFormat = 'ndjson' | 'json' | 'csv';
export const recordFormats: readonly RecordFormat[] = ['ndjson', 'json', 'csv'];

/**
 * The stored records of a stream as text, piece by piece, each piece whole lines: `ndjson` one object a line, `json` one
 * array, `csv` with a header and every field in quotes (RFC 4180). The vendor's JSON goes through untouched, so every digit of it survives. Deleted
 * records are there, too: they alone have a `deletedAt`, and once their content is erased, `null` for data.
 */
export async function* listRecords(
  source: RecordSource,
  stream: string,
  format: RecordFormat,
  delimiter = ',',
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield csvLine(csvHeader.map(csvField), delimiter);
  if (format === 'json') yield '[';
  let first = true;
  for await (const record of source.scan(stream)) {
    if (format === 'csv') yield csvLine(fieldsOf(record).map(csvField), delimiter);
    else if (format === 'ndjson') yield `${recordLine(record)}\n`;
    else yield `${first ? '\n' : ',\n'}${recordLine(record)}`;
    first = false;
  }
  if (format === 'json') yield first ? ']\n' : '\n]\n';
}

/** Of a csv: a character that a field in quotes cannot be mistaken for. */
export function isDelimiter(text: string): boolean {
  return /^(?:[\p{P}\p{S} ]|\t)$/u.test(text) && text !== '"';
}

const csvHeader = ['id', 'firstSeenAt', 'changedAt', 'deletedAt', 'data'];

function fieldsOf({ id, firstSeenAt, changedAt, deletedAt, json }: StoredRecord): readonly string[] {
  return [id, firstSeenAt, changedAt, deletedAt ?? '', json ?? ''];
}

/** @param fields as they are to stand there, in quotes where they need them */
export function csvLine(fields: readonly string[], delimiter = ','): string {
  return `${fields.join(delimiter)}\r\n`;
}

/**
 * A spreadsheet runs a cell that begins with one of these as a formula, and the text comes from the vendor's users: an
 * apostrophe in front makes it text (OWASP, "CSV Injection"). The signs may be full-width or small ones, and blanks and what
 * cannot be seen in front of them are passed over, as some spreadsheets do.
 */
const formulaStart =
  /^(?:[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]*[=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]|[\t\r\n])/u;

/** Always in quotes, so that it stays one field with any separator. */
export function csvField(text: string): string {
  return csvQuoted(formulaStart.test(text) ? `'${text}` : text);
}

/** In quotes, and otherwise as it is: for programs. */
export function csvQuoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
