import {
  endpointOf,
  pageSizeIn,
  type Connector,
  type StreamDefinition,
} from '../../lib/connectors/connector.ts';
import { conditionalFlaws } from '../../lib/connectors/conditional-flaws.ts';
import { constantFlaws } from '../../lib/connectors/header-flaws.ts';
import { contradiction, limitsUnder } from '../../lib/connectors/limits.ts';
import { rowFlaws } from '../../lib/connectors/row-flaws.ts';
import { signInFlaws } from '../../lib/connectors/sign-in-flaws.ts';
import { placeholdersIn } from '../../lib/connectors/template.ts';
import { proposalFor } from '../terminal/closest.ts';
import { checkChanges } from './check-changes.ts';
import { fault } from './fault.ts';

/** What is wrong with a definition whose every part is right by itself: a sentence for each fault. */
export type CrossCheck = (connector: Connector) => readonly string[];

/** Of a connector as a whole, and of each of its streams. */
export const crossChecks: readonly CrossCheck[] = [
  checkSecret,
  signInFlaws,
  constantFlaws,
  rowFlaws,
  conditionalFlaws,
  checkLimits,
  checkParentsExist,
  ofEachStream(checkName),
  ofEachStream(checkBraces),
  ofEachStream(checkParams),
  ofEachStream(checkRequest),
  ofEachStream(checkPaging),
  ofEachStream(checkItems),
  ofEachStream(checkParts),
  ofEachStream(checkChanges),
  ofEachStream(checkFields),
  ofEachStream(checkDefault),
];

/** @returns field and rule of each fault */
type StreamCheck = (definition: StreamDefinition, name: string) => readonly (readonly [string, string])[];

function ofEachStream(check: StreamCheck): CrossCheck {
  return ({ name: connector, streams }) =>
    Object.entries(streams).flatMap(([stream, definition]) =>
      check(definition, stream).map(([field, rule]) => fault({ connector, stream, field }, rule)),
    );
}

function checkSecret({ name, authentication }: Connector): readonly string[] {
  if (
    authentication.kind !== 'basic' ||
    authentication.username === undefined ||
    authentication.username !== authentication.password
  )
    return [];
  const rule = 'must be another field of the secret than the username';
  return [fault({ connector: name, field: 'authentication.password' }, rule)];
}

function checkLimits(connector: Connector): readonly string[] {
  const { name, limitsPerMinute, limits = {} } = connector;
  const inBoth = [...Object.keys(limitsPerMinute), ...Object.keys(limits)];
  return [...new Set(inBoth)].flatMap((key) => {
    const field = Object.hasOwn(limits, key) ? 'limits' : 'limitsPerMinute';
    const misplaced = whyNotCounted(key, connector);
    if (misplaced !== null) return [fault({ connector: name, field }, misplaced)];
    const rule = contradiction(limitsUnder(key, connector));
    return rule === null ? [] : [fault({ connector: name, field: `${field}.${key}` }, rule)];
  });
}

function whyNotCounted(key: string, connector: Connector): string | null {
  const { limitScope } = connector;
  const endpoints = Object.values(connector.streams).map(endpointOf);
  const known = {
    account: ['account'],
    endpoint: ['endpoint', ...endpoints],
    both: ['account', 'endpoint', ...endpoints],
  }[limitScope];
  if (known.includes(key)) return null;
  if (limitScope === 'account')
    return `must be "account", because limitScope is; make it "both" if endpoints are counted, too, not "${key}"`;
  const orAccount = limitScope === 'both' ? '"account", ' : '';
  const which = `must be ${orAccount}"endpoint" for each, or the endpoint of a stream, its method and path, because limitScope is "${limitScope}"`;
  return `${which}, not "${key}"${proposalFor(key, known)}`;
}

