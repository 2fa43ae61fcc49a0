import { credentialTexts } from '../connectors/build-request.ts';
import { maskKeyIn, type StreamDefinition } from '../connectors/connector.ts';
import { isObject, parseJson } from '../connectors/json.ts';
import { parseLines } from '../connectors/lines.ts';
import { saysError } from '../connectors/error-texts.ts';
import { readError, readErrorWithin } from '../connectors/read-error.ts';
import type { Privacy } from '../connectors/privacy.ts';
import { namesItsRows, announcedMore } from '../connectors/announced-more.ts';
import { hasId, readPage, type PageReading } from '../connectors/read-page.ts';
import { whyNotJson } from '../connectors/why-not-json.ts';
import type { Refusal } from '../paging/offset-step.ts';
import { walkOf, type Position } from '../paging/position.ts';
import { refusedOffset } from '../paging/refusals.ts';
import { limitMet, namedWait } from '../retry/named-wait.ts';
import { FieldCounter, noFields, type FieldCounts } from '../tables/field-counts.ts';
import type { Claimed, Validators } from './checkpoint.ts';
import type { Secret, Unreadable, VendorAnswer } from './ports.ts';
import type { Stream } from './settings.ts';
import { validatorsIn } from './validators.ts';

/** The rows of an answer, and what it says of the list that they are a page of. */
export type Page = Extract<PageReading, { kind: 'page' }> & {
  /** Why there is more behind it, if it seems to be the last one; null if nothing says so. */
  readonly more: string | null;
  /** What the answer says of the state of a list that may be requested conditionally. */
  readonly validators: Validators | null;
  /** Of the rows, as they are kept. */
  readonly fieldCounts: FieldCounts;
};

export type Reading = Kinds & {
  /** A wait that will surprise people, where the answer is good all the same. */
  readonly remark?: string;
};

type Kinds =
  | {
      readonly kind: 'page';
      readonly status: number;
      readonly page: Page;
      /** Milliseconds for which the vendor wants no call at all; null if it did not say so. */
      readonly closeFor: number | null;
    }
  /** The vendor is writing a file of this name. */
  | {
      readonly kind: 'started';
      readonly status: number;
      readonly name: string;
      readonly closeFor: number | null;
    }
  /** The file is not there yet. */
  | { readonly kind: 'not yet'; readonly status: number; readonly closeFor: number | null }
  /** 204 and 304: nothing more, nothing new. */
  | { readonly kind: 'nothing'; readonly status: number; readonly closeFor: number | null }
  /** The vendor refuses an offset behind a page of this walk, in its own words. */
  | {
      readonly kind: 'refused offset';
      readonly refused: Refusal;
      readonly status: number;
      readonly reason: string;
      readonly closeFor: number | null;
    }
  | {
      readonly kind: 'transient';
      readonly failure: 'throttled' | 'unavailable' | 'malformed';
      readonly status: number | null;
      readonly reason: string;
      /** The wait that the vendor named, in milliseconds; null if it named none. */
      readonly namedWait: number | null;
      /** It would be the same next time, but for a smaller page. */
      readonly isTooLong?: true;
    }
  | {
      readonly kind: 'final';
      readonly outcome: 'unauthorized' | 'forbidden' | 'missing' | 'rejected';
      readonly status: number | null;
      readonly reason: string;
      readonly closeFor: number | null;
    };

/** What the answer to the page of this checkpoint is. */
export function readAnswerFor(
  answer: VendorAnswer,
  { position, attempt, lastStatus }: Claimed,
  { stream, secret }: { readonly stream: Stream; readonly secret: Secret },
  isConditional = false,
): Reading {
  const { definition, connector, settings } = stream;
  // The list of the ids is requested by the ids alone.
  const isOfIds = position?.kind === 'part' && position.part.kind === 'ids';
  return readAnswer(
    {
      ...{ definition, position, fields: isOfIds ? null : settings.fields },
      privacy: { omit: settings.omit, mask: settings.mask, maskKey: maskKeyIn(secret.fields) },
      credentials: credentialTexts(connector, secret.fields),
      sentences: connector.sentences ?? [],
      lastStatus: attempt > 1 ? lastStatus : null,
      isConditional,
    },
    answer,
  );
}

/**
 * Names what an answer is: by its status first, and only then by its body, as Bob's page advises. The statuses are those
 * of the two vendors' error pages, and what those leave out is read the way HTTP means it.
 */
