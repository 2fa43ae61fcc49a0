import { html } from './answer.ts';
import type { Fault, FaultHeaders, FaultMatch } from './fault-plan.ts';

type At = FaultMatch['at'];

/** A fault that answers in place of the vendor. */
export function answer(
  path: string,
  at: At,
  status: number,
  headers: FaultHeaders = {},
  body: unknown = '',
): Fault {
  return { kind: 'answer', match: { path, at }, status, headers, body };
}

const plainText = { 'Content-Type': 'text/plain; charset=utf-8' };

/** The entries of a fault plan, by what they do. Paths and counts are those of `FaultMatch`. */
export const faults = {
  /** 429 as Mobaro's error page has it: what the wait is, is not said unless given here (seconds or a date). */
  tooManyRequests(path: string, at: At, retryAfter: number | Date | null = null): Fault {
    const value = retryAfter instanceof Date ? retryAfter.toUTCString() : String(retryAfter);
    const headers = retryAfter === null ? plainText : { ...plainText, 'Retry-After': value };
    return answer(path, at, 429, headers, 'Too many requests');
  },
  /** 429 whose Retry-After is an HTTP-date so many seconds after the answer's own Date. */
  tooManyRequestsUntil(path: string, at: At, seconds: number): Fault {
    const until = (now: number): string => new Date(now + seconds * 1000).toUTCString();
    return answer(path, at, 429, { ...plainText, 'Retry-After': until }, 'Too many requests');
  },
  unavailable(path: string, at: At): Fault {
    return answer(path, at, 503, plainText, 'Service Unavailable');
  },
  serverError(path: string, at: At): Fault {
    const body = { key: 'exception.internal', error: 'Something went wrong', args: [] };
    return answer(path, at, 500, { 'Content-Type': 'application/json' }, body);
  },
  /** 401 without a body. */
  unauthorized(path: string, at: At): Fault {
    return answer(path, at, 401);
  },
  forbidden(path: string, at: At): Fault {
    const body = { key: 'exception.permission.denied', error: 'Insufficient permissions', args: [] };
    return answer(path, at, 403, { 'Content-Type': 'application/json' }, body);
  },
  missing(path: string, at: At): Fault {
    const body = { key: 'exception.resource.notfound', error: 'resource not found', args: [] };
    return answer(path, at, 404, { 'Content-Type': 'application/json' }, body);
  },
  /** Any other status, with a body of one's own. */
  status(path: string, at: At, status: number, body: unknown = '', headers: FaultHeaders = {}): Fault {
    return answer(path, at, status, headers, body);
  },
  /** A web page with status 200, as Bob's front end answers for a path that its API does not know. */
  webPage(path: string, at: At): Fault {
    const page = html(200, 'Welcome');
    return answer(path, at, 200, page.headers, page.body);
  },
  /** Status 200, said to be JSON, and nothing in it. */
  emptyBody(path: string, at: At): Fault {
    return answer(path, at, 200, { 'Content-Type': 'application/json' });
  },
  /** Status 200, said to be JSON, and cut short. */
  brokenJson(path: string, at: At): Fault {
    return answer(path, at, 200, { 'Content-Type': 'application/json' }, '{"items":[{"id":"us');
  },
  noContent(path: string, at: At): Fault {
    return answer(path, at, 204);
  },
  notModified(path: string, at: At): Fault {
    return answer(path, at, 304);
  },
  /** A redirect to somewhere else. */
  redirect(path: string, at: At, location: string): Fault {
    return answer(path, at, 302, { Location: location });
  },
  /** The vendor's own answer without one of its top-level keys. */
  withoutKey(path: string, at: At, key: string): Fault {
    return { kind: 'alter', match: { path, at }, remove: [key] };
  },
  /** The vendor's own answer with other values for some of its top-level keys. */
  withKeys(path: string, at: At, set: Readonly<Record<string, unknown>>): Fault {
    return { kind: 'alter', match: { path, at }, set };
  },
  slow(path: string, at: At, milliseconds: number): Fault {
    return { kind: 'slow', match: { path, at }, milliseconds };
  },
  /** The connection breaks before a byte of the answer, or in the middle of the body. */
  dropped(path: string, at: At, when: 'before-answer' | 'mid-body' = 'before-answer'): Fault {
    return { kind: 'drop', match: { path, at }, when };
  },
};
