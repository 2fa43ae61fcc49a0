import { kill } from '../../support/killed.ts';
import type { Bench } from '../bench.ts';
import { demand, demandAllStored, demandOutcome, isPaged, type Check } from '../check.ts';

class Killed extends Error {}

/** What lets another function store something after one was killed. */
const revivals = new WeakMap<Bench, () => void>();

function die(bench: Bench): never {
  revivals.set(bench, kill(bench.world));
  throw new Killed();
}

/** Lets a function die while it asks for the page, or when the page's rows are stored and nothing more. */
const moments = {
  asking(bench: Bench, page: number) {
    bench.model.interrupt = (_, number) => {
      if (number === page) die(bench);
      return undefined;
    };
  },
  storing(bench: Bench, page: number) {
    const { records } = bench.world;
    const upsert = records.upsert.bind(records);
    let calls = 0;
    records.upsert = async (...all) => {
      const result = await upsert(...all);
      calls += 1;
      if (calls === page + 1) die(bench);
      return result;
    };
  },
} as const;

/** A run in which the function dies once; what AWS does about that brings it to its end. */
async function runThrough(bench: Bench): Promise<boolean> {
  let killed = false;
  for (let round = 0; round < 6; round += 1) {
    try {
      await (round === 0 ? bench.tick() : bench.settle());
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      killed = true;
      revivals.get(bench)?.();
      await bench.world.clock.advance(15 * 60_000);
      await bench.world.watch();
    }
  }
  return killed;
}

/** What becomes of a run whose function dies or runs out of time. */
export const interruptionChecks: readonly Check[] = [
  {
    name: 'goes on after a kill at any page, and repeats that page at most',
    run: async (subject) => {
      const whole = await subject.bench();
      await whole.run();
      const requests = whole.model.questions.length;
      let kills = 0;
      for (const moment of ['asking', 'storing'] as const) {
        for (let page = 0; page < requests; page += 1) {
          const bench = await subject.bench();
          moments[moment](bench, page);
          if (await runThrough(bench)) kills += 1;
          demandOutcome(await bench.checkpoint(), 'complete');
          await demandAllStored(bench);
          const asked = bench.world.vendor.requests.length;
          demand(
            asked <= requests + 1,
            `killed while ${moment} page ${page + 1}, it made ${asked} requests in place of ${requests}`,
          );
        }
      }
      demand(kills >= requests, `of ${2 * requests} kills ${kills} only took place`);
      return `${kills} kills, ${requests} pages`;
    },
  },
  {
    name: 'goes on in a long answer after the last id stored, where time runs out',
    applies: ({ paging }) => !isPaged({ paging }),
    run: async (subject) => {
      const bench = await subject.bench({ rows: 620, oneList: true });
      const { records, clock } = bench.world;
      const upsert = records.upsert.bind(records);
      const stored: string[] = [];
      records.upsert = async (stream, rows, ...rest) => {
        if (stream === bench.name) {
          stored.push(...rows.map(({ id }) => id));
          await clock.advance(25_000);
        }
        return upsert(stream, rows, ...rest);
      };
      demandOutcome(await bench.run(), 'complete');
      await demandAllStored(bench);
      const requests = bench.model.questions.filter(({ kind }) => kind !== 'start').length;
      demand(requests > 1, 'everything was stored at once, though there was no time for it');
      demand(new Set(stored).size === stored.length, 'rows were stored more than once');
      return `${stored.length} rows with ${requests} requests`;
    },
  },
];