export function readAnswer(asked: Asked, answer: VendorAnswer): Reading {
  switch (answer.kind) {
    case 'unanswered':
      return transient('unavailable', null, answer.reason, null);
    case 'redirected': {
      const { status, reason } = answer;
      return { kind: 'final', outcome: 'rejected', status, reason, closeFor: null };
    }
    case 'answered':
      return readStatus(asked, answer);
  }
}

export interface Asked {
  /** What the last try of this page was answered; null, or left out, with the first one. */
  readonly lastStatus?: number | null;
  /** The request was conditional. */
  readonly isConditional?: boolean;
  readonly definition: StreamDefinition;
  readonly position: Position | null;
  /** What of a row is not to be kept. */
  readonly privacy: Privacy;
  /** That were requested; null where there are none to choose. */
  readonly fields: readonly string[] | null;
  /** What must not be repeated, wherever the vendor does. */
  readonly credentials: readonly string[];
  /** That the vendor has published as its errors. */
  readonly sentences?: readonly string[];
}

/** The request that makes the vendor write a file. */
function isStart({ definition, position }: Asked): boolean {
  return definition.paging.kind === 'file' && walkOf(position)?.kind !== 'file';
}

/** The last segment of where the file will be. The rest of it names a host that is none of the credentials' business. */
function fileNameIn(location: string | undefined): string | null {
  if (location === undefined) return null;
  const last = URL.parse(location, 'https://vendor.invalid')?.pathname.split('/').at(-1) ?? '';
  try {
    return last === '' ? null : decodeURIComponent(last);
  } catch {
    return null;
  }
}

type Answered = Extract<VendorAnswer, { kind: 'answered' }>;

/** @returns null for a status that is neither 2xx nor 304 */
function readGood(asked: Asked, answer: Answered, wait: number | null): Reading | null {
  const { status } = answer;
  const walk = walkOf(asked.position);
  const name = isStart(asked) && status < 300 ? fileNameIn(answer.headers['location']) : null;
  if (name !== null) return { kind: 'started', status, name, closeFor: wait };
  if (status === 304 && asked.definition.conditional === true && asked.isConditional !== true) {
    return transient('malformed', status, 'not modified, though the whole list was requested', wait);
  }
  if (status === 204 || status === 304) {
    if (walk?.kind === 'file' && status === 204) return { kind: 'not yet', status, closeFor: wait };
    // Where no row overlaps with what was seen, the end of the list and an answer gone wrong look the same.
    const isBlind =
      walk?.kind === 'offset' ? walk.blind === true && walk.reached !== true : walk?.kind === 'steps';
    const unanchored = isBlind && status === 204;
    if (walk === null || unanchored) return { kind: 'nothing', status, closeFor: wait };
    // In the middle of a walk it is no end by itself: as a page without rows it leads to where the rows are.
    return status === 204 && walk.kind === 'offset'
      ? { kind: 'page', status, page: noRows, closeFor: wait }
      : transient('malformed', status, 'no content, where more rows were announced', wait);
  }
  return status >= 200 && status < 300 ? readBody(asked, answer, wait) : null;
}

function readStatus(asked: Asked, answer: Answered): Reading {
  const { status } = answer;
  const { ms: wait, remark } = namedWait(status, answer.headers, answer.receivedAt);
  const good = readGood(asked, answer, wait);
  if (good !== null) return remark === null ? good : { ...good, remark };
  const walk = walkOf(asked.position);
  const words = reasonOf(answer, asked);
  const reason = remark === null ? words : `${words}; ${remark}`;
  if (status === 429) return transient('throttled', status, reason, wait);
  // 408 is the server's own time-out and 425 says to send it again later; the rest of 4xx would only fail again.
  if (status >= 500 || status === 408 || status === 425)
    return transient('unavailable', status, reason, wait);
  if (isLimit(asked, answer)) return transient('throttled', status, reason, wait);
  const refused = refusedOffset(status, walk);
  if (refused !== null) return { kind: 'refused offset', refused, status, reason, closeFor: wait };
  return { kind: 'final', outcome: finalOutcome(status, reason), status, reason, closeFor: wait };
}

const noRows: Page = {
  fieldCounts: noFields,
  validators: null,
  kind: 'page',
  rows: [],
  entries: 0,
  total: null,
  cursor: null,
  absent: null,
  partial: null,
  more: null,
};

function finalOutcome(status: number, reason: string): Extract<Reading, { kind: 'final' }>['outcome'] {
  switch (status) {
    case 401:
      // Some of Bob's modules say so where the credentials are good and one permission is missing.
      return /\bpermissions?\b/i.test(reason) ? 'forbidden' : 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'missing';
    default:
      return 'rejected';
  }
}

