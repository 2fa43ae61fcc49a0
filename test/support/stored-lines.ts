import { readFileSync } from 'node:fs';

import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * What each version had stored, byte for byte, when it was replaced: `mobaro/users` two pages into a run of 65 rows, with the
 * message for its third page in the queue; `mobaro/timesheets` waiting after a 503; `mobaro/webhooks` halted by a 404.
 */
export const storedVersions = ['version-1', 'version-2'] as const;
export type StoredVersion = (typeof storedVersions)[number];

export type StoredLine =
  | { readonly message: string }
  | { readonly table: 'checkpoints' | 'records'; readonly item: Record<string, AttributeValue> };

export function storedLines(version: StoredVersion): readonly StoredLine[] {
  const text = readFileSync(new URL(`./stored/${version}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => withBytes(JSON.parse(line) as StoredLine));
}

/** JSON has no bytes. */
function withBytes(line: StoredLine): StoredLine {
  if ('message' in line) return line;
  const { digests } = line.item;
  if (digests?.B === undefined) return line;
  return { ...line, item: { ...line.item, digests: { B: Buffer.from(String(digests.B), 'base64') } } };
}
