import { createHash } from 'node:crypto';
import { stringify } from 'lossless-json';

import {
  pageSizeIn,
  secretFields,
  type Authentication,
  type Connector,
  type StreamDefinition,
} from '../../../lib/connectors/connector.ts';
import type { VendorRequest as LibRequest } from '../../../lib/sync/ports.ts';
import { empty, text } from '../frame/answer.ts';
import { faults } from '../frame/faults.ts';
import type { Simulator } from '../frame/simulator.ts';
import type { Answer, Vendor, VendorOptions, VendorRequest } from '../frame/vendor.ts';
import type { ModelRow } from './model-row.ts';
import { ModelVendor, usualBehaviour } from './model-vendor.ts';
import { readRequest, vendorsPage } from './read-request.ts';
import { whyNotSigned, whyNotWithConstants } from './why-not-signed.ts';

const dayMs = 86_400_000;
/** Each parent is asked for by itself: a few are enough. */
const parentCount = 6;
const rowsOfParent = 3;
/** When rows happened that are not shown by time: the same on each start. */
const longAgo = Date.UTC(2025, 0, 1);

/** A simulator of any connector whose requests can be signed without access tokens, made from its definition alone. */
export function modelOf(connector: Connector): Simulator {
  return {
    create: (options) => createModelVendor(connector, options),
    demoFaults: [faults.tooManyRequests('*', 3, 1), faults.unavailable('*', 5)],
  };
}

interface ModelledStream {
  readonly definition: StreamDefinition;
  readonly model: ModelVendor;
  /** Those that have rows. */
  readonly parents: string[] | null;
}

/** Answers what the definition allows, with some pages of invented rows a stream; anything else with 400, 401 or 404. */
function createModelVendor(connector: Connector, options: VendorOptions): Vendor {
  const { seed, clock } = options;
  const basePath = new URL(connector.baseUrl).pathname.replace(/\/$/, '');
  // The port is known with the first request, and next pages are on the same one.
  let origin = 'http://127.0.0.1';
  const streams = new Map<string, ModelledStream>();
  const streamOf = (name: string): ModelledStream | null => {
    const made = streams.get(name);
    const definition = connector.streams[name];
    if (made !== undefined || definition === undefined) return made ?? null;
    const parents = parentsOf(definition, (parent) => streamOf(parent)?.model.expected.keys());
    const model = new ModelVendor({
      ...{ definition, clock: { now: clock }, params: {}, parents, credentials: [] },
      get baseUrl() {
        return `${origin}${basePath}`;
      },
    });
    model.forgets = true;
    model.behaviour = { ...usualBehaviour, polls: 0 };
    const count = options.sizes[name] ?? usualCount(connector, name);
    model.rows =
      parents === null
        ? rowsWithoutParent(definition, seed, count, clock())
        : parents.flatMap((parent) => rowsUnder(parent));
    const stream = { definition, model, parents };
    streams.set(name, stream);
    return stream;
  };
  const modelled = Object.keys(connector.streams).flatMap((name) => streamOf(name) ?? []);

  return {
    basePath,
    secret: Object.fromEntries(
      secretFields(connector).map((field) => [field, `simulated-${digest([connector.name, field, seed])}`]),
    ),
    externalIds: Object.fromEntries(
      [...streams].map(([name, { model }]) => [name, [...model.expected.keys()]]),
    ),
    elsewhere: () => empty(404),
    answer(incoming, accepted) {
      origin = `http://${incoming.headers.host ?? '127.0.0.1'}`;
      const request = asSent(incoming, `${origin}${basePath}`, connector.authentication);
      const stream = streamAskedFor(modelled, new URL(`${origin}${basePath}`), request);
      if (stream === null) return text(404, 'No stream of the definition is requested like this.');
      if (whyNotSigned(connector.authentication, accepted, request) !== null) return empty(401);
      const lacking = whyNotWithConstants(connector, stream.definition, request);
      return lacking === null ? answered(stream.model, request) : text(400, lacking);
    },
  };
}

