import { exact, type JsonObject } from '../frame/json.ts';
import { randomFor } from '../frame/random.ts';
import { date, naive } from '../frame/timeline.ts';
import type { Person } from './people.ts';

const day = 86_400_000;
const period = 30 * day;

/** A request for time off and what became of it. Times are epoch milliseconds. */
export interface TimeOffRequest {
  readonly id: string;
  readonly events: readonly { readonly changeType: string; readonly at: number }[];
  readonly start: number;
  readonly end: number;
  readonly policy: string;
  readonly shape: JsonObject;
  readonly person: Person;
}

/**
 * At most one request for each person in each 30 days since 1970, so that there are some at any time, and those of a time
 * never change. @returns null if there is none
 */
function requestOf(seed: number, person: Person, index: number, nth: number): TimeOffRequest | null {
  const random = randomFor(seed, 'bob', 'time-off', index, nth);
  if (!random.percent(60)) return null;
  const created = nth * period + random.below(period / 1000) * 1000;
  const start = created - (created % day) + (10 + random.below(20)) * day;
  const days = 1 + random.below(10);
  const end = start + (days - 1) * day;
  const events = [{ changeType: 'Created', at: created }];
  if (random.percent(20)) events.unshift({ changeType: 'Pending', at: created - 3_600_000 });
  if (random.percent(15)) {
    const changeType = random.pick(['Canceled', 'Deleted']);
    events.push({ changeType, at: created + (1 + random.below(5)) * day });
  }
  return {
    id: String(nth * 1_000_000 + index),
    events,
    start,
    end,
    policy: random.pick(['Imaginary holiday', 'Pretend leave', 'Made-up study day']),
    shape: random.pick([
      { type: 'days', startPortion: 'all_day', endPortion: 'all_day' },
      { type: 'hours', hoursOnDate: exact('4.50') },
      { type: 'portionOnRange', dayPortion: 'morning' },
      { type: 'percentageOnRange', percentageOfDay: 50 },
    ]),
    person,
  };
}

/** All requests of which anything may have happened, or that may be taken, between the two times and 60 days before. */
export function requestsAround(
  seed: number,
  people: readonly Person[],
  from: number,
  to: number,
): readonly TimeOffRequest[] {
  const first = Math.floor(from / period) - 2;
  const last = Math.floor(to / period) + 1;
  const found: TimeOffRequest[] = [];
  for (let nth = first; nth <= last; nth += 1) {
    for (const [index, person] of people.entries()) {
      const request = requestOf(seed, person, index, nth);
      if (request) found.push(request);
    }
  }
  return found;
}

export function changeRow(request: TimeOffRequest, changeType: string, at: number): JsonObject {
  return {
    changeType,
    employeeId: request.person.id,
    employeeDisplayName: request.person.values['root.displayName'],
    employeeEmail: request.person.email,
    requestId: exact(request.id),
    policyTypeDisplayName: request.policy,
    ...request.shape,
    createdOn: naive(at),
    startDate: date(request.start),
    endDate: date(request.end),
    originalRequestId: null,
    previousRequestId: null,
    visibility: 'Public',
  };
}

export function outRow(request: TimeOffRequest): JsonObject {
  return {
    requestId: exact(request.id),
    employeeId: request.person.id,
    employeeDisplayName: request.person.values['root.displayName'],
    policyTypeDisplayName: request.policy,
    ...request.shape,
    startDate: date(request.start),
    endDate: date(request.end),
    status: 'approved',
    visibility: 'Public',
  };
}
