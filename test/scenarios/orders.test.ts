import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import type { AlarmModel } from '../../infra/emulator/template/template-model.ts';
import { deploymentOf } from './deployment.ts';
import { bothFailAndRecover, ordersOf, wrongAlarmsIn } from './orders.ts';

let alarms: readonly AlarmModel[];

beforeAll(() => {
  alarms = deploymentOf({
    connections: { mobaro: { streams: { users: {}, locations: {} } } },
  }).alarmsOnTroubles;
});

describe('two streams that fail and recover within a minute', () => {
  it.each(bothFailAndRecover)(
    'never leave an alarm OK while its cause stands, in any order: $name',
    async ({ changes }) => {
      let orders = 0;
      for (const order of ordersOf(changes.length, 2)) {
        const sequence = { changes, order, grouped: [1, 3], stepMs: 7_000 };
        const faults = await wrongAlarmsIn(sequence, alarms);
        if (faults.length > 0) expect({ order, faults }).toEqual({ order, faults: [] });
        orders += 1;
      }
      expect(orders).toBe(630);
    },
  );

  it.each(bothFailAndRecover)(
    'nor where each waits anywhere between two of its steps: $name',
    async ({ changes }) => {
      const shuffled = fc.shuffledSubarray(
        changes.flatMap((_, who) => [who, who, who, who]),
        { minLength: 4 * changes.length },
      );
      await fc.assert(
        fc.asyncProperty(shuffled, fc.constantFrom(3_000, 8_000), async (order, stepMs) => {
          fc.pre(changes.every((_, who) => who % 2 === 0 || order.indexOf(who - 1) < order.indexOf(who)));
          const sequence = { changes, order, grouped: [1, 1, 1, 1], stepMs };
          expect(await wrongAlarmsIn(sequence, alarms)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );
});
