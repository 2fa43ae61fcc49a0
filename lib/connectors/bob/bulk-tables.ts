import type { Grade, StreamDefinition } from '../connector.ts';
import { queryCursor } from './shapes.ts';

/**
 * One of the tables that each person has, read for all of them at once. Sources: the references of the bulk API, and for equities,
 * variable, dependents, right to work, entitlements and deductions the changelog that announces them; that these have the others'
 * form is known from code that uses them.
 */
function bulkTable(
  about: string,
  name: string,
  grade: Grade,
  flags: Pick<StreamDefinition, 'sensitive' | 'default'> = {},
): StreamDefinition {
  return {
    about,
    method: 'GET',
    path: `/bulk/people/${name}`,
    items: { path: ['results'], nested: { list: 'values', carry: 'employeeId' } },
    // An entry's id is unique only within its employee.
    id: [[['employeeId']], [['id']]],
    // How many people, not how many entries.
    paging: queryCursor({ default: 100, max: 200 }),
    partial: ['errors'],
    grade,
    ...flags,
  };
}

const sensitive = { sensitive: true } as const;

export const bulkTables: Readonly<Record<string, StreamDefinition>> = {
  employment: bulkTable('an entry of the employment history', 'employment', 'vendor', { default: true }),
  work: bulkTable('an entry of the work history: title, site, department, manager', 'work', 'vendor'),
  lifecycle: bulkTable('a change of status: hired, on leave, left', 'lifecycle', 'vendor'),
  salaries: bulkTable('an entry of the salary history', 'salaries', 'vendor', sensitive),
  equities: bulkTable('a grant of equity', 'equities', 'vendor', sensitive),
  variable: bulkTable('an entry of variable pay', 'variable', 'vendor', sensitive),
  dependents: bulkTable("one of a person's dependents", 'dependents', 'vendor', sensitive),
  'right-to-work': bulkTable('a proof of the right to work', 'right-to-work', 'vendor', sensitive),
  // In the singular; in the plural they are a 404.
  entitlement: bulkTable('an entitlement of pay', 'entitlement', 'vendor', sensitive),
  deduction: bulkTable('a deduction from pay', 'deduction', 'vendor', sensitive),
};