function checkParentsExist({ name: connector, streams }: Connector): readonly string[] {
  return Object.entries(streams).flatMap(([stream, { parents }]) => {
    if (parents === undefined || 'param' in parents) return [];
    const place = { connector, stream, field: 'parents.stream' };
    const names = Object.keys(streams);
    if (!Object.hasOwn(streams, parents.stream)) {
      const rule = `must be another stream of this connector, not "${parents.stream}"`;
      return [fault(place, `${rule}${proposalFor(parents.stream, names)}`)];
    }
    const isOwnAncestor = ancestorsOf(stream, streams).includes(stream);
    return isOwnAncestor ? [fault(place, 'must not lead back to the stream itself')] : [];
  });
}

/** Its parent first; up to where it begins again. */
function ancestorsOf(stream: string, streams: Connector['streams']): readonly string[] {
  const found: string[] = [];
  for (let next = parentOf(stream); next !== undefined && !found.includes(next); next = parentOf(next)) {
    found.push(next);
  }
  return found;

  function parentOf(name: string): string | undefined {
    const parents = streams[name]?.parents;
    return parents !== undefined && 'stream' in parents ? parents.stream : undefined;
  }
}

function checkName(_: StreamDefinition, name: string): ReturnType<StreamCheck> {
  return /^[a-z][a-z0-9-]{0,39}$/.test(name)
    ? []
    : [['', 'must be named by 1 to 40 small letters, digits and hyphens, a letter first']];
}

/** Every name in braces is filled in, and whatever could be filled in has its place in a request. */
function checkBraces(definition: StreamDefinition): ReturnType<StreamCheck> {
  const { path, query, body, batches, paging } = definition;
  const requests = { path, query, body, batches, paging: paging.kind === 'file' ? paging.path : '' };
  const known = filledIn(definition);
  const used = placeholdersIn([requests, definition.changes?.query, definition.changes?.body]);
  const unknown = Object.entries(requests).flatMap(([field, value]): readonly (readonly [string, string])[] =>
    [...new Set(placeholdersIn(value))]
      .filter((name) => name !== 'today' && !known.has(name))
      .map((name) => [
        field === 'paging' ? 'paging.path' : field,
        `holds {${name}}, which nothing fills in; ${
          name === 'since' && definition.changes !== undefined
            ? 'move it into changes.query, for a whole walk has no bound'
            : howToFillIn(name, [...known.keys()])
        }`,
      ]),
  );
  const unused = [...known]
    .filter(([name]) => !used.includes(name))
    .map(([name, field]) => [field, `must be used: put {${name}} into path, query or body`] as const);
  const malformed = /[{}]/.test(path.replaceAll(/\{[a-z][A-Za-z]*(?:[+-]\d{1,4})?\}/g, ''))
    ? [['path', 'must have a name of small and capital letters in its braces, such as {userId}'] as const]
    : [];
  return [...unknown, ...unused, ...malformed];
}

function howToFillIn(name: string, known: readonly string[]): string {
  switch (name) {
    case 'since':
    case 'until':
      return 'add windows, or leave it out';
    case 'parent':
      return 'add parents, or leave it out';
    case 'ids':
      return 'add batches, or leave it out';
    case 'file':
      return 'use paging "file", or leave it out';
    default:
      return `add it to params, or leave it out${proposalFor(name, known)}`;
  }
}

/** What is filled in, and the field of the definition by which it is. */
function filledIn(definition: StreamDefinition): ReadonlyMap<string, string> {
  const { params = {}, windows, parents, batches, paging } = definition;
  const listed = parents !== undefined && 'param' in parents ? parents.param : undefined;
  return new Map([
    // A list of the user's is filled in one at a time, as the parent.
    ...Object.keys(params).flatMap((name) => (name === listed ? [] : [[name, `params.${name}`] as const])),
    ...(windows === undefined
      ? []
      : ([
          ['since', 'windows'],
          ['until', 'windows'],
        ] as const)),
    ...(parents === undefined ? [] : ([['parent', 'parents']] as const)),
    ...(batches === undefined ? [] : ([['ids', 'batches']] as const)),
    ...(paging.kind === 'file' ? ([['file', 'paging.path']] as const) : []),
  ]);
}

const takenNames = ['today', 'since', 'until', 'parent', 'ids', 'file'];

