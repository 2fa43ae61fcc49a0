import { inventedPerson } from '../frame/invented-people.ts';
import { exact, toJson, type JsonObject } from '../frame/json.ts';
import { randomFor } from '../frame/random.ts';
import { moment, utc } from '../frame/timeline.ts';

/** One record, as an object to sort by and as the text that is sent. */
export interface Row {
  readonly id: string;
  readonly value: JsonObject;
  readonly text: string;
}

export const mobaroSizes = {
  users: 240,
  timesheets: 407,
  locations: 180,
  // One a day. Those that have not been answered yet come when their time has come.
  results: 2200,
  assets: 64,
  webhooks: 6,
  downtimes: 45,
  notes: 33,
  checklists: 21,
  schedules: 24,
  assignments: 52,
} as const;
export type MobaroResource = keyof typeof mobaroSizes;

const nodes = ['A', 'B', 'C'] as const;

/**
 * `users/112899-C`. Every tenth id has the number of the one before it and another suffix: only the whole string
 * tells two apart.
 */
export function mobaroId(resource: string, index: number, first: number): string {
  const isTwin = index % 10 === 1;
  const anchor = isTwin ? index - 1 : index;
  const node = nodes[(anchor * 2 + Number(isTwin)) % nodes.length] ?? 'A';
  return `${resource}/${String(first + anchor * 7)}-${node}`;
}

const userId = (index: number): string => mobaroId('users', index, 112_899);
const locationId = (index: number): string => mobaroId('locations', index, 109_036);
const locationName = (seed: number, index: number): string => {
  const random = randomFor(seed, 'location', 'name', index);
  return `${random.pick(manners)} ${random.pick(rides)} ${String(index + 1)}`;
};

const manners = ['Invented', 'Imaginary', 'Pretend', 'Made-up', 'Fictional', 'Mock', 'Sample', 'Example'];
const rides = [
  'Coaster',
  'Carousel',
  'Log Flume',
  'Swing Ride',
  'Ferris Wheel',
  'Ghost Train',
  'Ice Kiosk',
  'Gate',
];
const groups = ['Operators', 'Technicians', 'Guest Service', 'Supervisors', 'Lifeguards'];
const groupId = (group: number): string => `usergroups/${String(310 + group)}-A`;
const assetId = (index: number): string => mobaroId('assets', index, 19_192);

type Maker = (seed: number, index: number) => JsonObject;

/** Nothing is known of these rows but that there are some. */
function plainRows(resource: string, first: number): Maker {
  return (seed, index) => {
    const random = randomFor(seed, 'mobaro', resource, index);
    const created = moment(3 + index * 9, random.below(480));
    return {
      id: mobaroId(resource, index, first),
      name: `Invented ${resource.slice(0, -1)} ${String(index + 1)}`,
      location: locationId(random.below(mobaroSizes.locations)),
      createdAt: utc(created),
      updatedAt: utc(created + random.below(60) * 86_400_000),
    };
  };
}

