/** One entry of `GET /company/people/fields`. */
export interface PeopleField {
  /** As it is asked for: `work.startDate`. */
  readonly id: string;
  readonly category: string;
  readonly name: string;
  readonly type: 'text' | 'date' | 'number' | 'list' | 'employee-reference';
}

function field(id: string, name: string, type: PeopleField['type'] = 'text'): PeopleField {
  const category = id.slice(0, id.indexOf('.'));
  return { id, category, name, type };
}

export const peopleFields: readonly PeopleField[] = [
  field('root.id', 'Employee ID'),
  field('root.companyId', 'Company ID', 'number'),
  field('root.displayName', 'Display name'),
  field('root.fullName', 'Full name'),
  field('root.firstName', 'First name'),
  field('root.surname', 'Last name'),
  field('root.email', 'Email'),
  field('root.avatarUrl', 'Avatar'),
  field('root.creationDateTime', 'Creation time', 'date'),
  field('personal.pronouns', 'Pronouns', 'list'),
  field('work.startDate', 'Start date', 'date'),
  field('work.siteId', 'Site ID', 'number'),
  field('work.site', 'Site', 'list'),
  field('work.department', 'Department', 'list'),
  field('work.title', 'Job title', 'list'),
  field('work.reportsTo', 'Reports to', 'employee-reference'),
  field('work.tenureYears', 'Tenure in years', 'number'),
  field('work.employeeIdInCompany', 'Employee number', 'number'),
  field('internal.status', 'Status'),
  field('internal.lifecycleStatus', 'Lifecycle status', 'list'),
  field('internal.terminationDate', 'Termination date', 'date'),
  field('payroll.fte', 'Full-time equivalent', 'number'),
];

/** `/work/startDate`, the key under which the field's value comes. */
export function slashKey(id: string): string {
  return `/${id.replaceAll('.', '/')}`;
}

export function fieldCatalogue(): readonly object[] {
  return peopleFields.map(({ id, category, name, type }) => ({
    id,
    category,
    name,
    description: `${name} of an invented person`,
    jsonPath: slashKey(id),
    type,
    typeData: type === 'list' ? { listId: id.slice(category.length + 1) } : {},
    historical: false,
  }));
}