function checkParams({ params = {}, parents }: StreamDefinition): ReturnType<StreamCheck> {
  const listed = parents !== undefined && 'param' in parents ? parents.param : undefined;
  const faults: (readonly [string, string])[] = [];
  for (const [name, { many }] of Object.entries(params)) {
    if (!/^[a-z][A-Za-z]*$/.test(name)) {
      faults.push([
        `params.${name}`,
        'must be named by letters alone, a small one first, as it stands in braces',
      ]);
    }
    if (name !== listed && takenNames.includes(name))
      faults.push([`params.${name}`, `must be named otherwise: {${name}} is taken`]);
    if (many === true && name !== listed) {
      faults.push([`params.${name}.many`, `must be left out, or parents must be { param: "${name}" }`]);
    }
  }
  if (listed !== undefined && params[listed]?.many !== true) {
    faults.push([
      'parents.param',
      `must be one of params, with many: true${proposalFor(listed, Object.keys(params))}`,
    ]);
  }
  return faults;
}

function checkRequest({ method, body, query = {}, paging }: StreamDefinition): ReturnType<StreamCheck> {
  const faults: (readonly [string, string])[] = [];
  if (method === 'GET' && body !== undefined) {
    faults.push(['body', 'must be left out of a GET; use method "POST", or put it into query']);
  }
  for (const name of parametersOf(paging)) {
    const place = inBody(paging) ? body : query;
    if (place === undefined || !Object.hasOwn(place, name)) continue;
    faults.push([`${inBody(paging) ? 'body' : 'query'}.${name}`, 'must be left out, for paging sets it']);
  }
  return faults;
}

/** By their names, where they are in the query or at the top of the body. */
function parametersOf(paging: StreamDefinition['paging']): readonly string[] {
  if ('within' in paging && paging.within.length > 0) return [];
  const limit = 'limit' in paging ? [paging.limit] : [];
  const order = 'order' in paging ? [paging.order] : [];
  switch (paging.kind) {
    case 'none':
    case 'file':
      return [];
    case 'offset':
      return [...limit, paging.offset, ...order];
    case 'page':
      return [...limit, paging.page, ...order];
    case 'cursor':
      return [...limit, paging.cursor];
    case 'link':
      return limit;
    case 'keyset':
      return [...limit, ...Object.keys(paging.after)];
  }
}

function inBody(paging: StreamDefinition['paging']): boolean {
  return 'within' in paging;
}

function checkPaging({ method, paging }: StreamDefinition): ReturnType<StreamCheck> {
  const faults: (readonly [string, string])[] = [];
  const size = pageSizeIn(paging);
  if (size !== null && size.default > size.max) {
    faults.push(['paging.pageSize.default', `must be at most the max, ${size.max}`]);
  }
  if (inBody(paging) && method === 'GET') {
    faults.push(['paging.within', 'must be left out of a GET, which has no body; use method "POST"']);
  }
  const names = parametersOf(paging);
  if (new Set(names).size < names.length) {
    faults.push(['paging', 'must have a name of its own for each parameter']);
  }
  return [...faults, ...checkSize(paging), ...checkOverlap(paging)];
}

/** A number of rows needs the name of its parameter, and the name a number. */
function checkSize(paging: StreamDefinition['paging']): ReturnType<StreamCheck> {
  if (paging.kind !== 'page' && paging.kind !== 'link') return [];
  const { limit, pageSize } = paging;
  const faults: (readonly [string, string])[] = [];
  if (limit !== undefined && pageSize === undefined)
    faults.push(['paging.pageSize', 'must be given with limit: how many rows are requested, and at most']);
  if (limit === undefined && pageSize !== undefined)
    faults.push([
      'paging.limit',
      'must be given with pageSize: the parameter that takes it; or leave both out',
    ]);
  if (paging.kind === 'page' && limit === undefined && paging.short !== undefined)
    faults.push(['paging.short', 'must be left out without limit, for nobody knows how long a page is']);
  return faults;
}

