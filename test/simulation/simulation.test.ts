import { describe, expect, it } from 'vitest';

import { Chance } from './chance.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { Scheduler } from './scheduler.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulation.ts';
import { tellStory } from './tell-story.ts';

const scenarios = Array.from({ length: 300 }, (_, seed) => drawScenario(seed));

describe('a seed', () => {
  it('is one history, whenever it is lived', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => simulate(scenarios[7]!, { tell: true })));
    expect(first?.story.length).toBeGreaterThan(20);
    expect(second).toEqual(first);
  });

  it('is another history than the next one', async () => {
    const [first, second] = await Promise.all(
      [7, 8].map((seed) => simulate(scenarios[seed]!, { tell: true })),
    );
    expect(second?.story).not.toEqual(first?.story);
  });

  it('is drawn from everything that can go wrong', () => {
    const kinds = new Set(scenarios.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(
      [
        ...['kill', 'failure', 'lost answer', 'slow'],
        ...['lost message', 'undeleted message', 'late message', 'duplicate message'],
        ...['lost tick', 'late tick', 'duplicate tick', 'lost watch', 'second watch'],
        ...['storm', 'unavailable', 'spent', 'silent', 'broken', 'html', 'empty', 'truncated', 'no array'],
        ...['left out', 'denied', 'unauthorized', 'pause', 'resume', 'rotate', 'deploy', 'allow'],
        ...[
          'blank',
          'vanished',
          'no content',
          'omitted',
          'miscounted',
          'circling',
          'poisoned',
          'cut short',
          'forget',
          'expire tombstones',
        ],
        'unreadable',
        ...['cap', 'change', 'insert', 'delete', 'return', 'expire cursors'],
      ].sort(),
    );
  });

  it('has lists of every manner, and every answer to a dead cursor', () => {
    const plans = scenarios.flatMap(({ connections }) => connections.flatMap(({ streams }) => streams));
    expect([...new Set(plans.map(({ manner }) => manner.kind))].sort()).toEqual(
      [
        ...['plain', 'capped total', 'total of the page', 'no total', 'no deeper'],
        ...['aligned offset', 'offset in pages', 'own cursor', 'cursor stays'],
      ].sort(),
    );
    expect(new Set(plans.map(({ deadCursor }) => deadCursor))).toEqual(new Set([400, 404, 410, 422]));
  });

  it('publishes by one shard and by several that are divided, in time and late, and reads at once and slowly', () => {
    const plans = scenarios.map(({ publishing }) => publishing);
    expect(new Set(plans.map(({ shards }) => shards))).toEqual(new Set([1, 2, 3]));
    expect(new Set(plans.map(({ splits }) => splits.length))).toEqual(new Set([0, 1, 2]));
    expect(new Set(plans.map(({ keepsBefore }) => keepsBefore))).toEqual(new Set([true, false]));
    expect(new Set(plans.map(({ outage }) => outage.until > outage.at))).toEqual(new Set([true, false]));
    expect(new Set(plans.map(({ listing }) => listing.ms > 0))).toEqual(new Set([true, false]));
    expect(new Set(plans.map(({ snapshots }) => snapshots?.perRecordMs ?? null))).toEqual(
      new Set([null, 0, 5000, 25_000]),
    );
    expect(plans.some(({ lostMs }) => lostMs !== null)).toBe(true);
    expect(new Set(plans.map(({ events }) => events?.most ?? null))).toEqual(new Set([null, 1, 5, 100]));
  });

  it('tells people in peace, under a mute, and by a function that fails in each way', () => {
    const plans = scenarios.map(({ telling }) => telling);
    expect(new Set(plans.map(({ trouble }) => trouble))).toEqual(new Set([0, 0.05, 0.3]));
    expect(new Set(plans.flatMap(({ windows }) => windows.map(({ kind }) => kind)))).toEqual(
      new Set(['no stream', 'no alarms', 'throttled', 'table refuses', 'topic refuses']),
    );
    const peaceful = plans.filter(({ trouble, windows }) => trouble === 0 && windows.length === 0);
    expect(peaceful.length).toBeGreaterThan(plans.length / 3);
    expect(peaceful.some(({ mutes }) => mutes.length > 0)).toBe(true);
    // Somebody can always tell.
    for (const { windows } of plans) {
      const kinds = new Set(windows.map(({ kind }) => kind));
      expect(kinds.has('no stream') && kinds.has('no alarms') && kinds.has('topic refuses')).toBe(false);
    }
  });

  it('has all shapes of connections: two of one account, both vendors, every way of paging and of dividing', () => {
    const connections = scenarios.flatMap((scenario) => scenario.connections);
    const names = new Set(connections.flatMap(({ streams }) => streams.map(({ name }) => name)));
    for (const name of ['mobaro/users', 'second/users', 'bob/people', 'bob/employment'])
      expect(names).toContain(name);
    expect(connections.some(({ name, group }) => name !== group)).toBe(true);
    expect(connections.some(({ streams }) => streams.length === 4)).toBe(true);
    for (const name of ['mobaro/results', 'bob/time-off-changes']) expect(names).toContain(name);
    const batches = connections.flatMap(({ streams }) => streams.map(({ batchOver }) => batchOver));
    expect(new Set(batches)).toEqual(new Set([null, 0, 1, 4]));
  });
});

