import { createHash } from 'node:crypto';

import type { StreamDefinition } from '../connectors/connector.ts';
import type { Stream } from './settings.ts';

/** Changes when a stream is requested in another way: then what halted it may be fixed. */
export function definitionHash(stream: Stream): string {
  const before = known.get(stream);
  if (before !== undefined) return before;
  const hash = hashOf(stream);
  known.set(stream, hash);
  return hash;
}

/** Of a stream, which never changes: each page asks several times. */
const known = new WeakMap<Stream, string>();

function hashOf({ connector, definition, settings }: Stream): string {
  const { pageSize, fields, orderBy, historyFrom, params } = settings;
  const request = {
    baseUrl: connector.baseUrl,
    ...(connector.headers !== undefined && { headers: connector.headers }),
    definition: orderBy === null ? withoutOrder(whatIsRequested(definition)) : whatIsRequested(definition),
    pageSize,
    fields,
    ...(orderBy !== null && { orderBy }),
    ...(historyFrom !== null && { historyFrom }),
    ...(Object.keys(params).length > 0 && { params }),
  };
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url').slice(0, 16);
}

/** That the vendor could sort a list changes nothing in the request; JSON leaves out what is undefined. */
function withoutOrder(definition: Pick<StreamDefinition, 'paging'>): object {
  return { ...definition, paging: { ...definition.paging, order: undefined } };
}

/** Without what says how an answer is taken, or describes the stream to people. */
function whatIsRequested(definition: StreamDefinition): Pick<StreamDefinition, 'paging'> {
  return {
    ...definition,
    ...{ about: undefined, default: undefined, sensitive: undefined, module: undefined, params: undefined },
    ...{ volatile: undefined, cap: undefined, empty: undefined, batches: undefined, conditional: undefined },
  };
}
