import type { StreamDefinition } from '../connectors/connector.ts';
import { parseJson } from '../connectors/json.ts';
import { looksLikeHtml, readError } from '../connectors/read-error.ts';
import { readPage, type PageReading } from '../connectors/read-page.ts';
import { isSpent, namedWait } from '../retry/named-wait.ts';
import type { VendorAnswer } from './ports.ts';

export type Reading =
  | {
      readonly kind: 'page';
      readonly status: number;
      readonly page: Extract<PageReading, { kind: 'page' }>;
      /** The vendor's limit is used up: nobody should call for so many milliseconds. */
      readonly closeFor: number | null;
    }
  /** 204 and 304: nothing more, nothing new. */
  | { readonly kind: 'nothing'; readonly status: number }
  | {
      readonly kind: 'transient';
      readonly failure: 'throttled' | 'unavailable' | 'malformed';
      readonly status: number | null;
      readonly reason: string;
      /** Milliseconds the vendor asked for; null if it named none. */
      readonly namedWait: number | null;
    }
  | {
      readonly kind: 'final';
      readonly outcome: 'unauthorized' | 'forbidden' | 'missing' | 'rejected';
      readonly status: number | null;
      readonly reason: string;
    };

/**
 * Names what an answer is: by its status first, and only then by its body, as Bob's page advises. The statuses are those
 * of the two vendors' error pages, and what those leave out is read the way HTTP means it.
 */
export function readAnswer(definition: StreamDefinition, answer: VendorAnswer): Reading {
  switch (answer.kind) {
    case 'unanswered':
      return transient('unavailable', null, answer.reason, null);
    case 'redirected':
      return { kind: 'final', outcome: 'rejected', status: answer.status, reason: answer.reason };
    case 'answered':
      return readStatus(definition, answer);
  }
}

type Answered = Extract<VendorAnswer, { kind: 'answered' }>;

function readStatus(definition: StreamDefinition, answer: Answered): Reading {
  const { status } = answer;
  if (status === 204 || status === 304) return { kind: 'nothing', status };
  if (status >= 200 && status < 300) return readBody(definition, answer);
  const reason = reasonOf(answer);
  if (status === 429) return transient('throttled', status, reason, waitOf(answer));
  // 408 is the server's own time-out and 425 asks to be sent again later; the rest of 4xx would only fail again.
  if (status >= 500 || status === 408 || status === 425) {
    return transient('unavailable', status, reason, waitOf(answer));
  }
  return { kind: 'final', outcome: finalOutcome(status), status, reason };
}

function finalOutcome(status: number): Extract<Reading, { kind: 'final' }>['outcome'] {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'missing';
    default:
      return 'rejected';
  }
}

function readBody(definition: StreamDefinition, answer: Answered): Reading {
  const { status, body, headers } = answer;
  const malformed = (reason: string): Reading => transient('malformed', status, reason, null);
  // Bob answers a path that it does not know with 200 and the page of its web application.
  if (looksLikeHtml(body, headers['content-type'])) return malformed('a page of HTML instead of JSON');
  if (body.trim() === '') return malformed('an empty body instead of JSON');
  let json: unknown;
  try {
    json = parseJson(body);
  } catch {
    // The parser's message quotes the body, so it stays out.
    return malformed('a body that is not JSON');
  }
  const page = readPage(definition, json);
  switch (page.kind) {
    case 'page': {
      const closeFor = isSpent(headers) ? namedWait(headers, answer.receivedAt) : null;
      return { kind: 'page', status, page, closeFor };
    }
    case 'malformed':
      return malformed(page.reason);
    case 'unstorable':
      return { kind: 'final', outcome: 'rejected', status, reason: page.reason };
  }
}

function reasonOf({ status, body, headers }: Answered): string {
  const words = readError(body, headers['content-type']);
  return words === null ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
}

function waitOf({ headers, receivedAt }: Answered): number | null {
  return namedWait(headers, receivedAt);
}

function transient(
  failure: Extract<Reading, { kind: 'transient' }>['failure'],
  status: number | null,
  reason: string,
  wait: number | null,
): Reading {
  return { kind: 'transient', failure, status, reason, namedWait: wait };
}
