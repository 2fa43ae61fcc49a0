import { seeded, simulate } from './governed-world.ts';

/** What an outage costs beyond its own time: the table of docs/outages.md, and the test that holds to it. */

export interface Storm {
  readonly name: string;
  readonly minutes: number;
  /** How soon after its end the first call is to be a good one, in seconds: the median over seeds. */
  readonly within: number;
}

export const storms: readonly Storm[] = [
  { name: '30 s', minutes: 0.5, within: 15 },
  { name: '60 s', minutes: 1, within: 20 },
  { name: '5 minutes', minutes: 5, within: 45 },
  { name: 'an hour', minutes: 60, within: 300 },
];

export const worlds = [
  { name: 'one stream', streams: 1, connections: 1 },
  { name: 'four streams', streams: 4, connections: 1 },
  { name: 'four streams of two connections', streams: 4, connections: 2 },
] as const;

export interface Recovery {
  /** From the end of the storm to the first good call, and to the first one of the stream that comes last. Seconds. */
  readonly first: number;
  readonly last: number;
  /** In the storm. */
  readonly calls: number;
}

/** One storm of 503s over streams that are in the middle of long runs, beginning at any moment. */
export async function liveThrough(
  { minutes }: Pick<Storm, 'minutes'>,
  world: Pick<(typeof worlds)[number], 'streams' | 'connections'>,
  seed: number,
): Promise<Recovery> {
  const from = 1 + seeded(seed)();
  const to = from + minutes;
  const { calls } = await simulate({
    ...world,
    vendor: { calls: 60, window: 'fixed', headers: 'none', storm: { from, to, status: 503 } },
    published: 60,
    minutes: to + (minutes < 10 ? 2 : 6),
    seed,
  });
  const firsts = new Map<string, number>();
  for (const { at, path } of calls) if (at >= to && !firsts.has(path)) firsts.set(path, (at - to) * 60);
  if (firsts.size < world.streams) throw new Error(`Only ${firsts.size} of ${world.streams} streams go on`);
  return {
    first: Math.min(...firsts.values()),
    last: Math.max(...firsts.values()),
    calls: calls.filter(({ at }) => at >= from && at < to).length,
  };
}

export async function medianOf(
  storm: Pick<Storm, 'minutes'>,
  world: (typeof worlds)[number],
  seeds: number,
): Promise<Recovery> {
  const all: Recovery[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) all.push(await liveThrough(storm, world, seed));
  const middle = (of: (recovery: Recovery) => number): number =>
    all.map(of).sort((a, b) => a - b)[Math.floor(seeds / 2)] ?? NaN;
  return {
    first: middle(({ first }) => first),
    last: middle(({ last }) => last),
    calls: middle(({ calls }) => calls),
  };
}