/** Of those whose requests look like this one, the one that leaves least open: `/things/all` before `/things/{parent}`. */
function streamAskedFor(
  modelled: readonly ModelledStream[],
  base: URL,
  request: LibRequest,
): ModelledStream | null {
  const found = modelled.flatMap((stream) => {
    const question = readRequest(stream.definition, base, request);
    return question.kind === 'unknown' ? [] : [{ stream, captures: question.captures }];
  });
  const [first] = found.toSorted((a, b) => Object.keys(a.captures).length - Object.keys(b.captures).length);
  if (first === undefined) return null;
  const { stream, captures } = first;
  const { definition, model, parents } = stream;
  const parent = captures['parent'];
  // Parents that the settings name are known once they are asked for.
  const isNamed = definition.parents !== undefined && 'param' in definition.parents;
  if (isNamed && typeof parent === 'string' && parents?.includes(parent) === false) {
    parents.push(parent);
    model.rows = [...model.rows, ...rowsUnder(parent)];
  }
  return stream;
}

function answered(model: ModelVendor, request: LibRequest): Answer {
  const { status = 200, headers = {}, body = '' } = model.answer(request);
  return { status, headers, body: typeof body === 'string' ? body : (stringify(body) ?? '') };
}

/** The request as it was before the key was put into its URL. */
function asSent(
  { method, path, query, headers, body }: VendorRequest,
  base: string,
  authentication: Authentication,
): LibRequest {
  const left = new URLSearchParams(query);
  const parameter = authentication.kind === 'query' ? authentication.parameter : null;
  const key = parameter === null ? null : left.get(parameter);
  if (parameter !== null) left.delete(parameter);
  return {
    method: method === 'POST' ? 'POST' : 'GET',
    url: `${base}${path}${left.size === 0 ? '' : `?${left.toString()}`}`,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
    ),
    ...(parameter !== null && key !== null && { secretQuery: { [parameter]: key } }),
    body: body === '' ? null : body,
  };
}

function parentsOf(
  { parents }: StreamDefinition,
  idsOf: (stream: string) => Iterable<string> | undefined,
): string[] | null {
  if (parents === undefined) return null;
  return 'param' in parents ? [] : [...(idsOf(parents.stream) ?? [])];
}

/** Two full pages and a half. */
function usualCount({ streams }: Connector, name: string): number {
  const isParent = Object.values(streams).some(
    ({ parents }) => parents !== undefined && 'stream' in parents && parents.stream === name,
  );
  if (isParent) return parentCount;
  const paging = streams[name]?.paging;
  const page = (paging && pageSizeIn(paging)?.default) ?? vendorsPage;
  return Math.ceil(page * 2.5);
}

/** What is shown by time lies evenly in the history, each row at the same moment on every start. */
function rowsWithoutParent(
  { windows, changes }: StreamDefinition,
  seed: number,
  count: number,
  now: number,
): ModelRow[] {
  const first = (seed % 1000) * 10_000;
  const days = windows?.historyDays ?? changes?.historyDays;
  const step = days === undefined ? 60_000 : Math.max(1, Math.floor((days * dayMs) / Math.max(1, count)));
  const oldest = days === undefined ? 0 : Math.floor(now / step) - count + 1;
  return Array.from({ length: count }, (_, index) => {
    const number = first + oldest + index;
    const at = days === undefined ? longAgo + index * step : (oldest + index) * step;
    return { number, key: number, parent: null, within: number, at, version: 1, flicker: 1 };
  });
}

function rowsUnder(parent: string): ModelRow[] {
  const first = parseInt(digest([parent]).slice(0, 4), 16) * 10;
  return Array.from({ length: rowsOfParent }, (_, index) => {
    const number = first + index;
    return { number, key: number, parent, within: index, at: longAgo, version: 1, flicker: 1 };
  });
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
