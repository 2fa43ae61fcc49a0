import { drawScenario, type Scenario } from './scenario.ts';
import { simulate } from './simulation.ts';
import type { Violation } from './world.ts';

export interface Failure {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly violation: Violation;
}

export interface Ran {
  readonly seeds: number;
  readonly failures: readonly Failure[];
  readonly pages: number;
  /** Virtual, milliseconds. */
  readonly tookMs: number;
  readonly tally: ReadonlyMap<string, number>;
}

/** Lives so many seeds, one after the other. @param stopAfter failures */
export async function runSeeds(
  from: number,
  count: number,
  options: { readonly stopAfter: number; readonly progress?: (ran: Ran) => void },
): Promise<Ran> {
  const failures: Failure[] = [];
  let [seeds, pages, tookMs] = [0, 0, 0];
  const tally = new Map<string, number>();
  for (let seed = from; seed < from + count && failures.length < options.stopAfter; seed += 1) {
    const scenario = drawScenario(seed);
    const history = await simulate(scenario);
    seeds += 1;
    pages += history.pages;
    tookMs += history.tookMs;
    for (const [name, count] of history.tally) tally.set(name, (tally.get(name) ?? 0) + count);
    if (history.violation !== null) failures.push({ seed, scenario, violation: history.violation });
    options.progress?.({ seeds, failures, pages, tookMs, tally });
  }
  return { seeds, failures, pages, tookMs, tally };
}

/** One line that lives a failed seed again, and tells its story. */
export function reproduction({ seed, violation }: Failure): string {
  const command = `node test/simulation/simulate.ts --from ${seed} --seeds 1`;
  return `seed ${seed} breaks invariant ${violation.invariant}: ${violation.words} | ${command}`;
}
