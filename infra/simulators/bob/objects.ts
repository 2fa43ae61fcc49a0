import type { Route } from '../frame/router.ts';
import type { VendorOptions } from '../frame/vendor.ts';
import { bobErrors } from './errors.ts';
import { objectsOf } from './object-data.ts';
import { listObjects, searchObjects, type ObjectKind, type Values } from './object-search.ts';
import { lazy, type Handler, type Section } from './section.ts';

const top = { within: 'top', limits: { default: 50, max: 200 } } as const;
const inPagination = (max: number): ObjectKind['paging'] => ({
  within: 'pagination',
  limits: { default: 100, max },
});
const any = { fields: ['id'], mandatory: false };

interface Endpoint extends ObjectKind {
  readonly stream: string;
  readonly path: string;
  readonly method?: 'GET';
}

const catalogue = { method: 'GET', rendering: 'wrapped', filters: any } as const;
const query = { within: 'top', limits: { default: 100, max: 200 } } as const;

const endpoints: readonly Endpoint[] = [
  { stream: 'candidates', path: '/hiring/candidates/search', kind: 'candidate', envelope: 'items', rendering: 'bare', paging: top, filters: any },
  { stream: 'applications', path: '/hiring/applications/search', kind: 'application', envelope: 'items', rendering: 'bare', paging: top, filters: any },
  { stream: 'job-ads', path: '/hiring/job-ads/search', kind: 'jobAd', envelope: null, rendering: 'wrapped', paging: null, filters: any },
  { stream: 'job-roles', path: '/job-catalog/job-roles', kind: 'jobRole', envelope: 'JobRoleEntries', paging: query, ...catalogue },
  { stream: 'job-families', path: '/job-catalog/job-families', kind: 'jobFamily', envelope: 'JobFamilyEntries', paging: query, ...catalogue },
  { stream: 'job-family-groups', path: '/job-catalog/job-family-groups', kind: 'jobFamilyGroup', envelope: 'JobFamilyGroupEntries', paging: query, ...catalogue },
  { stream: 'job-profiles', path: '/job-catalog/job-profiles/search', kind: 'jobProfile', envelope: 'JobProfileEntries', rendering: 'wrapped', paging: inPagination(100), filters: { fields: ['id', 'status', 'jobRoleId', 'jobFamilyId', 'jobFamilyGroupId'], mandatory: true } },
  { stream: 'positions', path: '/objects/position/search', kind: 'position', envelope: null, rendering: 'wrapped', paging: null, filters: { fields: ['id', 'status', 'name', 'hasOpenRequests'], mandatory: true } },
  { stream: 'position-openings', path: '/positions/position-openings/search', kind: 'positionOpening', envelope: 'positionOpeningEntries', rendering: 'wrapped', paging: inPagination(100), filters: { fields: ['id', 'status', 'positionOpeningName'], mandatory: true } },
  { stream: 'position-budgets', path: '/positions/position-budget/search', kind: 'positionBudget', envelope: 'positionBudgetEntries', rendering: 'wrapped', paging: inPagination(1000), filters: { fields: ['id', 'proRatedCostPercentage'], mandatory: true } },
  { stream: 'goals', path: '/goals/goals/search', kind: 'goal', envelope: 'items', rendering: 'fields', paging: null, filters: any },
  { stream: 'skills', path: '/skills/search', kind: 'skill', envelope: 'items', rendering: 'bare', paging: top, filters: any },
  { stream: 'employers', path: '/employers/search', kind: 'employer', envelope: 'items', rendering: 'bare', paging: top, filters: any },
]; // prettier-ignore

const workLocation: ObjectKind = {
  kind: 'workLocation',
  envelope: 'items',
  rendering: 'bare',
  paging: top,
  filters: any,
};

/** All that is searched for by its fields: hiring, the job catalogue, workforce planning, goals, skills, employers. */
export function objects({ seed, sizes }: Pick<VendorOptions, 'seed' | 'sizes'>): Section {
  const found = endpoints.map((endpoint) => ({
    ...endpoint,
    rows: lazy(() => objectsOf(endpoint.kind, seed, sizes[endpoint.stream])),
  }));
  const locations = lazy(() => objectsOf('workLocation', seed, sizes['work-locations']));
  const locationIds = (): readonly string[] =>
    locations().map(({ employerId, id }) => `${String(employerId)}/${String(id)}`);

  return {
    routes: [
      ...found.map(({ rows, ...endpoint }): Route<Handler> => ({
        method: endpoint.method ?? 'POST',
        path: endpoint.path,
        handle: (request, _, now) =>
          endpoint.method === 'GET'
            ? listObjects(endpoint, rows(), { query: request.query, seed, now })
            : searchObjects(endpoint, rows(), { body: request.body, seed, now }),
      })),
      {
        method: 'POST',
        path: '/employers/*',
        handle: ({ body }, rest, now) => {
          const [, employer] = /^([^/]+)\/work-locations\/search$/.exec(rest) ?? [];
          if (employer === undefined) return bobErrors.webApplication();
          const own = locations().filter(({ employerId }) => String(employerId) === employer);
          return searchObjects(workLocation, own, { body, seed, now });
        },
      },
    ],
    ids: {
      ...Object.fromEntries(found.map(({ stream, rows }) => [stream, () => rows().map(idOf)])),
      'work-locations': locationIds,
    },
  };
}

function idOf({ id }: Values): string {
  return String(id);
}
