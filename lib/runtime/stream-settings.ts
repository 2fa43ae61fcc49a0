import * as z from 'zod';

import type { Limit, StreamDefinition } from '../connectors/connector.ts';
import { reconcileMsOf, reconcileRule } from '../connectors/reconcile.ts';
import { streamDefaults, type StreamSettings } from '../sync/settings.ts';
import { checked, nothingElse, oneOf, section, text, whole } from './setting.ts';

const limit = section({
  requests: whole(1, 10_000_000),
  per: oneOf(['second', 'minute', 'hour', 'day']),
});

/** How often a vendor may be called, one for each span of time. */
export const limitList = z.array(limit, {
  error: 'must be a list such as [{ "requests": 1000, "per": "hour" }]',
});

/** What the user has chosen in one place. */
export function chosenLimits({
  limitPerMinute,
  limits = [],
}: {
  readonly limitPerMinute?: number | undefined;
  readonly limits?: readonly Limit[] | undefined;
}): readonly Limit[] {
  const ofAMinute: readonly Limit[] =
    limitPerMinute === undefined ? [] : [{ requests: limitPerMinute, per: 'minute' }];
  return [...ofAMinute, ...limits];
}

/**
 * The settings of a stream that its functions are given, in the words of the user: so they stand in cdk.json, and so in the
 * environment. The engine's own are made of them here, and nowhere else.
 */
export const streamShape = {
  /** How old the last complete run may be before on-call is told. */
  freshnessMinutes: whole(1, 60 * 24 * 62).optional(),
  /** How long its pages may fail before the ticket becomes a page. */
  pageAfterMinutes: whole(0, 60 * 24).optional(),
  /** Rows requested in a page. */
  pageSize: whole(1, 10_000).optional(),
  continuation: oneOf(['queue', 'nextTick']).optional(),
  attemptCap: whole(3, 6).optional(),
  pageBudget: whole(1, 10_000_000).optional(),
  /** Hours of work in one run; what it waits for the vendor does not count. */
  timeBudgetHours: whole(1, 24 * 31).optional(),
  /** More deletions at once than both of these wait for a person. */
  deletionGuard: section({
    rows: whole(0, 1_000_000).optional(),
    percent: whole(0, 100).optional(),
  }).optional(),
  /** Days until a deleted record is erased. */
  tombstoneRetentionDays: whole(1, 3650).optional(),
  /** How the vendor sorts the list, such as `createdAt:asc`. */
  orderBy: checked<string>(
    (value) => typeof value === 'string' && /^[A-Za-z][\w.]*:(asc|desc)$/.test(value),
    'must be a field and a direction, such as "createdAt:asc"',
  ).optional(),
  /** Which of the connector's streams it is, where its name is another one: a list may be read more than once. */
  of: text().optional(),
  /** What the stream's definition wants to know, such as the id of a table. */
  params: z
    .record(z.string(), z.union([text(), z.array(text())], { error: 'must be a text, or a list of texts' }), {
      error: 'must be an object of texts, or of lists of texts',
    })
    .optional(),
  /** A list is what to request. */
  fields: z
    .union(
      [
        fieldList(),
        section({ ask: fieldList().optional(), omit: fieldList().optional(), mask: fieldList().optional() }),
      ],
      {
        error: 'must be a list of field ids, or an object with any of the keys ask, omit, mask',
      },
    )
    .optional(),
  /** Where the history of a stream begins that is read by time, such as `2024-01-01`. */
  historyFrom: checked<string>(isDate, 'must be a date such as "2024-01-31"').optional(),
  /** A list that had more rows than this the last time is requested in batches. */
  batchOver: whole(0, 10_000_000).optional(),
  /** How often a list is walked whole that is else walked by what has changed, such as `rate(7 days)`. */
  reconcile: checked<string>(
    (value) => typeof value === 'string' && reconcileMsOf(value) !== null,
    reconcileRule,
  ).optional(),
  /** Requests a minute that the vendor allows on this stream's endpoint. */
  limitPerMinute: whole(1, 100_000).optional(),
  /** The same in any span of time, in place of what the vendor publishes for that span. */
  limits: limitList.optional(),
};

/** Of more settings it takes those of `streamShape`. */
export const streamChoice = z.object(streamShape);

/** What the user has chosen for a stream. */
export type StreamChoice = z.infer<typeof streamChoice>;

function fieldList() {
  // What stands in braces in a request is filled in.
  const field = checked<string>(
    (value) => typeof value === 'string' && value.trim() !== '' && !/[{}]/.test(value),
    'must be a field id, which has no braces',
  );
  return z.array(field, { error: 'must be a list of field ids' });
}

function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(value);
  // The 31st of February is taken for the 2nd of March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

/** A list of fields is what the vendor is asked for. */
export function fieldsOf({
  fields = {},
}: Pick<StreamChoice, 'fields'>): Exclude<StreamChoice['fields'], readonly string[] | undefined> {
  return Array.isArray(fields) ? { ask: fields } : fields;
}

/** What the engine goes by: what was chosen, and the default of everything else. */
export function streamSettingsOf(
  definition: StreamDefinition,
  chosen: Omit<StreamChoice, 'of' | 'freshnessMinutes' | 'pageAfterMinutes' | 'limitPerMinute' | 'limits'>,
): StreamSettings {
  const defaults = streamDefaults(definition);
  const {
    pageSize,
    continuation,
    attemptCap,
    pageBudget,
    timeBudgetHours,
    deletionGuard,
    tombstoneRetentionDays,
    orderBy,
    params,
    fields,
    historyFrom,
    batchOver,
    reconcile,
    ...forgotten
  } = chosen;
  nothingElse(forgotten);
  const { ask, omit, mask } = fieldsOf({ fields });
  return {
    pageSize: pageSize ?? defaults.pageSize,
    continuation: continuation ?? defaults.continuation,
    attemptCap: attemptCap ?? defaults.attemptCap,
    pageBudget: pageBudget ?? defaults.pageBudget,
    timeBudgetHours: timeBudgetHours ?? defaults.timeBudgetHours,
    deletionGuard: {
      rows: deletionGuard?.rows ?? defaults.deletionGuard.rows,
      percent: deletionGuard?.percent ?? defaults.deletionGuard.percent,
    },
    tombstoneRetentionDays: tombstoneRetentionDays ?? defaults.tombstoneRetentionDays,
    orderBy: orderBy ?? defaults.orderBy,
    params: params === undefined ? defaults.params : listsIn(params),
    fields: ask ?? defaults.fields,
    omit: omit ?? defaults.omit,
    mask: mask ?? defaults.mask,
    historyFrom: historyFrom === undefined ? defaults.historyFrom : Date.parse(historyFrom),
    batchOver: batchOver ?? defaults.batchOver,
    reconcileMs: reconcile === undefined ? defaults.reconcileMs : reconcileMsOf(reconcile),
  };
}

/** What is one text has gone into the definition. */
function listsIn(
  params: Readonly<Record<string, string | readonly string[]>>,
): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(params).filter(
      (param): param is [string, readonly string[]] => typeof param[1] !== 'string',
    ),
  );
}
