import type { Fault, FaultMatch } from '../frame/fault-plan.ts';
import { answer, faults } from '../frame/faults.ts';

type At = FaultMatch['at'];

/** The entries of a fault plan that only Bob answers so. Paths and counts are those of `FaultMatch`. */
export const bobFaults = {
  /** 429 with the three headers of Bob's error page. */
  rateLimit(path: string, at: At, retryAfterSeconds: number, limit = 50): Fault {
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
  rateLimitReset(path: string, at: At, seconds: number, limit = 50): Fault {
    const headers = {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': (now: number): string => String(Math.ceil(now / 1000) + seconds),
    };
    return answer(path, at, 429, headers);
  },
  /** Bob's 401 that is about a permission and not about the credentials. */
  missingPermission(path: string, at: At): Fault {
    const body = { errorMessage: 'No permissions to the requested resource' };
    return answer(path, at, 401, { 'Content-Type': 'application/json' }, body);
  },
  /** Bob's 200 that says that it left out some employees. */
  partialErrors(path: string, at: At, employeeIds: readonly string[]): Fault {
    const entry = { error: 'MISSING_PERMISSION', message: 'No permission to view this employee' };
    return faults.withKeys(path, at, { errors: employeeIds.map((id) => ({ [id]: entry })) });
  },
};
