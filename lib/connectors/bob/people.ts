import type { JsonPath, StreamDefinition } from '../connector.ts';

/** Both of the places where a person's field comes: under its category, and under its slash key. */
function bothKeys(field: string): readonly JsonPath[] {
  const [category = '', name = ''] = field.split('.');
  return [category === 'root' ? [name] : [category, name], [`/${category}/${name}`]];
}

// They change every day, or with every signed link, without anybody having changed them.
const restless = [
  'root.avatarUrl',
  'root.coverImageUrl',
  'about.avatar',
  'personal.age',
  'work.tenureDuration',
  'work.tenureDurationYears',
  'work.tenureYears',
  'work.durationOfEmployment',
  'work.yearsOfService',
];

export const volatile: readonly JsonPath[] = restless.flatMap(bothKeys);

/** Bob answers with nested categories and with slash keys; the contract shows both. */
export const personId: readonly JsonPath[] = [['id'], ['root', 'id'], ['/root/id', 'value']];

/** Source: "People read API contract". */
export const people: Readonly<Record<string, StreamDefinition>> = {
  people: {
    about: 'a person, and those who have left',
    method: 'POST',
    path: '/people/search',
    // Without showInactive leavers would silently be missing. An empty `filters` is a 400, so there is none.
    body: { showInactive: true },
    fields: {
      // Fields the service user may not see are left out by Bob without a word, with status 200.
      default: [
        'root.id',
        'root.displayName',
        'root.firstName',
        'root.surname',
        'root.email',
        'root.creationDateTime',
        'work.startDate',
        'work.site',
        'work.department',
        'work.title',
        'work.reportsTo',
        'work.employeeIdInCompany',
        'internal.status',
        'internal.lifecycleStatus',
        'internal.terminationDate',
      ],
      max: 400,
    },
    items: { path: ['employees'] },
    id: [personId],
    volatile,
    paging: { kind: 'none' },
    // The contract advises large companies to request the ids and then for a batch at a time; how many, others have found:
    // 50 to 200.
    batches: {
      list: { fields: ['root.id'] },
      body: { filters: [{ fieldPath: 'root.id', operator: 'equals', values: '{ids}' }] },
      size: 100,
      over: 2000,
    },
    grade: 'vendor',
    default: true,
  },
};
