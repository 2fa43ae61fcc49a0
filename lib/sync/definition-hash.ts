import { createHash } from 'node:crypto';

import type { StreamDefinition } from '../connectors/connector.ts';
import type { Stream } from './settings.ts';

/** Changes when a stream is asked for in another way: then what halted it may be mended. */
export function definitionHash({ connector, definition, settings }: Stream): string {
  const { pageSize, fields, orderBy, historyFrom, params } = settings;
  const asked = {
    baseUrl: connector.baseUrl,
    definition: orderBy === null ? withoutOrder(whatIsAsked(definition)) : whatIsAsked(definition),
    pageSize,
    fields,
    ...(orderBy !== null && { orderBy }),
    ...(historyFrom !== null && { historyFrom }),
    ...(Object.keys(params).length > 0 && { params }),
  };
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 16);
}

/** That the vendor could sort a list changes nothing in what it is asked; JSON leaves out what is undefined. */
function withoutOrder(definition: Pick<StreamDefinition, 'paging'>): object {
  return { ...definition, paging: { ...definition.paging, order: undefined } };
}

/** Without what says how an answer is taken, or describes the stream to people. */
function whatIsAsked(definition: StreamDefinition): Pick<StreamDefinition, 'paging'> {
  return {
    ...definition,
    ...{ about: undefined, default: undefined, sensitive: undefined, module: undefined, params: undefined },
    ...{ volatile: undefined, cap: undefined, empty: undefined, batches: undefined },
  };
}
