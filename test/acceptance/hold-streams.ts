import { describe, expect, it } from 'vitest';

import type { StreamDefinition } from '../../lib/connectors/connector.ts';
import { connectors } from '../../lib/connectors/registry.ts';
import { pagingVendor } from './paging-vendor.ts';
import { accept, type Result } from './run-acceptance.ts';
import { rowVendor } from './row-vendor.ts';
import { signInVendors } from './sign-in-vendors.ts';
import { changingVendor } from './changing-vendor.ts';
import { thirdVendor } from './third-vendor.ts';

/** A test for each stream that is chosen, of all connectors and of those that are not of this project. */
export function holdStreams(isChosen: (definition: StreamDefinition) => boolean): void {
  const invented = [thirdVendor, pagingVendor, rowVendor, changingVendor, ...signInVendors];
  const chosen = [...Object.values(connectors), ...invented].flatMap((connector) =>
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
