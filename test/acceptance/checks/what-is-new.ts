import { isFull, type StreamDefinition } from '../../../lib/connectors/connector.ts';
import { smallPage, type Bench } from '../bench.ts';
import { demand, demandAllStored, demandOutcome, type Check } from '../check.ts';
import type { ModelRow } from '../../../infra/simulators/model/model-row.ts';

const dayMs = 86_400_000;

const canWalkInPart = ({ changes }: StreamDefinition): boolean => changes !== undefined;

/** The rows at these places have changed just now, or then. */
function change(bench: Bench, places: readonly number[], at = bench.world.clock.now()): void {
  const chosen = new Set(places.map((place) => bench.model.rows.at(place)));
  bench.model.rows = bench.model.rows.map((row): ModelRow =>
    chosen.has(row) ? { ...row, at, version: row.version + 1 } : row,
  );
}

/** @returns how many rows the run was given */
async function runInPart(bench: Bench): Promise<number> {
  const checkpoint = await bench.run();
  const { progress } = checkpoint;
  demandOutcome(checkpoint, 'complete');
  demand(progress !== null && progress.changesSince !== null, 'it has walked the whole list');
  demand(progress.deleted === 0, 'it has deleted records');
  return progress.records;
}

/** Streams that are walked by what has changed. */
export const whatIsNewChecks: readonly Check[] = [
  {
    name: 'walks what has changed alone, behind a whole walk',
    applies: canWalkInPart,
    run: async (subject) => {
      const counts: string[] = [];
      for (const since of [true, false]) {
        const bench = await subject.bench({
          ...{ inPart: true, rows: smallPage * 8 },
          behaviour: { bounds: { since, until: true } },
        });
        demandOutcome(await bench.run(), 'complete');
        const all = await demandAllStored(bench);
        for (const places of [[], [3], [0, 7, 20, -1]]) {
          const before = bench.written;
          change(bench, places);
          const rows = await runInPart(bench);
          // All of a day come again with each run of that day.
          const isByDay = subject.definition.changes?.format === 'date';
          demand(rows < all || isByDay, `all ${rows} rows came again`);
          demand(
            bench.written === before + places.length,
            `${bench.written - before} were written, not ${places.length}`,
          );
          await demandAllStored(bench);
          counts.push(`${rows} of ${all}`);
        }
      }
      return `${counts.slice(0, 3).join(', ')} rows`;
    },
  },
  {
    name: 'loses nothing of what changes while it walks, and writes rows of the same time once',
    applies: canWalkInPart,
    run: async (subject) => {
      let tried = 0;
      for (const page of [0, 1, 2]) {
        const bench = await subject.bench({ inPart: true, rows: smallPage * 4 });
        await bench.run();
        change(bench, [0, 1, 2, 3, 4, 5, 6]);
        const asked = bench.model.questions.length;
        bench.model.interrupt = (_, number) => {
          if (number === asked + page) change(bench, [5, 6, 12]);
          return undefined;
        };
        await bench.run();
        bench.model.interrupt = () => undefined;
        await runInPart(bench);
        await demandAllStored(bench);
        tried += 1;
      }
      return `${tried} pages`;
    },
  },
  {
    name: 'begins again where it had begun after a run that did not come to its end',
    applies: canWalkInPart,
    run: async (subject) => {
      const bench = await subject.bench({ inPart: true });
      await bench.run();
      const before = (await bench.checkpoint()).readUntil;
      change(bench, [2, 4]);
      bench.model.interrupt = () => ({ status: 503 });
      await bench.tick();
      demand((await bench.checkpoint()).readUntil?.at === before?.at, 'its bound has moved without a page');
      bench.model.interrupt = () => undefined;
      await bench.settle();
      demandOutcome(await bench.checkpoint(), 'complete');
      await demandAllStored(bench);
      return 'after 503';
    },
  },
  {
    name: 'walks the whole list when that is due, and finds what was late and what has gone',
    applies: canWalkInPart,
    run: async (subject) => {
      const bench = await subject.bench({ inPart: true });
      await bench.run();
      const gone = bench.model.rows[1];
      bench.model.rows = bench.model.rows.filter((row) => row !== gone);
      const old = bench.model.rows[0]?.at ?? 0;
      const { changes } = subject.definition;
      bench.model.rows = [...bench.model.rows, bench.row(1000, old - 1000)];
      await runInPart(bench);
      const ids = gone === undefined ? [] : bench.model.written(gone).map(({ id }) => id);
      const kept = (await bench.stored()).live;
      demand(
        ids.every((id) => kept.has(id)),
        'it has deleted what it has not asked for',
      );
      await bench.world.clock.advance(400 * dayMs);
      const checkpoint = await bench.run();
      demandOutcome(checkpoint, 'complete');
      demand(checkpoint.progress?.changesSince === null, 'it has not walked the whole list');
      const { live, deleted } = await bench.stored();
      const finds = isFull(subject.definition);
      demand(
        ids.every((id) => deleted.has(id) === finds),
        finds ? 'what has gone is kept' : 'it has deleted records',
      );
      if (changes?.historyDays === undefined) {
        demand(
          live.size === bench.model.expected.size + (finds ? 0 : ids.length),
          'what was late is not stored',
        );
      }
      return finds ? `${ids.length} deleted` : 'deletes nothing';
    },
  },
  {
    name: 'builds on no time that is still to come, nor on one that cannot be read',
    applies: canWalkInPart,
    run: async (subject) => {
      const bench = await subject.bench({ inPart: true });
      await bench.run();
      change(bench, [0], bench.world.clock.now() + 365 * dayMs);
      await bench.run();
      change(bench, [1]);
      await runInPart(bench);
      await demandAllStored(bench);
      return 'a year ahead';
    },
  },
];
