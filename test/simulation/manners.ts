import { bob } from '../../lib/connectors/bob/bob.ts';
import type { Paging } from '../../lib/connectors/connector.ts';
import { mobaro } from '../../lib/connectors/mobaro/mobaro.ts';
import type { Chance } from './chance.ts';
import { lyingKinds, type Fault } from './faults.ts';
import type { ConnectionPlan, Scenario, StreamPlan } from './scenario.ts';

/** How a vendor answers for one list, for as long as that list exists. All of them are true answers, oddly given. */
export type Manner =
  | { readonly kind: 'plain' }
  /** Its total stops there, however many rows there are. */
  | { readonly kind: 'capped total'; readonly at: number }
  /** Its total counts the rows of the page. */
  | { readonly kind: 'total of the page' }
  /** It says no total, and answers an offset behind all rows with this status; 200 is an empty page. */
  | { readonly kind: 'no total'; readonly behind: 200 | RefusedOffset }
  /** It gives no page that begins there or further on. `counts`: it says a total, of all rows. */
  | {
      readonly kind: 'no deeper';
      readonly than: number;
      readonly status: RefusedOffset;
      readonly counts: boolean;
    }
  /** It answers from the last offset that is a multiple of the limit. */
  | { readonly kind: 'aligned offset' }
  /** Its offset counts pages. */
  | { readonly kind: 'offset in pages' }
  /** Each page names its own cursor beside the next one. */
  | { readonly kind: 'own cursor' }
  /** Each page with rows names a next cursor, and the empty page behind the last one names its own again. */
  | { readonly kind: 'cursor stays' };

export type RefusedOffset = 400 | 404 | 416 | 422;

/** What a cursor that is not good any more may be answered with. */
export const deadCursorStatuses = [400, 404, 410, 422] as const;
export type DeadCursorStatus = (typeof deadCursorStatuses)[number];

/** Whether a run of such a list that took more than a page can tell what has gone: where not, nothing of it is deleted. */
export function tellsWhatHasGone(manner: Manner): boolean {
  return manner.kind === 'no total' ? manner.behind === 200 : !isOneOf(manner, silentOnes);
}

/** Nobody can tell its end from an end of what it gives: its runs are partial, and say so. */
export function neverEnds(manner: Manner): boolean {
  if (manner.kind === 'no total') return manner.behind === 400 || manner.behind === 422;
  return manner.kind === 'no deeper';
}

const silentOnes = ['no deeper', 'aligned offset', 'offset in pages'] as const;

function isOneOf({ kind }: Manner, kinds: readonly Manner['kind'][]): boolean {
  return kinds.includes(kind);
}

/** Gives some lists a manner: those of which no fault takes away what the manner could be known by. */
export function withManners(scenario: Scenario, chance: Chance): Scenario {
  const connections = scenario.connections.map((connection) => ({
    ...connection,
    streams: connection.streams.map((plan) => ({
      ...mannered(plan, connection, scenario, chance),
      deadCursor: chance.pick(deadCursorStatuses),
    })),
  }));
  return { ...scenario, connections };
}

export function pagingOf({ name }: StreamPlan, { connector }: ConnectionPlan): Paging['kind'] | undefined {
  return { mobaro, bob }[connector].streams[name.split('/')[1] ?? '']?.paging.kind;
}

function mannered(
  plan: StreamPlan,
  connection: ConnectionPlan,
  { drift, faults }: Scenario,
  chance: Chance,
): StreamPlan {
  const paging = pagingOf(plan, connection);
  const isMannered = chance.happens(0.4);
  if (!isMannered || meets(faults, [plan.name], lyingKinds)) return plan;
  if (paging === 'cursor') return { ...plan, manner: { kind: chance.pick(['own cursor', 'cursor stays']) } };
  if (paging !== 'offset') return plan;
  const isSteady = !meets(faults, [plan.name], ['cap', 'deploy']);
  const isQuiet = isSteady && !meets(faults, [plan.name, connection.name], ['delete', 'rotate']);
  const draws: (() => StreamPlan)[] = [
    () => ({ ...plan, manner: { kind: 'no total', behind: chance.pick([200, 400, 404, 404, 416, 422]) } }),
  ];
  if (isSteady) {
    // What is known of a total that is too low is known for good: the first run has to have met it.
    const isKnown = isQuiet && drift === 'between' && plan.windows === null && plan.continuation === 'queue';
    const cap = isKnown && chance.happens(0.5) ? Math.max(1, plan.pageSize - 2) : 100;
    const rows = cap < 100 ? Math.max(plan.rows, 2 * cap + 1) : plan.rows;
    const capped = (): StreamPlan => ({
      ...plan,
      manner: { kind: 'capped total', at: Math.max(cappedFrom(plan), chance.whole(1, plan.rows + 2)) },
    });
    draws.push(
      // Of pages of two rows a row that is inserted at the right moment, twice, looks like the last page again.
      () => (drift === 'within' && plan.pageSize < 3 ? plan : capped()),
      () => ({ ...plan, cap, rows, manner: { kind: 'total of the page' } }),
    );
    if (plan.windows === null) draws.push(() => noDeeper(plan, chance));
    // Without an overlap nobody notices rows that move, nor another key that shows fewer of them.
    if (drift === 'between' && !meets(faults, [connection.name], ['rotate'])) {
      for (const kind of ['aligned offset', 'offset in pages'] as const) {
        // On smaller pages chance could look the same, and nothing is tried.
        const pageSize = chance.whole(6, 8);
        const isLong = plan.windows === null && plan.continuation === 'queue';
        const rows = isLong ? chance.whole(1, 3 * pageSize) : plan.rows;
        draws.push(() => ({ ...plan, cap: 100, pageSize, rows, manner: { kind } }));
      }
    }
  }
  return chance.pick(draws)();
}

/** Above what the vendor gives at a time: a first page that is all of its total is believed. */
function cappedFrom({ cap, pageSize }: StreamPlan): number {
  return cap < pageSize ? cap + 1 : 1;
}

function noDeeper(plan: StreamPlan, chance: Chance): StreamPlan {
  const than = chance.whole(1, plan.rows + 1);
  return {
    ...plan,
    cap: 100,
    manner: {
      kind: 'no deeper',
      than,
      status: chance.pick([400, 422, 404, 416]),
      counts: chance.happens(0.5),
    },
  };
}

function meets(
  faults: readonly Fault[],
  targets: readonly string[],
  kinds: readonly Fault['kind'][],
): boolean {
  return faults.some((fault) => {
    const target = 'target' in fault ? fault.target : 'stream' in fault ? fault.stream : '';
    return kinds.includes(fault.kind) && targets.includes(target);
  });
}
