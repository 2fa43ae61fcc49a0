import { json } from '../frame/answer.ts';
import type { Answer, VendorRequest } from '../frame/vendor.ts';
import { bobErrors } from './errors.ts';
import type { Person } from './people.ts';
import type { Section } from './section.ts';
import { changeRow, outRow, requestsAround, type TimeOffRequest } from './time-off-requests.ts';

const day = 86_400_000;
/** What the connector reads on its first run, and how far ahead it asks who is out. */
const historyDays = 180;
const aheadDays = 60;

interface Change {
  readonly request: TimeOffRequest;
  readonly changeType: string;
  readonly at: number;
}

/** The feed of changes, and who is out. Sources: the time off API's reference, and the changelog of the feed. */
export function timeOff(seed: number, people: readonly Person[]): Section {
  const changes = (since: number, to: number, now: number): readonly Change[] =>
    requestsAround(seed, people, since, to)
      .flatMap((request) => request.events.map((event) => ({ request, ...event })))
      .filter(({ at }) => at >= since && at <= Math.min(to, now))
      .toSorted((a, b) => a.at - b.at || Number(a.request.id) - Number(b.request.id));
  const outs = (from: number, to: number, now: number): readonly TimeOffRequest[] =>
    requestsAround(seed, people, from - aheadDays * day, now).filter(
      ({ person, start, end, events }) =>
        person.active && start <= to && end >= from && isApproved(events, now),
    );

  return {
    routes: [
      {
        method: 'GET',
        path: '/timeoff/requests/changes',
        handle: ({ query }, _, now) => {
          const range = changesRange(query, now);
          if ('refusal' in range) return range.refusal;
          const pending = query.get('includePending') === 'true';
          const rows = changes(range.since, range.to, now)
            .filter(({ changeType }) => pending || changeType !== 'Pending')
            .map(({ request, changeType, at }) => changeRow(request, changeType, at));
          return json(200, { changes: rows });
        },
      },
      {
        method: 'GET',
        path: '/timeoff/whosout',
        handle: ({ query }, _, now) => {
          const [from, to] = [dateOf(query.get('from')), dateOf(query.get('to'))];
          if (from === null || to === null || to < from)
            return badRange('from and to must be dates, in order');
          return json(200, { outs: outs(from, to, now).map(outRow) });
        },
      },
    ],
    ids: {
      'time-off-changes': (now) =>
        changes(now - historyDays * day, now, now).map(
          ({ request, changeType }) => `${request.id}/${changeType}`,
        ),
      'whos-out': (now) => {
        const today = now - (now % day);
        return outs(today, today + aheadDays * day, now).map(({ id }) => id);
      },
    },
  };
}

function isApproved(events: TimeOffRequest['events'], now: number): boolean {
  return events.filter(({ at }) => at <= now).at(-1)?.changeType === 'Created';
}

type Range = { readonly since: number; readonly to: number } | { readonly refusal: Answer };

/** Without `to` at most six months ago, with it at most six months later. */
function changesRange(query: VendorRequest['query'], now: number): Range {
  const since = instantOf(query.get('since'));
  if (since === null) return { refusal: badRange('since must be an instant in ISO 8601') };
  const upTo = query.get('to');
  if (upTo === null) {
    return sixMonthsAfter(since) < now
      ? { refusal: badRange('since is older than 6 months') }
      : { since, to: now };
  }
  const to = instantOf(upTo);
  if (to === null || to <= since) return { refusal: badRange('to must be an instant after since') };
  return to > sixMonthsAfter(since)
    ? { refusal: badRange('the range is longer than 6 months') }
    : { since, to };
}

function badRange(error: string): Answer {
  return bobErrors.keyed(400, 'exception.timeoff.dates.invalid', error);
}

function sixMonthsAfter(time: number): number {
  const then = new Date(time);
  return then.setUTCMonth(then.getUTCMonth() + 6);
}

function instantOf(text: string | null): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text ?? '')) return null;
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : time;
}

function dateOf(text: string | null): number | null {
  const time = /^\d{4}-\d\d-\d\d$/.test(text ?? '') ? Date.parse(`${text ?? ''}T00:00:00Z`) : NaN;
  return Number.isNaN(time) ? null : time;
}
