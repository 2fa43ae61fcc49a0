import { createHash } from 'node:crypto';

import type { Stream } from './settings.ts';

/** Changes when a stream is asked for in another way: then what halted it may be mended. */
export function definitionHash({ connector, definition, settings }: Stream): string {
  const { pageSize, fields, orderBy } = settings;
  const asked = { baseUrl: connector.baseUrl, definition, pageSize, fields, ...(orderBy && { orderBy }) };
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 16);
}
