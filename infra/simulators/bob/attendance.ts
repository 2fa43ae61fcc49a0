import { exact } from '../frame/json.ts';
import { date } from '../frame/timeline.ts';
import type { Answer } from '../frame/vendor.ts';
import { refused, searchObjects, type Clause, type ObjectKind, type Values } from './object-search.ts';
import type { Person } from './people.ts';
import type { Section } from './section.ts';

const day = 86_400_000;
const maxDays = 33;
/** What the connector reads on its first run. */
const historyDays = 90;

const attendanceEntry: ObjectKind = {
  kind: 'attendanceEntry',
  envelope: 'items',
  rendering: 'bare',
  paging: { within: 'top', limits: { default: 50, max: 200 } },
  filters: { fields: ['employeeId', 'clockInDate'], mandatory: true },
};

/** POST /attendance/entries/search: of the people named, within 33 days. Source: its reference. */
export function attendance(seed: number, people: readonly Person[]): Section {
  const indexOf = new Map(people.map(({ id }, index) => [id, index]));
  const between = (ids: readonly string[], from: number, to: number): readonly Values[] =>
    ids.flatMap((id) => entriesBetween(id, indexOf.get(id), from, to));

  return {
    routes: [
      {
        method: 'POST',
        path: '/attendance/entries/search',
        handle: ({ body }, _, now) =>
          searchObjects(attendanceEntry, [], { body, seed, now }, (_none, clauses) => {
            const range = rangeOf(clauses);
            if ('refusal' in range) return range;
            return { value: between(range.ids, range.from, Math.min(range.to, now)) };
          }),
      },
    ],
    ids: {
      'attendance-entries': (now) =>
        between(
          people.map(({ id }) => id),
          startOf(now) - historyDays * day,
          now,
        ).map(({ id }) => String(id)),
    },
  };
}

/** Most people work on most days; who does on which does not change. */
function entriesBetween(
  employeeId: string,
  index: number | undefined,
  from: number,
  to: number,
): readonly Values[] {
  if (index === undefined) return [];
  const entries: Values[] = [];
  for (let at = startOf(from); at <= to; at += day) {
    const nth = at / day;
    if ((nth * 31 + index * 17) % 10 >= 7) continue;
    const on = date(at);
    entries.push({
      id: exact(String(nth * 1_000_000 + index)),
      employeeId,
      type: 'work',
      clockInDate: on,
      clockInTime: `${on}T08:00`,
      clockOutDate: on,
      clockOutTime: `${on}T16:${String(10 + (index % 50))}`,
      notes: null,
    });
  }
  return entries;
}

function startOf(time: number): number {
  return time - (time % day);
}

type Range =
  | { readonly ids: readonly string[]; readonly from: number; readonly to: number }
  | { readonly refusal: Answer };

function rangeOf(clauses: readonly Clause[]): Range {
  const value = (operator: string): string =>
    clauses.find((clause) => clause.field === 'clockInDate' && clause.operator === operator)?.values[0] ?? '';
  const ids = clauses.find(({ field, operator }) => field === 'employeeId' && operator === 'equals')?.values;
  const [from, to] = [Date.parse(value('from')), Date.parse(value('to'))];
  if (!ids || Number.isNaN(from) || Number.isNaN(to)) {
    return refused('filters by employeeId (equals) and clockInDate (from, to) are mandatory');
  }
  const days = (to - from) / day + 1;
  return days < 1 || days > maxDays
    ? refused(`The maximum date range is ${String(maxDays)} days`)
    : { ids, from, to };
}
