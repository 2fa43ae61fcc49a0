import { html } from './answer.ts';
import type { Fault, FaultHeaders, FaultMatch } from './fault-plan.ts';

type At = FaultMatch['at'];

function answer(path: string, at: At, status: number, headers: FaultHeaders = {}, body: unknown = ''): Fault {
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
  /** 429 with the three headers of Bob's error page. */
  bobRateLimit(path: string, at: At, retryAfterSeconds: number, limit = 50): Fault {
    const headers = {
      'Content-Type': 'application/json',
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': '0',
      'Retry-After': String(retryAfterSeconds),
    };
    const body = { error: 'TOO_MANY_REQUESTS', message: 'Rate limit exceeded', statusCode: 429 };
    return answer(path, at, 429, headers, body);
  },
  /** 429 that names the wait by X-RateLimit-Reset alone, in epoch seconds. */
  bobRateLimitReset(path: string, at: At, seconds: number, limit = 50): Fault {
    const headers = {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': (now: number): string => String(Math.ceil(now / 1000) + seconds),
    };
    return answer(path, at, 429, headers);
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
  /** Bob's 401 that is about a permission and not about the credentials. */
  missingPermission(path: string, at: At): Fault {
    const body = { errorMessage: 'No permissions to the requested resource' };
    return answer(path, at, 401, { 'Content-Type': 'application/json' }, body);
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
  /** Bob's 200 that says that it left out some employees. */
  partialErrors(path: string, at: At, employeeIds: readonly string[]): Fault {
    const entry = { error: 'MISSING_PERMISSION', message: 'No permission to view this employee' };
    return faults.withKeys(path, at, { errors: employeeIds.map((id) => ({ [id]: entry })) });
  },
  slow(path: string, at: At, milliseconds: number): Fault {
    return { kind: 'slow', match: { path, at }, milliseconds };
  },
  /** The connection breaks before a byte of the answer, or in the middle of the body. */
  dropped(path: string, at: At, when: 'before-answer' | 'mid-body' = 'before-answer'): Fault {
    return { kind: 'drop', match: { path, at }, when };
  },
};