const makers: Readonly<Record<MobaroResource, Maker>> = {
  users(seed, index) {
    const random = randomFor(seed, 'mobaro', 'users', index);
    const person = inventedPerson(seed, 'mobaro', index);
    const created = moment(index, random.below(480));
    const group = random.below(groups.length);
    return {
      id: userId(index),
      name: person.displayName,
      firstName: person.firstName,
      lastName: person.surname,
      email: random.percent(90) ? person.email : null,
      phone: null,
      employeeNumber: String(4000 + index),
      // Another system's key, as a bare number that no double can hold.
      externalReference: exact(`90071992547${random.digits(8)}`),
      active: random.percent(92),
      language: random.pick(['en', 'da', 'de', 'sv']),
      userGroups: [{ id: groupId(group), name: groups[group] }],
      locations: [locationId(random.below(mobaroSizes.locations))],
      createdAt: utc(created),
      updatedAt: utc(created + random.below(90) * 86_400_000),
    };
  },
  timesheets(seed, index) {
    const random = randomFor(seed, 'mobaro', 'timesheets', index);
    const owner = random.below(mobaroSizes.users);
    const place = random.below(mobaroSizes.locations);
    const start = moment(250 + Math.floor(index / 3), random.below(240));
    const quarters = 16 + random.below(24);
    return {
      id: mobaroId('timesheets', index, 2_715_492),
      user: { id: userId(owner), name: inventedPerson(seed, 'mobaro', owner).displayName },
      location: { id: locationId(place), name: locationName(seed, place) },
      start: utc(start),
      end: utc(start + quarters * 15 * 60_000),
      breakMinutes: random.pick([0, 15, 30]),
      hours: exact((quarters / 4).toFixed(2)),
      allowance: exact(random.pick(['0.00', '1.10', '12.50', '100.000'])),
      status: random.pick(['open', 'submitted', 'approved']),
      comment: random.percent(15) ? 'Covered for "the other shift" – 10 °C, no wind ☂' : null,
      createdAt: utc(start),
      updatedAt: utc(start + quarters * 15 * 60_000 + random.below(600) * 60_000),
    };
  },
  results(seed, index) {
    const random = randomFor(seed, 'mobaro', 'results', index);
    const owner = random.below(mobaroSizes.users);
    const asset = random.below(mobaroSizes.assets);
    const start = moment(index, random.below(600));
    return {
      id: mobaroId('results', index, 654_321),
      asset: { id: assetId(asset), name: `Sample Asset ${String(asset + 1)}` },
      user: { id: userId(owner), name: inventedPerson(seed, 'mobaro', owner).displayName },
      values: ['Are the restraints closed?', 'How many carriages run?'].map((question, place) => ({
        question,
        answers: place === 0 ? [random.pick(['Yes', 'No'])] : [exact(`${String(1 + random.below(9))}.0`)],
        answered: utc(start + place * 60_000),
      })),
    };
  },
  assets(seed, index) {
    const random = randomFor(seed, 'mobaro', 'assets', index);
    const created = moment(index, random.below(240));
    return {
      id: assetId(index),
      name: `Sample Asset ${String(index + 1)}`,
      location: locationId(random.below(mobaroSizes.locations)),
      serialNumber: exact(random.digits(19)),
      createdAt: utc(created),
      updatedAt: utc(created + random.below(200) * 86_400_000),
    };
  },
  downtimes: plainRows('downtimes', 5_201),
  notes: plainRows('notes', 8_115),
  checklists: plainRows('checklists', 654_100),
  schedules: plainRows('schedules', 7_410),
  assignments: plainRows('assignments', 91_330),
  webhooks(seed, index) {
    const random = randomFor(seed, 'mobaro', 'webhooks', index);
    const resources = ['Users', 'Locations', 'Results', 'Assignments', 'Notes', 'Downtimes'];
    const resource = resources[index % resources.length] ?? 'Users';
    return {
      id: mobaroId('webhooks', index, 12),
      name: `${resource} to the example intranet`,
      url: `https://hooks.example.com/mobaro/${resource.toLowerCase()}/${String(index + 1)}`,
      resource,
      events: random.percent(50) ? ['Created', 'Updated', 'Deleted'] : ['Created', 'Updated'],
      filter: null,
      enabled: random.percent(80),
      createdAt: utc(moment(30 + index * 12)),
      updatedAt: utc(moment(40 + index * 12)),
    };
  },
  locations(seed, index) {
    const random = randomFor(seed, 'mobaro', 'locations', index);
    const created = moment(Math.floor(index / 4), index % 4);
    return {
      id: locationId(index),
      name: locationName(seed, index),
      type: random.pick(['Ride', 'Shop', 'Restaurant', 'Gate']),
      parent: index < 5 ? null : { id: locationId(index % 5), name: locationName(seed, index % 5) },
      coordinates: {
        latitude: exact(`55.6${random.digits(4)}0`),
        longitude: exact(`12.5${random.digits(4)}0`),
      },
      capacityPerHour: 100 + random.below(1400),
      active: random.percent(95),
      externalId: exact(random.digits(20)),
      createdAt: utc(created),
      updatedAt: utc(created + random.below(200) * 86_400_000),
    };
  },
};

/** Of each resource the rows that were made last: most simulators of a process have the same. */
const made = new Map<MobaroResource, { readonly seed: number; readonly rows: readonly Row[] }>();

/** The rows of one resource, oldest first. The same seed and index make the same row, however many there are. */
export function mobaroRows(resource: MobaroResource, seed: number, size: number): readonly Row[] {
  const known = made.get(resource);
  if (known?.seed === seed && known.rows.length === size) return known.rows;
  const rows = Array.from({ length: size }, (_, index) => {
    const value = makers[resource](seed, index);
    return { id: String(value.id), value, text: toJson(value) };
  });
  made.set(resource, { seed, rows });
  return rows;
}

/** One user group as `/usergroups/{id}` gives it. */
export interface UserGroup {
  readonly id: string;
  readonly users: readonly string[];
  readonly text: string;
}

/** The groups that some of these users are in. @param users rows of the users */
export function mobaroUserGroups(users: readonly Row[]): readonly UserGroup[] {
  return groups.map((name, group) => {
    const id = groupId(group);
    const members = users
      .map(({ value }) => value)
      .filter(({ userGroups }) => (userGroups as readonly { id: string }[]).some((one) => one.id === id))
      .map((user) => ({ id: user.id, name: user.name }));
    const text = toJson({ id, name, users: members });
    return { id, text, users: members.map((member) => String(member.id)) };
  });
}

/** When the last question of a result was answered, epoch milliseconds. */
export function answeredAt({ value }: Row): number {
  const values = value.values as readonly { readonly answered: string }[];
  return Math.max(...values.map(({ answered }) => Date.parse(answered)));
}
