import { isFull, type StreamDefinition } from '../../../lib/connectors/connector.ts';
import type { Bench } from '../bench.ts';
import { demand, demandAllStored, demandOutcome, isPaged, isProved, type Check } from '../check.ts';
import type { ModelRow } from '../../../infra/simulators/model/model-row.ts';

/** Takes entries away that have rows. @returns the ids of their rows */
function remove(bench: Bench, places: readonly number[]): readonly string[] {
  const { model } = bench;
  const filled = model.rows.filter((row) => model.written(row).length > 0);
  const gone = new Set(places.map((place) => filled.at(place)));
  const ids = [...gone].flatMap((row) => (row === undefined ? [] : model.written(row).map(({ id }) => id)));
  model.rows = model.rows.filter((row) => !gone.has(row));
  return ids;
}

/** What happens at the vendor between two pages. */
const motions: readonly { readonly name: string; readonly act: (bench: Bench) => void }[] = [
  { name: 'one row removed in front', act: (bench) => void remove(bench, [0]) },
  { name: 'six rows removed in front', act: (bench) => void remove(bench, [0, 1, 2, 3, 4, 5]) },
  { name: 'the last row removed', act: (bench) => void remove(bench, [-1]) },
  { name: 'one row inserted in front', act: (bench) => insert(bench, -1) },
  { name: 'six rows inserted in front', act: (bench) => insert(bench, -1, -2, -3, -4, -5, -6) },
  { name: 'a row inserted at the end', act: (bench) => insert(bench, 1000) },
  {
    name: 'rows inserted and removed',
    act: (bench) => {
      remove(bench, [1, 7]);
      insert(bench, -1, 3.5);
    },
  },
];

function insert(bench: Bench, ...keys: readonly number[]): void {
  const at = bench.model.rows[0]?.at ?? bench.world.clock.now();
  for (const key of keys) bench.model.rows.push(bench.row(key, at));
}

/** Whether a run of several pages can tell what has gone. */
function mayDelete(definition: StreamDefinition): boolean {
  return isFull(definition) && isProved(definition);
}

