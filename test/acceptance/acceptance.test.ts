import { describe, expect, it } from 'vitest';

import { connectors } from '../../lib/connectors/registry.ts';
import { accept, type Result } from './run-acceptance.ts';
import { thirdVendor } from './third-vendor.ts';

const streams = [...Object.values(connectors), thirdVendor].flatMap((connector) =>
  Object.keys(connector.streams).map((stream) => ({
    name: `${connector.name}/${stream}`,
    connector,
    stream,
  })),
);

describe('every connector', () => {
  it.each(streams)('passes for $name', async ({ connector, stream }) => {
    const results: Result[] = await Array.fromAsync(accept(connector, stream));
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(15);
  });
});
