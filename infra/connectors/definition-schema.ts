import * as z from 'zod';

import type { Connector } from '../../lib/connectors/connector.ts';
import { isObject } from '../../lib/connectors/json.ts';
import { reconcileMsOf, reconcileRule } from '../../lib/connectors/reconcile.ts';
import { checked, oneOf, text, whole } from '../../lib/runtime/setting.ts';
import { limitList } from '../../lib/runtime/stream-settings.ts';
import { isSafeBaseUrl } from '../../lib/runtime/settings-document.ts';
import { wholeSchemaOf } from '../../lib/aws/whole-schema.ts';
import { closest } from '../terminal/closest.ts';

/**
 * The shape of lib/connectors/connector.ts, part by part: what can be said of a field by itself. What is true only of several
 * together is in cross-checks.ts. A field that the language has and this has not does not compile.
 */

const yes = checked<true>((value) => value === true, 'must be true, or left out');

/** Also an empty one. */
const anyText = checked<string>((value) => typeof value === 'string', 'must be a text');

/** Keys to follow into a JSON value. */
const keys = z.array(text(), { error: 'must be a list of keys, outermost first, such as ["data", "id"]' });
/** Of a value within a row or an answer, which is never the whole. */
const keysBelow = keys.refine((path) => path.length > 0, 'must name at least one key');
const path = matching(
  /^\/[^\s?#]*$/,
  'must be a path that begins with "/" and has no query, such as "/users"',
);
/** The name of a query parameter or of a field of the body. */
const parameter = matching(/^[^\s{}]+$/, 'must be the name of a parameter, without spaces and braces');
const header = matching(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of a header, such as "X-Api-Key"');
const secretField = matching(
  /^[A-Za-z][\w-]*$/,
  'must be the name of a field of the secret, such as "apiKey"',
).refine((name) => name !== 'maskKey' && name !== 'unused', 'must be named otherwise: that field is taken');

const secretHeader = { header, field: secretField, prefix: anyText.exactOptional() };

const sendingTheSecret = [
  part({ kind: z.literal('header'), ...secretHeader }),
  part({ kind: z.literal('headers'), headers: listOf(part(secretHeader), 'of headers') }),
  part({ kind: z.literal('query'), parameter, field: secretField }),
  part({
    kind: z.literal('basic'),
    username: secretField.exactOptional(),
    password: secretField.exactOptional(),
    fixed: anyText.exactOptional(),
  }),
] as const;

const authentication = kinds([
  ...sendingTheSecret,
  part({
    kind: z.literal('oauth2'),
    tokenUrl: checked<string>(
      isBaseUrl,
      'must be an https URL without credentials, query and trailing slash, such as "https://login.acme.com/oauth/token"',
    ),
    grant: kinds([
      part({ kind: z.literal('client_credentials') }),
      part({
        kind: z.literal('refresh_token'),
        field: secretField,
        lastTokenReusable: checked<boolean>(
          (value) => typeof value === 'boolean',
          'must be true or false: whether the vendor takes the refresh token before the last once more',
        ),
      }),
    ]),
    clientId: secretField,
    clientSecret: secretField,
    clientIn: oneOf(['basic', 'body']),
    scopes: z.array(text(), { error: 'must be a list of scopes' }).exactOptional(),
    parameters: named(text()).exactOptional(),
    prefix: text().exactOptional(),
  }),
]);

const pageSize = part({ default: whole(1, 1_000_000), max: whole(1, 1_000_000) });

const within = { within: keys.exactOptional() };
const endSigns = {
  more: keysBelow.exactOptional(),
  short: checked<'last'>((value) => value === 'last', 'must be "last", or left out').exactOptional(),
};

const paging = kinds([
  part({ kind: z.literal('none') }),
  part({
    kind: z.literal('offset'),
    limit: parameter,
    offset: parameter,
    total: keysBelow.exactOptional(),
    order: parameter.exactOptional(),
    ...{ ...within, ...endSigns },
    pageSize,
  }),
  part({
    kind: z.literal('page'),
    page: parameter,
    first: checked<0 | 1>(
      (value) => value === 0 || value === 1,
      'must be 0 or 1, the number of the first page',
    ),
    limit: parameter.exactOptional(),
    total: keysBelow.exactOptional(),
    pages: keysBelow.exactOptional(),
    order: parameter.exactOptional(),
    ...{ ...within, ...endSigns },
    pageSize: pageSize.exactOptional(),
  }),
  part({
    kind: z.literal('cursor'),
    limit: parameter,
    cursor: parameter,
    ...within,
    next: listOf(keysBelow, 'of the paths at which the next cursor may be'),
    more: endSigns.more,
    pageSize,
  }),
  part({
    kind: z.literal('link'),
    limit: parameter.exactOptional(),
    next: z.union([z.literal('header'), listOf(keysBelow, 'of paths')], {
      error:
        'must be "header", for the header Link, or a list of the paths at which the next page’s URL may be',
    }),
    more: endSigns.more,
    pageSize: pageSize.exactOptional(),
  }),
  part({
    kind: z.literal('keyset'),
    limit: parameter,
    after: z
      .record(parameter, keysBelow, {
        error: 'must be an object: by parameter, the path of its value in a row',
      })
      .refine((after) => Object.keys(after).length > 0, 'must have at least one parameter'),
    bound: oneOf(['inclusive', 'exclusive']),
    ...{ ...within, ...endSigns },
    pageSize,
  }),
  part({ kind: z.literal('file'), path, pollSeconds: whole(1, 3600) }),
]);

const windows = part({
  days: whole(1, 3660),
  format: oneOf(['instant', 'date']),
  lookBackHours: whole(0, 24 * 366),
  historyDays: whole(1, 36_600),
  aheadDays: whole(0, 3660).exactOptional(),
});

const parents = z.union(
  [part({ stream: text(), as: text().exactOptional() }), part({ param: text(), as: text().exactOptional() })],
  { error: 'must be an object that names either a stream or a param' },
);

const body = z.record(
  z.string(),
  checked<unknown>(isJson, 'must be JSON: text, number, true, false, null, or lists and objects of them'),
  { error: 'must be an object, for it is sent as JSON' },
);

const timeFormat = oneOf(['instant', 'date', 'seconds', 'milliseconds']);

const changes = part({
  path: keysBelow,
  format: timeFormat,
  zone: checked<'UTC'>((value) => value === 'UTC', 'must be "UTC", or left out').exactOptional(),
  by: oneOf(['filter', 'newest first']),
  query: named(anyText).exactOptional(),
  body: body.exactOptional(),
  sinceFormat: timeFormat.exactOptional(),
  overlapSeconds: whole(0, 86_400 * 31).exactOptional(),
  historyDays: whole(1, 36_600).exactOptional(),
  reconcile: checked<string>(
    (value) => typeof value === 'string' && reconcileMsOf(value) !== null,
    reconcileRule,
  ).exactOptional(),
});

const batches = part({
  list: body,
  body,
  size: whole(1, 100_000),
  over: whole(0, 10_000_000),
});

const items = part({
  path: keys,
  lines: yes.exactOptional(),
  or: z.array(keys, { error: 'must be a list of paths' }).exactOptional(),
  keyed: text().exactOptional(),
  nested: part({
    list: z.union([text(), listOf(text(), 'of names')], {
      error: 'must be a name, or a list of names',
    }),
    carry: text(),
    as: text().exactOptional(),
    tree: text().exactOptional(),
  }).exactOptional(),
});

const param = part({
  meaning: text(),
  pattern: checked<string>(isPattern, 'must be a regular expression'),
  many: yes.exactOptional(),
});

const streamDefinition = part({
  about: text(),
  method: oneOf(['GET', 'POST']),
  path,
  query: named(anyText).exactOptional(),
  headers: named(anyText).exactOptional(),
  body: body.exactOptional(),
  params: named(param).exactOptional(),
  fields: part({ default: listOf(text(), 'of field ids'), max: whole(1, 100_000) }).exactOptional(),
  items,
  id: z.union(
    [
      z.literal('hash'),
      listOf(listOf(keysBelow, 'of paths, of which the first that the row has counts'), 'of parts'),
    ],
    { error: 'must be a list of parts, each a list of paths, or "hash" where a row has no id' },
  ),
  volatile: z.array(keysBelow, { error: 'must be a list of paths' }).exactOptional(),
  paging,
  windows: windows.exactOptional(),
  parents: parents.exactOptional(),
  batches: batches.exactOptional(),
  conditional: yes.exactOptional(),
  changes: changes.exactOptional(),
  partial: keysBelow.exactOptional(),
  cap: whole(1, 10_000_000).exactOptional(),
  empty: checked<'normal'>((value) => value === 'normal', 'must be "normal", or left out').exactOptional(),
  sensitive: yes.exactOptional(),
  module: text().exactOptional(),
  grade: oneOf(['vendor', 'live', 'code', 'unverified']),
  default: yes.exactOptional(),
});

const advice = part({
  alarms: adviceOn(['unauthorized', 'missing', 'exhausted', 'throttled']).exactOptional(),
  check: adviceOn([
    ...(['secret', 'credential', 'permission', 'missing', 'request', 'address'] as const),
    ...(['network', 'vendor', 'limit'] as const),
  ]).exactOptional(),
});

export const connectorSchema = wholeSchemaOf<Connector>()(
  part({
    name: matching(
      /^[a-z][a-z0-9-]{0,19}$/,
      'must be 1 to 20 small letters, digits and hyphens, a letter first',
    ),
    title: text(),
    baseUrl: checked<string>(
      isBaseUrl,
      'must be an https URL without credentials, query and trailing slash, such as "https://api.acme.com/v1"',
    ),
    authentication,
    headers: named(anyText).exactOptional(),
    limitScope: oneOf(['account', 'endpoint', 'both']),
    limitsPerMinute: named(whole(1, 1_000_000)),
    limits: named(limitList).exactOptional(),
    probe: path.exactOptional(),
    timeoutSeconds: whole(20, 900),
    periodMinutes: whole(1, 60)
      .refine((minutes) => 60 % minutes === 0, 'must be a divisor of 60')
      .exactOptional(),
    sentences: z.array(text(), { error: 'must be a list of texts' }).exactOptional(),
    advice: advice.exactOptional(),
    streams: named(streamDefinition).refine(
      (streams) => Object.keys(streams).length > 0,
      'must have at least one stream',
    ),
  }),
);

/** An object that takes these keys and no others. Its error has a line for each unknown key, in their order. */
function part<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, known)).join('\n')
        : `must be an object with the keys ${known.join(', ')}`,
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = closest(key, known);
  return near === undefined
    ? `unknown key; leave it out, known keys are ${known.join(', ')}`
    : `unknown key; did you mean ${near}?`;
}

