import { idParts, pageSizeIn, type StreamDefinition } from '../../lib/connectors/connector.ts';
import { fieldsOf, type StreamChoice } from '../../lib/runtime/stream-settings.ts';
import { below, SettingsError, wrongValue } from './settings-error.ts';

/**
 * Refuses what the vendor's list does not know: a page that is too long, a field where there is none to choose.
 * @throws SettingsError that names the setting, which is below `path`.
 */
export function checkStream(path: string, definition: StreamDefinition, input: StreamChoice): void {
  checkPageSize(path, definition, input.pageSize);
  const fields = fieldsOf(input);
  checkFields(`${path}.fields${Array.isArray(input.fields) ? '' : '.ask'}`, definition, fields.ask);
  checkWithheld(`${path}.fields`, definition, [...(fields.omit ?? []), ...(fields.mask ?? [])]);
  checkParams(`${path}.params`, definition, input.params ?? {});
  checkHistory(path, definition, input);
  checkReconcile(path, definition, input.reconcile);
  checkOrder(path, definition, input.orderBy);
}

/** @throws SettingsError where a run cannot be as fresh as it shall be, or nobody knows how fresh. */
export function checkFreshness(
  path: string,
  gapSeconds: number,
  { continuation, freshnessMinutes }: StreamChoice,
): void {
  // How many ticks a whole run takes, only the user knows.
  if (continuation === 'nextTick' && freshnessMinutes === undefined) {
    const rule =
      'must be given with "nextTick": minutes in which a whole run, of many ticks, is to be complete';
    throw wrongValue(`${path}.freshnessMinutes`, rule, freshnessMinutes);
  }
  const least = Math.ceil(gapSeconds / 60);
  if (freshnessMinutes !== undefined && freshnessMinutes < least) {
    const rule = `must be at least the longest gap between two ticks, ${String(least)} minutes`;
    throw wrongValue(`${path}.freshnessMinutes`, rule, freshnessMinutes);
  }
}

function checkPageSize(path: string, { paging }: StreamDefinition, pageSize: number | undefined): void {
  if (pageSize === undefined) return;
  const size = pageSizeIn(paging);
  if (size === null) {
    const isWhole = paging.kind === 'none' || paging.kind === 'file';
    const why = isWhole ? 'answers in one page' : 'decides how many rows a page has';
    throw wrongValue(`${path}.pageSize`, `must be left out, for the vendor ${why}`, pageSize);
  }
  const { max } = size;
  if (pageSize > max) {
    throw wrongValue(`${path}.pageSize`, `must be at most ${String(max)}, the vendor's maximum`, pageSize);
  }
}

function checkOrder(path: string, { paging }: StreamDefinition, orderBy: string | undefined): void {
  if (orderBy === undefined || 'order' in paging) return;
  throw wrongValue(`${path}.orderBy`, 'must be left out, for the vendor cannot sort this list', orderBy);
}

function checkFields(
  path: string,
  definition: StreamDefinition,
  fields: readonly string[] | undefined,
): void {
  if (fields === undefined) return;
  if (definition.fields === undefined) {
    throw wrongValue(path, 'must be left out, for the vendor chooses the fields', fields);
  }
  const { max } = definition.fields;
  if (fields.length < 1 || fields.length > max || new Set(fields).size < fields.length) {
    throw wrongValue(path, `must be 1 to ${String(max)} different field ids`, fields);
  }
}

/**
 * An id is stored as it is, so to leave it out of the content would hide nothing; and where the next page is requested by a
 * row's key, the place where a run goes on holds it.
 */
function checkWithheld(path: string, definition: StreamDefinition, fields: readonly string[]): void {
  const ofId = new Set(idParts(definition).flatMap((paths) => paths.map((keys) => bareName(keys.join('.')))));
  const inId = fields.find((field) => ofId.has(bareName(field)));
  if (inId !== undefined) {
    throw wrongValue(path, 'must not name a part of the id, which is what a record is kept under', inId);
  }
  const { paging } = definition;
  const keys = paging.kind === 'keyset' ? Object.values(paging.after) : [];
  // By the name of all that is below it, too: `user` of `user.email`.
  const inKey = fields.find((field) =>
    keys.some((key) => `${bareName(key.join('.'))}.`.startsWith(`${bareName(field)}.`)),
  );
  if (inKey !== undefined) {
    throw wrongValue(path, 'must not name a part of the key that the next page is requested by', inKey);
  }
}

/** `/root/id`, `root.id` and `id` are one field. */
function bareName(field: string): string {
  return field
    .split(/[./]/)
    .filter((part) => part !== '')
    .join('.')
    .replace(/^root\./, '');
}

function checkParams(
  path: string,
  { params = {} }: StreamDefinition,
  given: Readonly<Record<string, string | readonly string[]>>,
): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(params, name));
  if (unknown !== undefined) {
    const known = Object.keys(params).join(', ');
    const rule = known === '' ? 'the stream takes none' : `the stream takes ${known}`;
    throw new SettingsError(`${below(path, unknown)}: unknown; ${rule}`);
  }
  for (const [name, { meaning, pattern, many }] of Object.entries(params)) {
    const value = given[name];
    const rule = `must be ${meaning}${many === true ? ', in a list' : ''}, and match ${pattern}`;
    if (value === undefined) throw new SettingsError(`${path}.${name}: must be given: ${meaning}`);
    const values = typeof value === 'string' ? [value] : value;
    const isWellFormed = values.length > 0 && values.every((one) => new RegExp(`^(?:${pattern})$`).test(one));
    if ((typeof value === 'string') === (many === true) || !isWellFormed) {
      throw wrongValue(`${path}.${name}`, rule, value);
    }
    if (values.some((one) => one === '.' || one === '..')) {
      throw wrongValue(`${path}.${name}`, 'must not be a step between the segments of a path', value);
    }
  }
}

function checkHistory(
  path: string,
  { windows, changes, batches }: StreamDefinition,
  { historyFrom, batchOver }: StreamChoice,
): void {
  if (historyFrom !== undefined && windows === undefined && changes?.historyDays === undefined) {
    const rule = 'must be left out, for the stream is not read by time';
    throw wrongValue(`${path}.historyFrom`, rule, historyFrom);
  }
  if (historyFrom !== undefined && Date.parse(historyFrom) > Date.now()) {
    throw wrongValue(
      `${path}.historyFrom`,
      'must be past: what happens from then on is read anyway',
      historyFrom,
    );
  }
  if (batchOver !== undefined && batches === undefined) {
    throw wrongValue(`${path}.batchOver`, 'must be left out, for the stream has no batches', batchOver);
  }
}

function checkReconcile(path: string, { changes }: StreamDefinition, reconcile: string | undefined): void {
  if (reconcile === undefined || changes !== undefined) return;
  const rule = 'must be left out, for each run walks all that the stream has';
  throw wrongValue(`${path}.reconcile`, rule, reconcile);
}
