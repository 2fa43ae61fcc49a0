import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ScheduleClock } from '../../../../infra/emulator/scheduler/schedule-clock.ts';
import type { ScheduleModel } from '../../../../infra/emulator/template/template-model.ts';

function schedule(expression: string): ScheduleModel {
  return { name: expression, functionName: 'f', input: '{}', expression, timeZone: 'UTC' };
}

const minute = 60_000;
const users = schedule('cron(3/15 * * * ? *)');
const rounds = schedule('rate(5 minutes)');
const start = Date.parse('2026-11-22T10:00:00Z');

let fired: string[];
let clock: ScheduleClock;

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  fired = [];
  clock = new ScheduleClock([users, rounds], ({ name }) => {
    fired.push(`${new Date().toISOString().slice(11, 16)} ${name}`);
  });
  clock.start();
});

afterEach(() => {
  clock.stop();
  vi.useRealTimers();
});

describe('a schedule clock', () => {
  it('fires each schedule at its own moments, and a rate from the start on', async () => {
    await vi.advanceTimersByTimeAsync(18 * minute);
    expect(fired).toEqual([
      `10:03 ${users.name}`,
      `10:05 ${rounds.name}`,
      `10:10 ${rounds.name}`,
      `10:15 ${rounds.name}`,
      `10:18 ${users.name}`,
    ]);
  });

  it('says when a schedule fires next', async () => {
    expect(clock.nextFire(users)).toBe(start + 3 * minute);
    await vi.advanceTimersByTimeAsync(3 * minute);
    expect(clock.nextFire(users)).toBe(start + 18 * minute);
    expect(clock.nextFire(schedule('rate(1 day)'))).toBeNull();
  });

  it('fires once for all that was missed while the machine slept', async () => {
    // Timers stand still in sleep, and the clock on the wall does not.
    vi.setSystemTime(start + 8 * 60 * minute);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(fired).toEqual([`18:00 ${users.name}`, `18:00 ${rounds.name}`]);
    expect(clock.nextFire(users)).toBe(Date.parse('2026-11-22T18:03:00Z'));
  });

  it('fires nothing any more once it is stopped', async () => {
    clock.stop();
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect(fired).toEqual([]);
    expect(clock.nextFire(users)).toBeNull();
  });
});