describe('the story of a failure', () => {
  it('shrinks to the fault that matters and little else', async () => {
    const scenario = scenarios.find(
      ({ faults }) => faults.length > 15 && faults.some(({ kind }) => kind === 'lost tick'),
    )!;
    const goesWrong = ({ faults }: Scenario): Promise<boolean> =>
      Promise.resolve(faults.some(({ kind }) => kind === 'lost tick'));
    const small = await shrink(scenario, goesWrong);
    expect(small.faults.map(({ kind }) => kind)).toEqual(['lost tick']);
    expect(small.connections.flatMap(({ streams }) => streams)).toMatchObject([{ rows: 1 }]);
  });

  it('says when, who and what', async () => {
    const scenario = scenarios[7]!;
    const text = tellStory(scenario, (await simulate(scenario, { tell: true })).story);
    expect(text).toMatch(
      /^ {2}\d:\d\d:\d\d\.\d{3} {2}tick of \S+ #\d+ +stores \S+: running, id-\d+ page 0, attempt 1/m,
    );
    expect(text).not.toMatch(/FIELDMARK|SECRETMARK/);
  });
});

describe('Chance', () => {
  it('repeats itself for the same seed, and spreads evenly', () => {
    const draw = (seed: number): number[] => {
      const chance = new Chance(seed);
      return Array.from({ length: 10_000 }, () => chance.whole(0, 9));
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const counts = Array.from(
      { length: 10 },
      (_, value) => draw(3).filter((drawn) => drawn === value).length,
    );
    expect(Math.min(...counts)).toBeGreaterThan(900);
    expect(Math.max(...counts)).toBeLessThan(1100);
  });
});

describe('Scheduler', () => {
  it('runs events in the order of their times, equal ones as they were planned', async () => {
    const chance = new Chance('order');
    const scheduler = new Scheduler(0);
    const seen: { readonly at: number; readonly order: number }[] = [];
    for (let order = 0; order < 500; order += 1) {
      const at = chance.whole(0, 50);
      scheduler.at(at, () => seen.push({ at: scheduler.now(), order }));
    }
    await scheduler.runUntil(50, () => false);
    expect(seen).toHaveLength(500);
    expect([...seen].sort((a, b) => a.at - b.at || a.order - b.order)).toEqual(seen);
  });

  it('follows every promise to its end before the next event', async () => {
    const scheduler = new Scheduler(0);
    const seen: string[] = [];
    const deep = async (): Promise<void> => {
      for (let turns = 0; turns < 100; turns += 1) await Promise.resolve();
      seen.push('deep');
    };
    scheduler.at(1, () => void deep());
    scheduler.at(1, () => seen.push('next'));
    await scheduler.runUntil(2, () => false);
    expect(seen).toEqual(['deep', 'next']);
  });
});