/** Where pages overlap by a row, two are the fewest that lead on. */
function checkOverlap(paging: StreamDefinition['paging']): ReturnType<StreamCheck> {
  const overlaps = paging.kind === 'page' || paging.kind === 'keyset';
  return overlaps && (pageSizeIn(paging)?.max ?? 2) < 2
    ? [
        [
          'paging.pageSize.max',
          `must be at least 2 with paging "${paging.kind}", whose pages overlap by a row`,
        ],
      ]
    : [];
}

function checkItems({ items, paging, partial }: StreamDefinition): ReturnType<StreamCheck> {
  const faults: (readonly [string, string])[] = [];
  if (items.nested !== undefined && ['offset', 'page', 'keyset'].includes(paging.kind)) {
    faults.push([
      'items.nested',
      `must be left out with paging "${paging.kind}", which counts entries and not their rows`,
    ]);
  }
  if (items.path.length > 0 || items.or !== undefined) return faults;
  const places = (['total', 'pages', 'more'] as const)
    .filter((name) => name in paging)
    .map((name) => `paging.${name}`);
  if (partial !== undefined) places.push('partial');
  for (const place of places) faults.push([place, `must be left out, ${alone}`]);
  // Without it the first page would be taken for the whole list.
  if (paging.kind === 'cursor' || (paging.kind === 'link' && paging.next !== 'header')) {
    const otherwise =
      paging.kind === 'link' ? 'must be "header"' : 'must be left out, with another kind of paging';
    faults.push(['paging.next', `${otherwise}, ${alone}`]);
  }
  return faults;
}

const alone = 'for the answer is the list itself: nothing stands beside it';

function checkParts(definition: StreamDefinition): ReturnType<StreamCheck> {
  const { windows, parents, batches, paging, method } = definition;
  const faults: (readonly [string, string])[] = [];
  if (windows !== undefined) {
    if (windows.format === 'date' && windows.days < 3) {
      faults.push(['windows.days', 'must be at least 3 with the format "date", for two windows share a day']);
    }
    if (windows.lookBackHours >= windows.historyDays * 24) {
      faults.push([
        'windows.lookBackHours',
        `must be less than the history, ${windows.historyDays * 24} hours`,
      ]);
    }
  }
  if (batches !== undefined) {
    const against = windows !== undefined ? 'windows' : parents !== undefined ? 'parents' : null;
    if (against !== null)
      faults.push(['batches', `must be left out, or ${against} must: they do not go together`]);
    if (paging.kind !== 'none') faults.push(['batches', 'must be left out, or paging must be "none"']);
    if (method !== 'POST') faults.push(['batches', 'must be left out, or method must be "POST"']);
  }
  return faults;
}

function checkFields({ fields, method, body }: StreamDefinition): ReturnType<StreamCheck> {
  if (fields === undefined) return [];
  const faults: (readonly [string, string])[] = [];
  if (method !== 'POST')
    faults.push(['fields', 'must be left out of a GET, for they go into the body of a POST']);
  if (body !== undefined && Object.hasOwn(body, 'fields')) {
    faults.push(['body.fields', 'must be left out, for the default of fields stands there']);
  }
  if (fields.default.length > fields.max) {
    faults.push(['fields.default', `must have at most ${fields.max} fields, the max`]);
  }
  if (new Set(fields.default).size < fields.default.length) {
    faults.push(['fields.default', 'must name each field once']);
  }
  return faults;
}

/** What is on without having been chosen must harm nobody and work everywhere. */
function checkDefault(definition: StreamDefinition): ReturnType<StreamCheck> {
  if (definition.default !== true) return [];
  const { sensitive, module, grade, params } = definition;
  const why =
    (sensitive === true && 'it is sensitive') ||
    (module !== undefined && 'it has to be bought') ||
    ((grade === 'code' || grade === 'unverified') && `its grade is "${grade}"`) ||
    (params !== undefined && 'it has params, which only the user can say');
  return why === false ? [] : [['default', `must be left out, because ${why}`]];
}
