import { describe, expect, it } from 'vitest';

import { defaultSchedule } from '../../../infra/settings/default-schedule.ts';
import { gapsOf } from '../../../infra/schedules/schedule-gap.ts';
import { connectors } from '../../../lib/connectors/registry.ts';

const all = Object.values(connectors).flatMap((connector) =>
  Object.keys(connector.streams).map((stream) => ({ connector, stream })),
);

function firstMinute(expression: string): number {
  return Number(/^cron\((\d+)/.exec(expression)?.[1]);
}

describe('the schedule that a stream has by default', () => {
  it.each(all)('$connector.name/$stream fires at even intervals', ({ connector, stream }) => {
    const { shortest, longest } = gapsOf(
      defaultSchedule(connector.name, connector, stream, Object.keys(connector.streams)),
    );
    expect(longest).toBe(shortest);
    expect(longest).toBe({ mobaro: 900, bob: 3600 }[connector.name]);
  });

  it.each(Object.values(connectors))('spreads the streams of $name over the period', (connector) => {
    const streams = Object.keys(connector.streams);
    const expressions = streams.map((stream) => defaultSchedule('any', connector, stream, streams));
    const period = gapsOf(expressions[0] ?? '').shortest / 60;
    const minutes = expressions.map(firstMinute).toSorted((a, b) => a - b);
    const apart = minutes.map((m, index) => (minutes[index + 1] ?? (minutes[0] ?? 0) + period) - m);
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(Math.floor(period / streams.length));
  });

  it('depends on the connection alone, not on when it is asked', () => {
    const mobaro = connectors['mobaro'];
    if (mobaro === undefined) throw new Error('no mobaro');
    expect(defaultSchedule('north', mobaro, 'users', ['users'])).toBe(
      defaultSchedule('north', mobaro, 'users', ['users']),
    );
    const starts = ['north', 'south', 'east', 'west'].map((name) =>
      defaultSchedule(name, mobaro, 'users', ['users']),
    );
    expect(new Set(starts).size).toBeGreaterThan(1);
  });
});
