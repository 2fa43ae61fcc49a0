import { Command, InvalidArgumentError } from 'commander';

import { reproduction, runSeeds } from './run-seeds.ts';
import type { Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulation.ts';
import { tellStory } from './tell-story.ts';

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly stopAfter: number;
  readonly shrink: boolean;
  readonly tally: boolean;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

const program = new Command('simulate')
  .description('Lives whole runs under virtual time and injected faults, and checks every invariant.')
  .option('--seeds <count>', 'how many', wholeNumber, 2000)
  .option('--from <seed>', 'the first one', wholeNumber, 1)
  .option('--stop-after <count>', 'failures to find before giving up', wholeNumber, 1)
  .option('--tally', 'tell how often what has happened', false)
  .option('--no-shrink', 'do not look for the short story of the first failure');

await run(program.parse().opts<Options>());

async function run(options: Options): Promise<void> {
  const { from, seeds: count } = options;
  const started = performance.now();
  const perSecond = (seeds: number): string =>
    `${((seeds / (performance.now() - started)) * 1000).toFixed(0)} seeds per second`;
  let told = started;
  let printed = 0;
  const ran = await runSeeds(from, count, {
    ...options,
    progress: ({ seeds, failures }) => {
      for (const failure of failures.slice(printed)) console.log(reproduction(failure));
      printed = failures.length;
      if (performance.now() - told < 5000) return;
      told = performance.now();
      console.error(`${seeds} of ${count} seeds, ${failures.length} violations, ${perSecond(seeds)}`);
    },
  });
  const [first] = ran.failures;
  if (first !== undefined) {
    const same = async (candidate: Scenario): Promise<boolean> =>
      (await simulate(candidate)).violation?.invariant === first.violation.invariant;
    const scenario = options.shrink ? await shrink(first.scenario, same) : first.scenario;
    const { story, violation } = await simulate(scenario, { tell: true });
    console.log(`\n${tellStory(scenario, story)}`);
    console.log(`\nInvariant ${violation?.invariant ?? '?'}: ${violation?.words ?? 'holds'}`);
    process.exitCode = 1;
  }
  if (options.tally) {
    for (const [name, count] of [...ran.tally].sort(([a], [b]) => a.localeCompare(b))) {
      console.log(`${String(count).padStart(9)}  ${name}`);
    }
  }
  const days = Math.round(ran.tookMs / 86_400_000);
  console.log(
    `${ran.seeds} seeds from ${from}, ${ran.failures.length} violations: ${ran.pages} pages in ${days} days of virtual time, ${perSecond(ran.seeds)}`,
  );
}
