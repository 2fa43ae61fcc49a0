import { createHash } from 'node:crypto';

import type { StreamDefinition } from '../connectors/connector.ts';
import type { Stream } from './settings.ts';

/** Changes when a stream is asked for in another way: then what halted it may be mended. */
export function definitionHash({ connector, definition, settings }: Stream): string {
  const { pageSize, fields, orderBy } = settings;
  const asked = {
    baseUrl: connector.baseUrl,
    definition: orderBy === null ? withoutOrder(definition) : definition,
    pageSize,
    fields,
    ...(orderBy !== null && { orderBy }),
  };
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 16);
}

/** That the vendor could sort a list changes nothing in what it is asked; JSON leaves out what is undefined. */
function withoutOrder(definition: StreamDefinition): object {
  return { ...definition, paging: { ...definition.paging, order: undefined } };
}