/** What becomes of records when the rows change. */
export const changeChecks: readonly Check[] = [
  {
    name: 'does not read a list that has not changed, and reads it where it has',
    applies: ({ conditional }) => conditional === true,
    run: async (subject) => {
      const bench = await subject.bench();
      await bench.run();
      await bench.run();
      const before = bench.world.vendor.requests.length;
      const unchanged = await bench.run();
      demandOutcome(unchanged, 'complete');
      demand(unchanged.lastStatus === 304, `the vendor answered ${unchanged.lastStatus}, not 304`);
      demand(bench.world.vendor.requests.length === before + 1, 'it asked more than once');
      await demandAllStored(bench);
      const [gone, changed] = bench.model.rows.splice(0, 1).concat(bench.model.rows[0] ?? []);
      if (gone === undefined || changed === undefined) throw new Error('no such rows');
      changed.version += 1;
      demandOutcome(await bench.run(), 'complete');
      await demandAllStored(bench);
      return 'one request, and then what has changed and gone';
    },
  },
  {
    name: 'stores every row that stayed while others came and went',
    applies: (definition) => isPaged(definition) && isProved(definition),
    run: async (subject) => {
      let tried = 0;
      for (const { name, act } of motions) {
        for (const page of [1, 2, 3]) {
          const bench = await subject.bench({ oneList: true, rows: 24 });
          const before: readonly ModelRow[] = [...bench.model.rows];
          bench.model.interrupt = (_, number) => {
            if (number === page) act(bench);
            return undefined;
          };
          demandOutcome(await bench.run(), 'complete', 'partial');
          const stayed = before.filter((row) => bench.model.rows.includes(row));
          const { live } = await bench.stored();
          const ids = stayed.flatMap((row) => bench.model.written(row).map(({ id }) => id));
          const lost = ids.filter((id) => !live.has(id));
          demand(lost.length === 0, `${name}, before request ${page}: ${lost.length} rows were lost`);
          bench.model.interrupt = () => undefined;
          tried += 1;
        }
      }
      return `${tried} ways`;
    },
  },
  {
    name: 'marks what has gone as deleted, and nothing else',
    applies: mayDelete,
    run: async (subject) => {
      const bench = await subject.bench();
      demandOutcome(await bench.run(), 'complete');
      const gone = remove(bench, [1]);
      demandOutcome(await bench.run(), 'complete');
      await demandAllStored(bench);
      const { deleted } = await bench.stored();
      demand(
        deleted.size === gone.length && gone.every((id) => deleted.has(id)),
        `${deleted.size} records are tombstones, not ${gone.length}`,
      );
      return `${gone.length} of ${bench.model.expected.size + gone.length}`;
    },
  },
  {
    name: 'keeps what does not come again, for nothing shows whether rows have moved',
    applies: (definition) => isFull(definition) && !mayDelete(definition),
    run: async (subject) => {
      const bench = await subject.bench();
      demandOutcome(await bench.run(), 'complete');
      remove(bench, [1]);
      demandOutcome(await bench.run(), 'complete');
      const { live, deleted } = await bench.stored();
      demand(deleted.size === 0, `${deleted.size} records were deleted`);
      return `${live.size} records`;
    },
  },
  {
    name: 'keeps what does not come again, for its answers show what is new',
    applies: (definition) => !isFull(definition),
    run: async (subject) => {
      const bench = await subject.bench();
      await bench.run();
      const { live } = await bench.stored();
      bench.model.rows = [];
      demandOutcome(await bench.run(), 'complete');
      const after = await bench.stored();
      demand(after.deleted.size === 0, `${after.deleted.size} records were deleted`);
      demand(after.live.size === live.size, `${live.size - after.live.size} records were lost`);
      return `${live.size} records`;
    },
  },
  {
    name: 'does not believe that all has gone, unless that is normal and they were few',
    applies: isFull,
    run: async (subject) => {
      const normal = subject.definition.empty === 'normal';
      for (const few of [false, true]) {
        const bench = await subject.bench();
        if (few) bench.model.rows = bench.model.rows.slice(0, 2);
        await bench.run();
        const { live } = await bench.stored();
        bench.model.rows = [];
        const checkpoint = await bench.run();
        const { deleted } = await bench.stored();
        const goes = normal && few;
        demandOutcome(checkpoint, goes ? 'complete' : 'suspicious');
        demand(deleted.size === (goes ? live.size : 0), `${deleted.size} of ${live.size} were deleted`);
      }
      return normal ? 'few may go' : 'held for a person';
    },
  },
  {
    name: 'deletes nothing after an answer without content',
    run: async (subject) => {
      for (const status of [204, 304]) {
        // For a file it means "not yet".
        if (status === 204 && subject.definition.paging.kind === 'file') continue;
        const bench = await subject.bench();
        await bench.run();
        bench.model.interrupt = () => ({ status });
        await bench.run();
        demand((await bench.stored()).deleted.size === 0, `${status} deleted records`);
        bench.model.interrupt = () => undefined;
        demandOutcome(await bench.run(), 'complete');
        await demandAllStored(bench);
      }
      return '204 and 304';
    },
  },
  {
    name: 'says partial where the vendor does, and deletes nothing then',
    applies: ({ partial }) => partial !== undefined,
    run: async (subject) => {
      const bench = await subject.bench();
      await bench.run();
      remove(bench, [3]);
      bench.model.behaviour = { ...bench.model.behaviour, leavesOut: 1 };
      demandOutcome(await bench.run(), 'partial');
      demand((await bench.stored()).deleted.size === 0, 'records were deleted');
      demand(
        !bench.world.reports.some(({ reason }) => reason?.includes('@')),
        'the reason repeats an address',
      );
      bench.model.behaviour = { ...bench.model.behaviour, leavesOut: 0 };
      demandOutcome(await bench.run(), 'complete');
      return (subject.definition.partial ?? []).join('.');
    },
  },
  {
    name: 'says partial where as many rows come as the vendor gives at most',
    applies: ({ cap }) => cap !== undefined,
    run: async (subject) => {
      const capped = { change: (definition: typeof subject.definition) => ({ ...definition, cap: 9 }) };
      const full = await subject.bench({ ...capped, rows: 9, oneList: true });
      demandOutcome(await full.run(), 'partial');
      const below = await subject.bench({ ...capped, rows: 8, oneList: true });
      demandOutcome(await below.run(), 'complete');
      return `${subject.definition.cap ?? 0} rows`;
    },
  },
];
