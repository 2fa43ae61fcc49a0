import { createHash } from 'node:crypto';
import { empty, jsonText, text } from '../frame/answer.ts';
import { createRateLimiter } from '../frame/rate-limiter.ts';
import { findRoute, type Route } from '../frame/router.ts';
import type { Answer, Vendor, VendorOptions, VendorRequest } from '../frame/vendor.ts';
import { mobaroRows, mobaroSizes, mobaroUserGroups, type MobaroResource, type Row } from './data.ts';
import { listPage, parametersOf } from './list-page.ts';
import { resultsBetween } from './results-between.ts';

type Handler = (request: VendorRequest, rest: string, now: number) => Answer;

// Documented: 20, "up to 128 on bulk endpoints". Which are bulk is not said; locations have been seen to be.
const limitCaps: Readonly<Partial<Record<MobaroResource, number>>> = { locations: 128 };
const limitCap = 20;
// Mobaro says that there is a limit for the account, and not how high it is.
const accountLimitPerMinute = 600;

/** Mobaro's customer API as far as it is known. It publishes no error bodies; these are short plain text or nothing. */
export function createMobaroVendor({ seed, sizes, limitsPerMinute }: VendorOptions): Vendor {
  const resources = Object.keys(mobaroSizes) as MobaroResource[];
  const tables = resources.map((name) => ({
    name,
    rows: mobaroRows(name, seed, sizes[name] ?? mobaroSizes[name]),
  }));
  const groups = mobaroUserGroups(tables.find(({ name }) => name === 'users')?.rows ?? []);
  const routes: Route<Handler>[] = [
    ...tables.flatMap(({ name, rows }) => [
      { method: 'GET', path: `/${name}`, handle: listOf(name, rows) },
      { method: 'GET', path: `/${name}/*`, handle: (_: VendorRequest, id: string) => one(name, rows, id) },
    ]),
    { method: 'GET', path: '/usergroups/*', handle: (_, id) => one('usergroups', groups, id) },
  ];
  const limiter = createRateLimiter();

  return {
    basePath: '/api/customers',
    secret: {
      apiKey: `simulated-mobaro-key-${createHash('sha256')
        .update(`mobaro ${String(seed)}`)
        .digest('hex')
        .slice(0, 24)}`,
    },
    externalIds: {
      ...Object.fromEntries(tables.map(({ name, rows }) => [name, rows.map(({ id }) => id)])),
      'user-groups': groups.flatMap(({ id, users }) =>
        users.map((user) => [id, user].map((part) => part.replaceAll('/', '~1')).join('/')),
      ),
    },
    elsewhere: () => empty(404),
    answer(request, accepted, now) {
      const match = findRoute(routes, request.method, request.path);
      if (match.kind === 'unknown') return empty(404);
      if (request.headers['x-api-key'] !== accepted.apiKey) return empty(401);
      if (match.kind === 'other-method') return empty(405, { Allow: match.allowed.join(', ') });
      const { allowed } = limiter.take('account', limitsPerMinute.account ?? accountLimitPerMinute, now);
      if (!allowed) return text(429, 'Too many requests');
      return match.route.handle(request, match.rest, now);
    },
  };
}

function listOf(resource: MobaroResource, rows: readonly Row[]): Handler {
  const cap = limitCaps[resource] ?? limitCap;
  return ({ query }, _, now) => {
    const parameters = parametersOf(query);
    const shown = resource === 'results' ? resultsBetween(rows, parameters, now) : rows;
    return shown === null
      ? text(400, 'The value of AnsweredAfter or AnsweredBefore is not valid.')
      : listPage(shown, parameters, cap);
  };
}

/** Whether `{id}` has the prefix (`users/112899-C`) or not (`112899-C`) is not documented; both are understood. */
function one(resource: string, rows: readonly { id: string; text: string }[], id: string): Answer {
  const row = rows.find((candidate) => candidate.id === id || candidate.id === `${resource}/${id}`);
  return row ? jsonText(200, row.text) : text(404, 'Not found');
}
