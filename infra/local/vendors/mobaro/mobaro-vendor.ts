import { createHash } from 'node:crypto';
import { empty, jsonText, text } from '../answer.ts';
import { createRateLimiter } from '../rate-limiter.ts';
import { findRoute, type Route } from '../router.ts';
import type { Answer, Vendor, VendorOptions, VendorRequest } from '../vendor.ts';
import { mobaroRows, mobaroSizes, type MobaroResource, type Row } from './data.ts';
import { listPage } from './list-page.ts';

type Handler = (request: VendorRequest, rest: string) => Answer;

// Documented: 20, "up to 128 on bulk endpoints". Which are bulk is not said; locations have been seen to be.
const limitCaps: Readonly<Record<MobaroResource, number>> = {
  users: 20,
  timesheets: 20,
  webhooks: 20,
  locations: 128,
};
// Mobaro says that there is a limit for the account, and not how high it is.
const accountLimitPerMinute = 600;

/** Mobaro's customer API as far as it is known. It publishes no error bodies; these are short plain text or nothing. */
export function createMobaroVendor({ seed, sizes, limitsPerMinute }: VendorOptions): Vendor {
  const resources = Object.keys(mobaroSizes) as MobaroResource[];
  const tables = resources.map((name) => ({
    name,
    rows: mobaroRows(name, seed, sizes[name] ?? mobaroSizes[name]),
  }));
  const routes: Route<Handler>[] = tables.flatMap(({ name, rows }) => [
    { method: 'GET', path: `/${name}`, handle: ({ query }) => listPage(rows, query, limitCaps[name]) },
    { method: 'GET', path: `/${name}/*`, handle: (_, id) => oneRow(name, rows, id) },
  ]);
  const limiter = createRateLimiter();

  return {
    basePath: '/api/customers',
    secret: {
      apiKey: `simulated-mobaro-key-${createHash('sha256')
        .update(`mobaro ${String(seed)}`)
        .digest('hex')
        .slice(0, 24)}`,
    },
    externalIds: Object.fromEntries(tables.map(({ name, rows }) => [name, rows.map(({ id }) => id)])),
    elsewhere: () => empty(404),
    answer(request, accepted, now) {
      const match = findRoute(routes, request.method, request.path);
      if (match.kind === 'unknown') return empty(404);
      if (request.headers['x-api-key'] !== accepted.apiKey) return empty(401);
      if (match.kind === 'other-method') return empty(405, { Allow: match.allowed.join(', ') });
      const { allowed } = limiter.take('account', limitsPerMinute.account ?? accountLimitPerMinute, now);
      if (!allowed) return text(429, 'Too many requests');
      return match.route.handle(request, match.rest);
    },
  };
}

/** Whether `{id}` has the prefix (`users/112899-C`) or not (`112899-C`) is not documented; both are understood. */
function oneRow(resource: MobaroResource, rows: readonly Row[], id: string): Answer {
  const row = rows.find((candidate) => candidate.id === id || candidate.id === `${resource}/${id}`);
  return row ? jsonText(200, row.text) : text(404, 'Not found');
}
