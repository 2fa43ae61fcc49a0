import { createHash } from 'node:crypto';
import { empty, html, json, text } from '../answer.ts';
import { createRateLimiter, type Allowance } from '../rate-limiter.ts';
import { findRoute, type Route } from '../router.ts';
import type { Answer, Vendor, VendorOptions, VendorRequest } from '../vendor.ts';
import { employmentOf, employmentPage } from './employment.ts';
import { bobErrors } from './errors.ts';
import { createFirewall } from './firewall.ts';
import { fieldCatalogue } from './people-fields.ts';
import { peopleOf } from './people.ts';
import { readPerson, searchPeople } from './people-search.ts';

type Handler = (request: VendorRequest, rest: string, now: number) => Answer;

const defaultPeople = 150;
/** By the route's path. Of people/search and fields the documentation has the figure; the others are assumed. */
const defaultLimits: Readonly<Partial<Record<string, number>>> = {
  '/people/search': 50,
  '/company/people/fields': 50,
};
const otherLimit = 100;
/** Modules that have to be bought; this invented company has none of them. */
const modulesNotBought = ['attendance', 'hiring', 'goals', 'job-catalog', 'skills', 'payroll'];

/** Bob's public API as far as it is known, for an invented company. */
export function createBobVendor({ seed, sizes, limitsPerMinute }: VendorOptions): Vendor {
  const people = peopleOf(seed, sizes.people ?? defaultPeople);
  const employment = people.map((person, index) => employmentOf(seed, person, index));
  const routes: readonly Route<Handler>[] = [
    { method: 'POST', path: '/people/search', handle: ({ body }) => searchPeople(people, body) },
    { method: 'POST', path: '/people/*', handle: ({ body }, id) => readPerson(people, id, body) },
    {
      method: 'GET',
      path: '/bulk/people/employment',
      handle: ({ query }, _, now) => employmentPage(employment, query, seed, now),
    },
    { method: 'GET', path: '/company/people/fields', handle: () => json(200, fieldCatalogue()) },
    ...modulesNotBought.flatMap((module) =>
      ['GET', 'POST'].map((method) => ({
        method,
        path: `/${module}/*`,
        handle: () => bobErrors.moduleNotBought(module),
      })),
    ),
  ];
  const limiter = createRateLimiter();
  const firewall = createFirewall();

  return {
    basePath: '/v1',
    secret: {
      serviceUserId: `SERVICE-SIMULATED-${String(seed)}`,
      serviceUserToken: `simulated-bob-token-${createHash('sha256')
        .update(`bob ${String(seed)}`)
        .digest('hex')
        .slice(0, 24)}`,
    },
    externalIds: {
      people: people.map(({ id }) => id),
      employment: employment.flatMap(({ employeeId, entryIds }) =>
        entryIds.map((id) => `${employeeId}/${id}`),
      ),
    },
    elsewhere: () => html(404, 'Not Found'),
    answer(request, accepted, now) {
      const callers = [
        `address ${request.remoteAddress}`,
        `authorization ${request.headers.authorization ?? ''}`,
      ];
      if (firewall.isBlocked(callers, now)) return html(403, 'Access denied');
      const match = findRoute(routes, request.method, request.path);
      if (match.kind !== 'found') return bobErrors.webApplication();

      const { path } = match.route;
      const limit = limitsPerMinute[path] ?? defaultLimits[path] ?? otherLimit;
      const allowance = limiter.take(path, limit, now);
      const answer = ((): Answer => {
        if (!isAuthorized(request, accepted)) {
          firewall.refused(callers, now);
          return empty(401);
        }
        if (!allowance.allowed) return tooMany(allowance, now);
        return refusedContentType(request) ?? match.route.handle(request, match.rest, now);
      })();
      return { ...answer, headers: { ...limitHeaders(allowance), ...answer.headers } };
    },
  };
}

function isAuthorized({ headers }: VendorRequest, accepted: Readonly<Record<string, string>>): boolean {
  const [scheme = '', credentials = ''] = (headers.authorization ?? '').split(' ');
  const expected = `${accepted.serviceUserId ?? ''}:${accepted.serviceUserToken ?? ''}`;
  return scheme.toLowerCase() === 'basic' && Buffer.from(credentials, 'base64').toString() === expected;
}

/** A POST has to say that it is JSON; a GET that says so is turned away with a web page. */
function refusedContentType({ method, headers }: VendorRequest): Answer | null {
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '');
  if (method === 'POST' && !isJson) return text(415, 'Unsupported Media Type');
  return method === 'GET' && isJson ? bobErrors.badRequestPage() : null;
}

function limitHeaders({ limit, remaining, resetAt }: Allowance): Readonly<Record<string, string>> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(Math.ceil(resetAt / 1000)),
  };
}

function tooMany({ resetAt }: Allowance, now: number): Answer {
  const answer = bobErrors.stamped(429, 'TOO_MANY_REQUESTS', 'Rate limit exceeded', now);
  const wait = String(Math.ceil((resetAt - now) / 1000));
  return { ...answer, headers: { ...answer.headers, 'Retry-After': wait } };
}
