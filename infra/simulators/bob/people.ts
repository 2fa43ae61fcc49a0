import { createHash } from 'node:crypto';
import { inventedPerson } from '../frame/invented-people.ts';
import { exact } from '../frame/json.ts';
import { randomFor } from '../frame/random.ts';
import { date, moment, naive } from '../frame/timeline.ts';

export interface Person {
  /** 19 digits: more than a double can hold, and so a string, as Bob has it. */
  readonly id: string;
  readonly email: string;
  readonly active: boolean;
  readonly startsOn: number;
  /** By field id (`work.startDate`). */
  readonly values: Readonly<Record<string, unknown>>;
  /** What people read, for the fields whose value is the id of a list's item. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface ListItem {
  readonly id: string;
  readonly label: string;
}

function list(first: number, ...labels: readonly string[]): readonly ListItem[] {
  return labels.map((label, index) => ({ id: String(first + index * 11), label }));
}

const departments = list(
  231_645_101,
  'Imaginary Rides',
  'Pretend Kitchens',
  'Sample Sales',
  'Mock Maintenance',
);
const titles = list(231_645_301, 'Tester of Dragons', 'Dummy Operator', 'Keeper of Fixtures', 'Placeholder');
const sites = list(2_904_001, 'Nowhere Park', 'Example Harbour', 'Fictional Fields');
const pronouns = list(231_645_501, 'they/them', 'she/her', 'he/him');
/** By the name that Bob gives the list. */
export const peopleLists: Readonly<Record<string, readonly ListItem[]>> = {
  department: departments,
  title: titles,
  site: sites,
  pronouns,
};
const managers = 12;

function personId(seed: number, index: number): string {
  const digest = createHash('sha256')
    .update(`person ${String(seed)} ${String(index)}`)
    .digest();
  return `3${String(digest.readBigUInt64BE(0) % 10n ** 18n).padStart(18, '0')}`;
}

/** One invented person; the same seed and index make the same one, however many there are. One in eight has left. */
export function person(seed: number, index: number): Person {
  const random = randomFor(seed, 'bob', 'people', index);
  const { firstName, surname, displayName, email } = inventedPerson(seed, 'bob', index);
  const id = personId(seed, index);
  const startsOn = moment(index * 2 - 700);
  const active = index % 8 !== 5;
  const department = random.pick(departments);
  const title = random.pick(titles);
  const site = random.pick(sites);
  const pronoun = random.percent(40) ? random.pick(pronouns) : null;
  return {
    id,
    email,
    active,
    startsOn,
    values: {
      'root.id': id,
      'root.companyId': exact('636192'),
      'root.displayName': displayName,
      'root.fullName': displayName,
      'root.firstName': firstName,
      'root.surname': surname,
      'root.email': email,
      'root.creationDateTime': naive(startsOn - 86_400_000 * 14),
      'personal.pronouns': pronoun?.id ?? null,
      'work.startDate': date(startsOn),
      'work.siteId': exact(site.id),
      'work.site': site.label,
      'work.department': department.id,
      'work.title': title.id,
      'work.reportsTo': reportsTo(seed, index),
      // A bare number in Bob's answers. One in ten was carried over from a system with very long ones.
      'work.employeeIdInCompany': exact(
        index % 10 === 3 ? `900719925474${random.digits(7)}` : String(index + 1),
      ),
      'internal.status': active ? 'Active' : 'Inactive',
      'internal.lifecycleStatus': active ? 'employed' : 'terminated',
      'internal.terminationDate': active ? null : date(startsOn + 86_400_000 * (120 + random.below(400))),
      'payroll.fte': exact(random.pick(['100.00', '80.0', '62.50'])),
    },
    labels: {
      'work.department': department.label,
      'work.title': title.label,
      ...(pronoun && { 'personal.pronouns': pronoun.label }),
    },
  };
}

function reportsTo(seed: number, index: number): object | null {
  if (index === 0) return null;
  const manager = index < managers ? 0 : index % managers;
  const { firstName, surname, displayName, email } = inventedPerson(seed, 'bob', manager);
  return { id: personId(seed, manager), firstName, surname, email, displayName };
}

export function peopleOf(seed: number, size: number): readonly Person[] {
  return Array.from({ length: size }, (_, index) => person(seed, index));
}
