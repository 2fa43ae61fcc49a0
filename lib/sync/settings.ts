import {
  endpointOf,
  pageSizeIn,
  type Connector,
  type Limit,
  type StreamDefinition,
} from '../connectors/connector.ts';
import { publishedLimits, scopesOf, spanMs, type CountedPart } from '../connectors/limits.ts';
import { defaultReconcile, reconcileMsOf } from '../connectors/reconcile.ts';
import type { LimitTerms } from '../governor/state.ts';

export type Continuation = 'queue' | 'nextTick';

/** What the user chose for one stream; every field has a default, see `streamDefaults`. */
export interface StreamSettings {
  /** Rows requested in a page; null where the vendor does not page. */
  readonly pageSize: number | null;
  /** `queue`: one page per invocation, at once. `nextTick`: one page per tick. */
  readonly continuation: Continuation;
  /** Tries of one page before the run is left as `exhausted`; the vendors advise 3 to 6. */
  readonly attemptCap: number;
  /** Pages in one run before it counts as a runaway. */
  readonly pageBudget: number;
  /** Hours of work on one run before it counts as a runaway; waiting for the vendor, a tick or a person is no work. */
  readonly timeBudgetHours: number;
  /** Deletions are held back for a person if they are more than so many records and more than so many per cent of all. */
  readonly deletionGuard: { readonly rows: number; readonly percent: number };
  /** How long a deleted record is kept as a tombstone before it is erased. */
  readonly tombstoneRetentionDays: number;
  /** How the vendor is to sort the list, `field:asc`; null leaves it to the vendor. A stable order makes paging cheaper. */
  readonly orderBy: string | null;
  /** Field ids to request; null where the stream has none to choose. */
  readonly fields: readonly string[] | null;
  /** Fields that are not kept, and fields of which a keyed hash is kept: see lib/connectors/privacy.ts. */
  readonly omit: readonly string[];
  readonly mask: readonly string[];
  /** Lists that the definition wants from the user; what is one text each has been put into the definition. */
  readonly params: Readonly<Record<string, readonly string[]>>;
  /** Where the history of a stream with windows begins, epoch milliseconds; null for its definition's. */
  readonly historyFrom: number | null;
  /** A list of more rows than this is requested in batches; null for its definition's. */
  readonly batchOver: number | null;
  /** So long after a whole walk the next one is due, of a stream that is walked by what has changed; else null. */
  readonly reconcileMs: number | null;
}

/** What shares a limit, and what is known of that limit before any answer. */
export interface ScopedLimit {
  readonly scope: string;
  readonly terms: LimitTerms;
}

/** One stream of one connection, with all that is needed to sync it. */
export interface Stream {
  /** `connection/stream`, for instance `mobaro/users`. */
  readonly name: string;
  readonly connection: string;
  readonly connector: Connector;
  readonly definition: StreamDefinition;
  readonly settings: StreamSettings;
  /** What shares the vendor's limit with this stream: its endpoint where that is counted by itself, else the account. */
  readonly limitScope: string;
  /** All limit scopes that its calls count in, the narrowest first. */
  readonly limits: readonly [ScopedLimit, ...ScopedLimit[]];
  /** The longest gap between two ticks, in seconds: after a longer one a stream is overdue. */
  readonly gapSeconds: number;
  /** How old the last complete run may be before on-call is alarmed, in milliseconds. */
  readonly freshnessMs: number;
  /** How long its pages may fail before a person is to look at once, in milliseconds. */
  readonly pageAfterMs: number;
  /** How long one invocation may hold the stream, in milliseconds: the function's time-out and `leaseMarginSeconds`. */
  readonly leaseMs: number;
  /** Of the connection's page queue, in milliseconds: at least six times the function's time-out. */
  readonly visibilityMs: number;
}

/** A lease outlives the function that holds it by this, so that nothing a dead holder wrote can land after it. */
export const leaseMarginSeconds = 10;

