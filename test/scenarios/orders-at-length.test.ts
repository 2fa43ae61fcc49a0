import { expect, it } from 'vitest';

import { deploymentOf } from './deployment.ts';
import { bothFailAndRecover, ordersOf, wrongAlarmsIn } from './orders.ts';

it('no alarm is OK while its cause stands, in any order of all steps of two streams', async () => {
  const { alarmsOnTroubles } = deploymentOf({
    connections: { mobaro: { streams: { users: {}, locations: {} } } },
  });
  const { changes } = bothFailAndRecover[0];
  let orders = 0;
  for (const order of ordersOf(changes.length, 3)) {
    // Both fail alike: who is the first makes no difference.
    if (order[0] !== 0) break;
    const faults = await wrongAlarmsIn(
      { changes, order, grouped: [1, 1, 2], stepMs: 4_000 },
      alarmsOnTroubles,
    );
    if (faults.length > 0) expect({ order, faults }).toEqual({ order, faults: [] });
    orders += 1;
  }
  expect(orders).toBe(46_200);
});