function readBody(asked: Asked, answer: Answered, wait: number | null): Reading {
  const { definition, privacy, fields, position } = asked;
  const { status, body, headers, unreadable } = answer;
  const malformed = (reason: string): Extract<Reading, { kind: 'transient' }> =>
    transient('malformed', status, reason, wait);
  if (unreadable?.kind === 'undecodable') return malformed(unreadable.reason);
  if (unreadable !== undefined) return { ...malformed(whyTooLong(unreadable)), isTooLong: true };
  const parsed = (definition.items.lines === true ? parsedLines : parsedJson)(body, definition);
  // Bob answers a path that it does not know with 200 and the page of its web application.
  if ('error' in parsed) return malformed(whyNotJson(body, headers['content-type'], parsed.error));
  if ('reason' in parsed) return malformed(parsed.reason);
  const { json } = parsed;
  const part = position?.kind === 'part' ? position.part : null;
  const parent = part?.kind === 'slice' ? part.parent : null;
  const counter = new FieldCounter();
  const onRow = counter.add.bind(counter);
  const page = readPage(definition, json, { privacy, fields, parent, onRow });
  switch (page.kind) {
    case 'page': {
      const came = Math.max(page.rows.length, page.entries);
      const isError = page.partial === null && !namesItsRows(definition.items) && saysError(json);
      // An error may have the shape of an empty list.
      if (isError && came === 0) return malformed(whyError(json, asked));
      const more = announcedMore(definition, {
        status,
        headers,
        body: json,
        came,
        isCounted: part?.kind !== 'batch',
      });
      const partial = isError ? whyError(json, asked) : page.partial;
      const fieldCounts = counter.counted();
      const validators = definition.conditional === true ? validatorsIn(headers) : null;
      return {
        kind: 'page',
        status,
        page: { ...page, partial, more, fieldCounts, validators },
        closeFor: wait,
      };
    }
    case 'malformed':
      return malformed([page.reason, readErrorWithin(json, asked) ?? []].flat().join(': '));
    case 'unstorable':
      return { kind: 'final', outcome: 'rejected', status, reason: page.reason, closeFor: wait };
  }
}

type Parsed = { readonly json: unknown } | { readonly error: unknown } | { readonly reason: string };

function parsedJson(body: string): Parsed {
  try {
    return { json: parseJson(body) };
  } catch (error) {
    return { error };
  }
}

/** The type of the answer says nothing: vendors send lines under any name. */
function parsedLines(body: string, definition: StreamDefinition): Parsed {
  const lines = parseLines(body);
  switch (lines.kind) {
    case 'lines': {
      const [only] = lines.values;
      const isError =
        lines.values.length === 1 && isObject(only) && saysError(only) && !hasId(definition, only);
      // No entry, but what the vendor says in the place of them.
      return { json: isError ? only : lines.values };
    }
    case 'cut off':
      return { reason: 'the last line of the answer breaks off, or is no JSON' };
    case 'no lines':
      return { error: lines.error };
  }
}

/** Where nothing is left, which Bob says along with every answer, the same status once more is what it says. */
function isLimit({ lastStatus = null }: Asked, { status, headers }: Answered): boolean {
  const met = limitMet(status, headers);
  return met === 'come later' || (met === 'nothing left' && lastStatus !== status);
}

function whyError(json: unknown, asked: Asked): string {
  const words = readErrorWithin(json, asked);
  const said = 'the answer says that something went wrong';
  return words === null ? said : `${said}: ${words}`;
}

const bytesInMb = 1024 * 1024;

/**
 * Bytes, too: by one of them it may be too long. Short, for a history keeps 80 characters, and what was done about it comes
 * behind.
 */
function whyTooLong({ bytes, cap }: Extract<Unreadable, { kind: 'too long' }>): string {
  const size = bytes.toLocaleString('en');
  return `longer than maxPageMb (${cap / bytesInMb} MB): ${size} bytes or more`;
}

function reasonOf({ status, body, headers }: Answered, asked: Asked): string {
  const words = readError(body, headers['content-type'], asked);
  return words === null ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
}

function transient(
  failure: Extract<Reading, { kind: 'transient' }>['failure'],
  status: number | null,
  reason: string,
  wait: number | null,
): Extract<Reading, { kind: 'transient' }> {
  return { kind: 'transient', failure, status, reason, namedWait: wait };
}