/** How long a page queue hides a message: AWS's advice for event source mappings; and a lease must end before its message comes back. */
export function visibilitySecondsOf(functionTimeoutSeconds: number): number {
  return 6 * functionTimeoutSeconds;
}

export const defaultAttemptCap = 5;
export const defaultPageBudget = 100_000;
/** Far more than a run of that many pages takes, and far less than the month a stuck one would go unnoticed. */
export const defaultTimeBudgetHours = 48;
export const defaultDeletionGuard = { rows: 10, percent: 10 };
export const defaultTombstoneRetentionDays = 90;
/** Of a function, and of one answer after decompression: reading it takes about eight times as much. */
export const defaultMemoryMb = 512;
export const defaultMaxPageMb = 32;

/** So long a vendor may be deployed, or restarted. */
export const defaultPageAfterMinutes = 15;

/** Without a target of its own a stream is stale when it has missed so many ticks in a row, or failed them. */
const ticksOfFreshness = 3;

/** @param gapSeconds the longest gap between two ticks */
export function defaultFreshnessMs(gapSeconds: number): number {
  return ticksOfFreshness * gapSeconds * 1000;
}

export function streamDefaults(definition: StreamDefinition): StreamSettings {
  return {
    pageSize: pageSizeIn(definition.paging)?.default ?? null,
    continuation: 'queue',
    attemptCap: defaultAttemptCap,
    pageBudget: defaultPageBudget,
    timeBudgetHours: defaultTimeBudgetHours,
    deletionGuard: defaultDeletionGuard,
    tombstoneRetentionDays: defaultTombstoneRetentionDays,
    orderBy: null,
    fields: definition.fields?.default ?? null,
    omit: [],
    mask: [],
    params: {},
    historyFrom: null,
    batchOver: null,
    reconcileMs: definition.changes ? reconcileMsOf(definition.changes.reconcile ?? defaultReconcile) : null,
  };
}

/** The limits that the user has chosen, where the vendor counts the account and where it counts the endpoint. */
export type ChosenLimits = Readonly<Record<CountedPart, readonly Limit[]>>;

/**
 * The limit scopes in which a stream's calls count, the narrowest first, which is the stream's own.
 *
 * @param group the connection's `limitGroup`, or its name: connections in one group share the vendor's limit
 * @param chosen each takes the place of the published one of the same span
 */
export function limitsOf(
  group: string,
  connector: Connector,
  definition: StreamDefinition,
  chosen: ChosenLimits,
): Pick<Stream, 'limitScope' | 'limits'> {
  const limits = scopesOf(connector).map((part) => ({
    scope: limitScopeOf(group, part, definition),
    terms: termsOf(publishedLimits(connector, part, definition), chosen[part]),
  }));
  const [own, ...wider] = limits;
  if (own === undefined) throw new Error(`${connector.title} counts nothing`);
  return { limitScope: own.scope, limits: [own, ...wider] };
}

export const nothingChosen: ChosenLimits = { account: [], endpoint: [] };

function limitScopeOf(group: string, part: CountedPart, definition: StreamDefinition): string {
  return part === 'account' ? group : `${group}:${endpointOf(definition)}`;
}

/** A limit of a minute is what answers speak of most, and is learned from them; those of other spans all hold. */
function termsOf(published: readonly Limit[], chosen: readonly Limit[]): LimitTerms {
  const ofAMinute = (limits: readonly Limit[]): number | null =>
    limits.find(({ per }) => per === 'minute')?.requests ?? null;
  const isChosen = ({ per }: Limit): boolean => chosen.some((own) => own.per === per);
  const spans = [...published.filter((limit) => !isChosen(limit)), ...chosen]
    .filter(({ per }) => per !== 'minute')
    .map(({ requests, per }) => ({ requests, ms: spanMs[per] }))
    .toSorted((a, b) => a.ms - b.ms);
  const figures = { published: ofAMinute(published), chosen: ofAMinute(chosen) };
  return spans.length === 0 ? figures : { ...figures, spans };
}
