import { describe, expect, it } from 'vitest';

import { medianOf, storms, worlds } from './outage-cases.ts';

/** Medians of virtual time, as in the table of docs/outages.md, over fewer seeds. */
describe.each(storms)('after a storm of $name', (storm) => {
  it.each(worlds)('the first good call of $name comes in time', async (world) => {
    const { first } = await medianOf(storm, world, 15);
    expect(first).toBeLessThanOrEqual(storm.within);
  });
});
