import type { FaultMatch, FaultPlan } from '../frame/fault-plan.ts';
import { faults } from '../frame/faults.ts';
import { bobFaults } from './bob-faults.ts';
import { html } from '../frame/answer.ts';

const json = { 'Content-Type': 'application/json' };
const text = { 'Content-Type': 'text/plain; charset=utf-8' };
const page = { 'Content-Type': 'text/html; charset=utf-8' };

type At = FaultMatch['at'];

/**
 * All the forms that Bob's errors have been described in, each as a fault of a plan, to be given wherever it is wanted. Those
 * from the error page and the specification are the vendor's own; the others were seen on an account or read in code.
 */
export const bobErrorBodies = {
  /** `{key, error, args}` with 400 and 404. */
  keyed: (path: string, at: At) =>
    faults.status(
      path,
      at,
      400,
      { key: 'exception.invalid', error: 'Invalid request', args: ['row 1'] },
      json,
    ),
  /** `{error, message, statusCode, timestamp}`, as Goals and newer modules have it. */
  stamped: (path: string, at: At) =>
    faults.status(
      path,
      at,
      400,
      {
        error: 'BAD_REQUEST',
        message: 'limit must be positive',
        statusCode: 400,
        timestamp: '2026-01-02T00:00:00Z',
      },
      json,
    ),
  /** `{key, error}`: what the specification says of every error it does not name. */
  unexpected: (path: string, at: At) =>
    faults.status(path, at, 500, { key: 'exception.unexpected', error: 'Something went wrong' }, json),
  /** `{errorMessage}` with a 401 that is about a permission. */
  permission: (path: string, at: At) =>
    faults.status(path, at, 401, { errorMessage: 'No permissions to position budget' }, json),
  /** `{errors: {field: {error, message}}}` */
  byField: (path: string, at: At) =>
    faults.status(
      path,
      at,
      400,
      {
        errors: {
          '/position/fte': { error: 'MISSING_MANDATORY_FIELD', message: 'A mandatory field is missing' },
        },
      },
      json,
    ),
  /** `{error, errors: {name: …}}` */
  named: (path: string, at: At) =>
    faults.status(
      path,
      at,
      400,
      { error: 'Validation failed', errors: { country: 'Unknown country' } },
      json,
    ),
  /** A malformed filter, in bare text. */
  filterText: (path: string, at: At) =>
    faults.status(
      path,
      at,
      400,
      'Missing required field: obj[0].fieldId -> Missing required filter field id',
      text,
    ),
  /** 401 without a body. */
  unauthenticated: (path: string, at: At) => faults.unauthorized(path, at),
  /** 304 without a body. */
  unchanged: (path: string, at: At) => faults.notModified(path, at),
  /** The web application, with 200. */
  webApplication: (path: string, at: At) => faults.webPage(path, at),
  /** 404 as a web page. */
  missingPage: (path: string, at: At) => faults.status(path, at, 404, html(404, 'Not Found').body, page),
  /** 200 that says whom it left out. */
  partial: (path: string, at: At) => bobFaults.partialErrors(path, at, ['3000000000000000001']),
  /** 204: a file that is not there yet. */
  notReady: (path: string, at: At) => faults.noContent(path, at),
} satisfies Record<string, (path: string, at: At) => FaultPlan[number]>;
