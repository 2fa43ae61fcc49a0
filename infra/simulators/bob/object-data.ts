import { inventedPerson } from '../frame/invented-people.ts';
import { exact } from '../frame/json.ts';
import { randomFor, type Random } from '../frame/random.ts';
import { date, moment, naive } from '../frame/timeline.ts';
import type { Values } from './object-search.ts';

type Make = (random: Random, index: number, seed: number) => Values;

/** A UUID of version 4 in its form, and nobody's in its digits. */
function uuid(random: Random): string {
  const hex = (length: number): string =>
    Array.from({ length }, () => random.below(16).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}

const money = (digits: string): object => ({ value: exact(digits), currency: 'EUR' });
const roles = ['Tester of Dragons', 'Dummy Operator', 'Keeper of Fixtures', 'Placeholder'];

const makers: Readonly<Record<string, { readonly size: number; readonly make: Make }>> = {
  candidate: {
    size: 230,
    make: (random, index, seed) => {
      const { firstName, surname, email } = inventedPerson(seed, 'candidates', index);
      return {
        id: exact(String(40_000 + index)),
        firstName,
        lastName: surname,
        email,
        title: random.pick(roles),
        sourceType: random.pick(['careers-page', 'referral']),
        modificationDate: naive(moment(index, random.below(600))),
      };
    },
  },
  application: {
    size: 260,
    make: (random, index) => ({
      id: exact(String(50_000 + index)),
      status: random.pick(['active', 'rejected', 'hired']),
      candidateId: exact(String(40_000 + (index % 230))),
      jobOpeningId: exact(String(600 + random.below(9))),
      dateApplied: date(moment(index)),
      hasOffer: random.percent(10),
      modificationDate: naive(moment(index + 2)),
    }),
  },
  jobAd: {
    size: 12,
    make: (random, index) => ({
      id: uuid(random),
      title: `${random.pick(roles)} ${String(index + 1)}`,
      applyUrl: `https://jobs.example.com/${String(index + 1)}`,
      jobAdSiteId: exact(String(2_904_001 + (index % 3))),
      jobAdSite: `Nowhere Park ${String(1 + (index % 3))}`,
      jobAdCountry: 'XX',
      workspaceTypeId: 'hybrid',
      workspaceType: 'Hybrid',
      siteId: exact('2904001'),
      site: 'Nowhere Park 1',
      languageCode: 'en-GB',
      description: 'An invented job at an invented company.',
    }),
  },
  jobRole: { size: 130, make: catalogued('Role', 1_000) },
  jobFamily: { size: 21, make: catalogued('Family', 3_000) },
  jobFamilyGroup: { size: 5, make: catalogued('Group', 5_000) },
  jobProfile: {
    size: 215,
    make: (random, index) => ({
      id: exact(String(7_000 + index)),
      code: `JP-${String(index + 1)}`,
      title: `${random.pick(roles)} ${String(1 + (index % 5))}`,
      status: random.pick(['active', 'draft', 'archived']),
      jobRoleId: exact(String(1_000 + (index % 130))),
      jobFamilyId: exact(String(3_000 + (index % 21))),
      jobFamilyGroupId: exact(String(5_000 + (index % 5))),
    }),
  },
  position: {
    size: 170,
    make: (random, index) => ({
      id: exact(`22518008200${String(10_000 + index)}`),
      name: `P-${String(index + 1).padStart(10, '0')}`,
      status: random.pick(['vacant', 'filled', 'starting']),
      fte: exact(random.pick(['100', '50.0'])),
      effectiveDate: date(moment(index)),
      department: '231645101',
      hasOpenRequests: random.percent(10),
      budget: exact(`22518008210${String(10_000 + index)}`),
      modificationDate: naive(moment(index + 1)),
    }),
  },
  positionOpening: {
    size: 140,
    make: (random, index) => ({
      id: exact(`22518008220${String(10_000 + index)}`),
      positionId: exact(`22518008200${String(10_000 + index)}`),
      positionOpeningName: `O-${String(index + 1)}`,
      status: random.pick(['vacant', 'starting', 'filled', 'departing']),
      expectedStartDate: date(moment(index + 40)),
    }),
  },
  positionBudget: {
    size: 170,
    make: (random, index) => ({
      id: exact(`22518008210${String(10_000 + index)}`),
      expectedBaseSalaryCurrencyValue: money(`${String(1 + random.below(9))}2222.20`),
      salaryPayPeriod: 'Annual',
      currency: 'EUR',
      totalPositionCostCurrencyValue: money(`${String(1 + random.below(9))}3333.30`),
    }),
  },
  goal: {
    size: 64,
    make: (random, index) => ({
      id: uuid(random),
      title: `Pretend to reach ${String(index + 1)}`,
      status: random.pick(['onTrack', 'atRisk', 'completed']),
      progress: random.below(101),
      startDate: date(moment(index)),
      dueDate: date(moment(index + 90)),
    }),
  },
  skill: {
    size: 210,
    make: (random, index) => ({
      id: uuid(random),
      name: `Imaginary skill ${String(index + 1)}`,
      status: random.pick(['active', 'archived']),
      createdAt: naive(moment(index)),
    }),
  },
  employer: {
    size: 4,
    make: (_, index) => ({
      id: exact(String(900 + index)),
      legalName: `Made-up Rides ${String(index + 1)} Ltd`,
      employerEmailAddress: `payroll.${String(index + 1)}@example.com`,
      country: 'Nowhere',
      employerStatus: 'active',
    }),
  },
  workLocation: {
    size: 11,
    make: (_, index) => ({
      // Two employers may have a location of the same number.
      id: exact(String(1 + Math.floor(index / 3))),
      employerId: exact(String(900 + (index % 3))),
      name: `Imaginary gate ${String(index + 1)}`,
      country: 'Nowhere',
      status: 'active',
    }),
  },
};

function catalogued(what: string, first: number): Make {
  return (random, index) => ({
    id: exact(String(first + index)),
    name: `${what} of ${random.pick(roles)} ${String(index + 1)}`,
    description: index % 3 === 0 ? null : 'Invented for a catalogue that nobody reads.',
  });
}

/** The objects of one kind, in the order of their making; the same seed makes the same ones. */
export function objectsOf(kind: string, seed: number, size: number | undefined): readonly Values[] {
  const maker = makers[kind];
  if (!maker) throw new RangeError(`there are no objects of the kind ${kind}`);
  return Array.from({ length: size ?? maker.size }, (_, index) =>
    maker.make(randomFor(seed, 'bob', kind, index), index, seed),
  );
}
