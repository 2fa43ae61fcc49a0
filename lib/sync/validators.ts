import { createHash } from 'node:crypto';

import type { Claimed, KnownList, Validators } from './checkpoint.ts';
import type { Context } from './context.ts';

/**
 * Conditional requests (RFC 9110, 13) of a list that comes in one answer: where nothing has changed since a run that stored
 * everything, the vendor says so (304), and nothing is read. Pure.
 */

/** So often the list is read all the same, so that a 304 that is wrong hides nothing for longer. */
export const wholeListEveryMs = 86_400_000;

/**
 * Those that a page is requested with; null where the whole list is to come. Only the first try of a run's first page has them: behind
 * any other, rows of a later list may be stored already.
 */
export function validatorsFor(claimed: Claimed, context: Context): KnownList | null {
  const { validators, attempt, position, progress } = claimed;
  if (context.stream.definition.conditional !== true || validators === null) return null;
  const isFirst = attempt === 1 && position === null && progress.pages === 0;
  const isSame = validators.fingerprint === listFingerprint(context);
  const isRecent = progress.startedAt - validators.wholeAt < wholeListEveryMs;
  return isFirst && isSame && isRecent ? validators : null;
}

export function conditionsOf({ etag, lastModified }: Validators): Readonly<Record<string, string>> {
  if (etag !== null) return { 'if-none-match': etag };
  return lastModified === null ? {} : { 'if-modified-since': lastModified };
}

/** Another key, definition or choice of what is kept may show other rows of the same list. */
export function listFingerprint({ stream, requestFingerprint }: Context): string {
  const { definition, settings } = stream;
  const { volatile, cap, id } = definition;
  const parts = [requestFingerprint, volatile, cap, id, settings.omit, settings.mask];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}

/** A list may change once more within the second that its time names: so long after it that is unlikely even where clocks differ. */
const minAgeMs = 60_000;

/** More than any real vendor has, and no more than a checkpoint takes. */
const maxTag = 512;

/** @returns null where the answer has none that can be relied on */
export function validatorsIn(headers: Readonly<Record<string, string>>): Validators | null {
  const { etag, 'last-modified': modified, date } = headers;
  const isTag = etag !== undefined && etag.length <= maxTag && /^(W\/)?"[\x21\x23-\x7e]*"$/.test(etag);
  if (isTag) return { etag, lastModified: null };
  if (modified === undefined || date === undefined || modified.length > maxTag) return null;
  return Date.parse(date) - Date.parse(modified) >= minAgeMs ? { etag: null, lastModified: modified } : null;
}