/** One of several shapes, told apart by `kind`. */
function kinds<
  const Shapes extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(shapes: Shapes) {
  return z.discriminatedUnion('kind', shapes, {
    error: ({ input, options }) =>
      isObject(input)
        ? `must be one of ${(options as readonly string[]).map((kind) => `"${kind}"`).join(', ')}`
        : 'must be an object with a kind',
  });
}

/** With at least one. @param what is in it, behind "must be a list" */
function listOf<Value extends z.ZodType>(value: Value, what: string) {
  return z
    .array(value, { error: `must be a list ${what}` })
    .refine((list) => list.length > 0, `must be a list ${what}, with at least one`);
}

function named<Value extends z.ZodType>(value: Value) {
  return z.record(z.string(), value, { error: 'must be an object, by name' });
}

function adviceOn<const Kind extends string>(of: readonly Kind[]) {
  const sentence = text().exactOptional();
  return part(Object.fromEntries(of.map((kind) => [kind, sentence])) as Record<Kind, typeof sentence>);
}

function matching(pattern: RegExp, rule: string) {
  return checked<string>((value) => typeof value === 'string' && pattern.test(value), rule);
}

function isBaseUrl(value: unknown): boolean {
  return typeof value === 'string' && isSafeBaseUrl(value) && !/[?#\s]/.test(value) && !value.endsWith('/');
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  try {
    new RegExp(`^(?:${value})$`);
    return true;
  } catch {
    return false;
  }
}

/** Whether it is the same when it has been written and read again. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson);
}
