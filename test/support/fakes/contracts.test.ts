import { describe, expect, it } from 'vitest';

import { describeBreakers } from '../contracts/breakers.ts';
import { describeCheckpoints } from '../contracts/checkpoints.ts';
import { describeLog } from '../contracts/log.ts';
import { describeForgotten } from '../contracts/forgotten.ts';
import { describeGovernor } from '../contracts/governor.ts';
import { describeMutes } from '../contracts/mutes.ts';
import { describeOutages } from '../contracts/outages.ts';
import { describePageQueue } from '../contracts/page-queue.ts';
import { describeRecords } from '../contracts/records.ts';
import { describeSecrets } from '../contracts/secrets.ts';
import { describeTokenStates, describeTokenVault } from '../contracts/tokens.ts';
import { describeVendor } from '../contracts/vendor.ts';
import { FakeBreakers } from './fake-breakers.ts';
import { FakeCheckpoints } from './fake-checkpoints.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeForgotten } from './fake-forgotten.ts';
import { FakeGovernor } from './fake-governor.ts';
import { FakeLog } from './fake-log.ts';
import { FakeMutes } from './fake-mutes.ts';
import { FakeOutages } from './fake-outages.ts';
import { FakePageQueue } from './fake-page-queue.ts';
import { FakeRecords } from './fake-records.ts';
import { FakeSecrets } from './fake-secrets.ts';
import { FakeTokenStates } from './fake-token-states.ts';
import { FakeTokenVault } from './fake-token-vault.ts';
import { FakeVendor } from './fake-vendor.ts';

describeCheckpoints('FakeCheckpoints', () => new FakeCheckpoints());
describeBreakers('FakeBreakers', () => new FakeBreakers());
describeMutes('FakeMutes', () => new FakeMutes());
describeOutages('FakeOutages', () => new FakeOutages());
describeTokenStates('FakeTokenStates', () => new FakeTokenStates());
describeTokenVault('FakeTokenVault', () => new FakeTokenVault());
describeGovernor('FakeGovernor', () => new FakeGovernor());
describeLog('FakeLog', () => new FakeLog(Date.now));
describeRecords('FakeRecords', () => new FakeRecords());

let forgotten: FakeForgotten | undefined;
describeForgotten('FakeForgotten', (clock) => (forgotten ??= new FakeForgotten(clock)));

describeSecrets('FakeSecrets', (clock) => {
  const secrets = new FakeSecrets(clock);
  return { secrets, change: (fields) => secrets.change(fields) };
});

describePageQueue('FakePageQueue', () => {
  const clock = new FakeClock();
  const queue = new FakePageQueue(clock);
  const seconds = (at: number): number => Math.max(0, at - clock.now()) / 1000;
  return Promise.resolve({
    queue,
    waiting: () =>
      Promise.resolve(
        queue.contents.map(({ message, visibleAt }) => ({ message, seconds: seconds(visibleAt) })),
      ),
    receive: () => Promise.resolve(queue.receive()),
    invisibleFor: () => Promise.resolve(seconds(queue.contents[0]?.visibleAt ?? 0)),
  });
});

describeVendor('FakeVendor', () => {
  const vendor = new FakeVendor(new FakeClock(), () => 'never');
  return {
    vendor,
    baseUrl: 'https://vendor.test',
    answer: (answer) => vendor.handle(() => answer ?? 'never'),
    requests: () => vendor.requests.length,
  };
});

describe('FakeClock', () => {
  const { signal } = new AbortController();

  it('wakes sleepers in the order of their times, and shows each its own', async () => {
    const clock = new FakeClock(0);
    const woken: [string, number][] = [];
    for (const [name, ms] of [
      ['late', 300],
      ['early', 100],
    ] as const) {
      void clock.sleep(ms, signal).then(() => woken.push([name, clock.now()]));
    }
    await clock.advance(299);
    expect(woken).toEqual([['early', 100]]);
    await clock.advance(1);
    expect(woken).toEqual([
      ['early', 100],
      ['late', 300],
    ]);
    expect(clock.now()).toBe(300);
  });

  it('rejects a sleeper whose signal aborts', async () => {
    const clock = new FakeClock(0);
    const controller = new AbortController();
    const sleep = clock.sleep(100, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('enough');
    expect(clock.sleeping).toBe(0);
  });
});
