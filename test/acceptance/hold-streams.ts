import { describe, expect, it } from 'vitest';

import type { StreamDefinition } from '../../lib/connectors/connector.ts';
import { connectors } from '../../lib/connectors/registry.ts';
import { accept, type Result } from './run-acceptance.ts';
import { rowVendor } from './row-vendor.ts';
import { signInVendors } from './sign-in-vendors.ts';
import { thirdVendor } from './third-vendor.ts';

/** A test for each stream that is chosen, of all connectors and of one that is not of this project. */
export function holdStreams(isChosen: (definition: StreamDefinition) => boolean): void {
  const chosen = [...Object.values(connectors), thirdVendor, rowVendor, ...signInVendors].flatMap(
    (connector) =>
      Object.entries(connector.streams)
        .filter(([, definition]) => isChosen(definition))
        .map(([stream]) => ({ name: `${connector.name}/${stream}`, connector, stream })),
  );
  describe('every connector', () => {
    it.each(chosen)('passes for $name', async ({ connector, stream }) => {
      const results: Result[] = await Array.fromAsync(accept(connector, stream));
      expect(results.filter(({ passed }) => !passed)).toEqual([]);
      expect(results.length).toBeGreaterThan(15);
    });
  });
}
