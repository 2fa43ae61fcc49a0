/**
 * How the objects of the log are named: `changes/mobaro/users/2026-11-30/20261130T094205123Z-<sequence>.ndjson.gz`. The names
 * grow with the time of publishing, so that a list of a stream's objects is in the order in which they are to be read. The
 * folders of days are for engines that read whole days.
 */

import { momentInKey, momentPattern, parseMoment } from './moment-in-key.ts';

const ending = '.ndjson.gz';

export const changesPrefix = 'changes/';

/** Where the objects of a stream are. */
export function changesOf(stream: string): string {
  return `${changesPrefix}${stream}/`;
}

/** @param publishedAt epoch milliseconds @param sequence of its first line, 40 digits: tells objects of one millisecond apart */
export function changeKey(stream: string, publishedAt: number, sequence: string): string {
  return `${beginningAt(stream, publishedAt)}-${sequence}${ending}`;
}

/** What every key of this moment begins with; what was published earlier comes before it, in the order of keys. */
export function beginningAt(stream: string, at: number): string {
  const day = new Date(at).toISOString().slice(0, 10);
  return `${changesOf(stream)}${day}/${momentInKey(at)}`;
}

const keyPattern = new RegExp(String.raw`/${momentPattern}-(\d{40})\.ndjson\.gz$`);

/** @returns null for an object that is none of the log's */
export function readChangeKey(
  key: string,
): { readonly publishedAt: number; readonly sequence: string } | null {
  const [, moment, sequence] = keyPattern.exec(key) ?? [];
  if (moment === undefined || sequence === undefined) return null;
  return { publishedAt: parseMoment(moment), sequence };
}
