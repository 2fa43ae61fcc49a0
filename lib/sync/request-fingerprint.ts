import { createHash } from 'node:crypto';

import { idParts } from '../connectors/connector.ts';
import { definitionHash } from './definition-hash.ts';
import type { Stream } from './settings.ts';

/**
 * Identifies what a page is requested with: the stream's definition, the version of the secret and the vendor's address. Requested
 * with something else, the vendor may show other rows, and those that are missing then need not have gone.
 */
export function requestFingerprintOf(stream: Stream, secretVersion: string, baseUrl: string): string {
  const { protocol, hostname, pathname } = new URL(baseUrl);
  // Without its port: a server on this machine has another one each time.
  const parts = [definitionHash(stream), secretVersion, protocol, hostname, pathname];
  // A run that began when the parts of an id were joined as they are knows some of its rows by other ids: see decision 15.
  if (idParts(stream.definition).length > 1) parts.push('escaped ids');
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}

/** Of a run whose pages were not all requested with the same. */
export const mixedFingerprints = 'mixed';

export function fingerprintAfter(before: string | null, page: string): string {
  return before === null || before === page ? page : mixedFingerprints;
}
