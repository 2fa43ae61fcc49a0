import type { StreamDefinition } from '../connector.ts';
import { allBut, bodyCursor, field, fieldsOf, queryCursor, search } from './shapes.ts';

const module = 'Job catalog 2.0';

/** `about` a part of the catalogue; the array is called `JobRoleEntries` for `jobRole`. */
function part(about: string, path: string, kind: string): StreamDefinition {
  return {
    about,
    method: 'GET',
    path: `/job-catalog/${path}`,
    items: { path: [`${kind.replace('j', 'J')}Entries`] },
    id: [field(`/${kind}/id`)],
    paging: queryCursor({ default: 100, max: 200 }),
    module,
    grade: 'vendor',
  };
}

/** Source: the reference of the job catalogue. Companies that still have the first one get 404. */
export const jobCatalog: Readonly<Record<string, StreamDefinition>> = {
  'job-roles': part('a role', 'job-roles', 'jobRole'),
  'job-families': part('a family of roles', 'job-families', 'jobFamily'),
  'job-family-groups': part('a group of families', 'job-family-groups', 'jobFamilyGroup'),
  'job-profiles': search(
    fieldsOf(
      'jobProfile',
      'id',
      'code',
      'title',
      'status',
      'description',
      'jobLevelRoleId',
      'jobRoleId',
      'jobFamilyId',
      'jobFamilyGroupId',
    ),
    {
      about: 'a job: a role at a level',
      path: '/job-catalog/job-profiles/search',
      // A filter is mandatory.
      body: allBut('/jobProfile/id'),
      items: { path: ['JobProfileEntries'] },
      id: [field('/jobProfile/id')],
      paging: bodyCursor('pagination', { default: 100, max: 100 }),
      module,
      grade: 'code',
    },
  ),
};
