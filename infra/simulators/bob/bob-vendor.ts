import { createHash } from 'node:crypto';
import { empty, html, json, text } from '../frame/answer.ts';
import { createRateLimiter, type Allowance } from '../frame/rate-limiter.ts';
import { findRoute, type Route } from '../frame/router.ts';
import type { Answer, Vendor, VendorOptions, VendorRequest } from '../frame/vendor.ts';
import { attendance } from './attendance.ts';
import { bulkTables } from './bulk-tables.ts';
import { calendars } from './calendars.ts';
import { customTables } from './custom-tables.ts';
import { bobErrors } from './errors.ts';
import { createFirewall } from './firewall.ts';
import { bobModules, moduleMissing } from './modules.ts';
import { namedLists } from './named-lists.ts';
import { objects } from './objects.ts';
import { payroll } from './payroll.ts';
import { fieldCatalogue, peopleFields } from './people-fields.ts';
import { peopleOf, type Person } from './people.ts';
import { readPerson, searchPeople } from './people-search.ts';
import { reportsOf } from './reports.ts';
import type { Handler, Section } from './section.ts';
import { tasks } from './tasks.ts';
import { timeOff } from './time-off.ts';

const defaultPeople = 150;
/** By the route's path. Of these others' descriptions or the documentation have figures; the rest is assumed. */
const defaultLimits: Readonly<Partial<Record<string, number>>> = {
  '/people/search': 50,
  '/company/people/fields': 50,
  '/company/named-lists': 50,
  '/company/reports': 20,
  '/company/reports/*': 20,
  '/company/reports/download/*': 20,
  '/attendance/entries/search': 200,
  '/people/custom-tables/metadata': 50,
  '/people/custom-tables/*': 50,
  '/payroll/history': 20,
};
const otherLimit = 100;

function peopleSection(people: readonly Person[]): Section {
  return {
    routes: [
      {
        method: 'POST',
        path: '/people/search',
        handle: ({ body }, _, now) => searchPeople(people, body, now),
      },
      { method: 'GET', path: '/company/people/fields', handle: () => json(200, fieldCatalogue()) },
    ],
    ids: { people: () => people.map(({ id }) => id), fields: () => peopleFields.map(({ id }) => id) },
  };
}

/** Bob's public API as far as it is known, for an invented company. */
export function createBobVendor(options: VendorOptions): Vendor {
  const { seed, sizes, limitsPerMinute, modules, clock } = options;
  const people = peopleOf(seed, sizes.people ?? defaultPeople);
  const sections: readonly Section[] = [
    peopleSection(people),
    bulkTables(seed, people),
    timeOff(seed, people),
    calendars(seed, people),
    tasks(seed, people, sizes.tasks),
    namedLists,
    customTables(seed, people),
    reportsOf(people),
    payroll(seed, people),
    objects(options),
    attendance(seed, people),
  ];
  const routes: readonly Route<Handler>[] = [
    ...sections.flatMap((section) => section.routes),
    // Last, for it takes whatever is below.
    { method: 'POST', path: '/people/*', handle: ({ body }, id, now) => readPerson(people, id, body, now) },
    ...Object.values(bobModules).flatMap((stems) =>
      stems.flatMap((stem) =>
        ['GET', 'POST'].map((method) => ({ method, path: `${stem}*`, handle: bobErrors.webApplication })),
      ),
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
    externalIds: idsAt(sections, clock),
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
        const missing = moduleMissing(request.path, modules);
        if (missing !== null) return bobErrors.moduleNotBought(missing);
        return refusedContentType(request) ?? match.route.handle(request, match.rest, now);
      })();
      return { ...answer, headers: { ...limitHeaders(allowance), ...answer.headers } };
    },
  };
}

/** What each stream has, found out when it is looked at. */
function idsAt(sections: readonly Section[], clock: () => number): Vendor['externalIds'] {
  const ids = {};
  for (const [stream, idsOf] of sections.flatMap((section) => Object.entries(section.ids))) {
    Object.defineProperty(ids, stream, { enumerable: true, get: () => idsOf(clock()) });
  }
  return ids;
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
