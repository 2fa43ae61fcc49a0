import { smallPage, type BenchOptions } from '../bench.ts';
import {
  demand,
  demandAllStored,
  demandOutcome,
  idPlaces,
  isPaged,
  type Check,
  type Subject,
} from '../check.ts';

/** A first run with what the vendor has, all of it stored; then a second one. @returns how many rows */
async function stores(subject: Subject, options: BenchOptions): Promise<number> {
  const bench = await subject.bench(options);
  demandOutcome(await bench.run(), 'complete');
  const rows = await demandAllStored(bench);
  demand(bench.written === rows, `${bench.written} records were written for ${rows} rows`);
  const { written } = bench;
  demandOutcome(await bench.run(), 'complete');
  await demandAllStored(bench);
  demand(bench.written === written, `a second run wrote ${bench.written - written} records again`);
  return rows;
}

async function storesEach(subject: Subject, all: readonly BenchOptions[]): Promise<string> {
  let rows = 0;
  for (const options of all) rows = Math.max(rows, await stores(subject, options));
  return `${rows} rows, ${all.length === 1 ? 'once' : `${all.length} times`}, and nothing again`;
}

const count = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

/** What is stored of what the vendor has. */
export const rowChecks: readonly Check[] = [
  {
    name: 'stores exactly the rows, and a second run writes nothing',
    run: (subject) => storesEach(subject, [{}, { ownFigures: true, rows: 40 }]),
  },
  {
    name: 'stores them in batches of ids, too',
    applies: ({ batches }) => batches !== undefined,
    run: (subject) =>
      storesEach(
        subject,
        [0, 1, smallPage - 1, smallPage, smallPage + 1, 17].map((rows) => ({ rows, batched: true })),
      ),
  },
  {
    name: 'tells ids apart that a double cannot, and that differ in their digits alone',
    run: (subject) => storesEach(subject, [{ behaviour: { ids: 'large' } }]),
  },
  {
    name: 'takes ids with slashes, spaces and letters beyond ASCII',
    run: (subject) => storesEach(subject, [{ behaviour: { ids: 'slashes' } }]),
  },
  {
    name: 'finds ids at each of their places',
    applies: (definition) => idPlaces(definition) > 1,
    run: (subject) =>
      storesEach(
        subject,
        count(idPlaces(subject.definition)).map((idPlace) => ({ behaviour: { idPlace } })),
      ),
  },
  {
    name: 'finds rows at each of their places',
    applies: ({ items }) => (items.or?.length ?? 0) > 0,
    run: (subject) =>
      storesEach(
        subject,
        count(1 + (subject.definition.items.or?.length ?? 0)).map((itemsPlace) => ({
          behaviour: { itemsPlace },
        })),
      ),
  },
  {
    name: 'reads its list as an object and as an array',
    applies: ({ items }) => items.keyed !== undefined,
    run: (subject) =>
      storesEach(subject, [{ behaviour: { asArray: false } }, { behaviour: { asArray: true } }]),
  },
  {
    name: 'finds nested rows under each name, bare and wrapped',
    applies: ({ items }) => items.nested !== undefined,
    run: (subject) => {
      const list = subject.definition.items.nested?.list ?? '';
      const names = count(typeof list === 'string' ? 1 : list.length);
      return storesEach(
        subject,
        names.flatMap((nestedPlace) =>
          [false, true].map((wrapped) => ({ behaviour: { nestedPlace, wrapped } })),
        ),
      );
    },
  },
  {
    name: 'takes lists of every length: none, one, a page and one more or less, and full last pages',
    run: (subject) =>
      storesEach(
        subject,
        [0, 1, smallPage - 1, smallPage, smallPage + 1, smallPage * 2].map((rows) => ({
          rows,
          oneList: true,
        })),
      ),
  },
  {
    name: 'takes as few rows as the vendor gives, however many were asked for',
    applies: ({ paging }) => isPaged({ paging }) && !('short' in paging),
    run: (subject) => {
      // By an inclusive bound the same row would come for ever.
      const { paging } = subject.definition;
      const most = paging.kind === 'keyset' && paging.bound === 'inclusive' ? 2 : 1;
      return storesEach(subject, [{ behaviour: { most: 3 } }, { rows: smallPage, behaviour: { most } }]);
    },
  },
  {
    name: 'writes a row that has changed, and no other',
    run: async (subject) => {
      const bench = await subject.bench();
      await bench.run();
      const { written } = bench;
      const row = bench.model.rows.find((one) => one.number % 4 === 1);
      if (row === undefined) throw new Error('no such row');
      row.version += 1;
      demandOutcome(await bench.run(), 'complete');
      if (bench.reachesBack(row.at)) await demandAllStored(bench);
      const wanted = bench.reachesBack(row.at) ? bench.model.written(row).length : 0;
      demand(
        bench.written - written === wanted,
        `${bench.written - written} records were written, not ${wanted}`,
      );
      return `${wanted} of ${bench.model.expected.size}`;
    },
  },
  {
    name: 'writes nothing where only volatile fields have changed',
    applies: ({ volatile }) => (volatile?.length ?? 0) > 0,
    run: async (subject) => {
      const bench = await subject.bench();
      await bench.run();
      const { written } = bench;
      for (const row of bench.model.rows) row.flicker += 1;
      demandOutcome(await bench.run(), 'complete');
      demand(bench.written === written, `${bench.written - written} records were written again`);
      return (subject.definition.volatile ?? []).map((path) => path.join('.')).join(', ');
    },
  },
];
