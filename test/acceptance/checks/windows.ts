import type { StreamDefinition } from '../../../lib/connectors/connector.ts';
import type { Bench } from '../bench.ts';
import { demand, demandAllStored, demandOutcome, type Check } from '../check.ts';
import type { ModelRow } from '../../../infra/simulators/model/model-row.ts';
import type { AskedWindow } from '../../../infra/simulators/model/window.ts';

const dayMs = 86_400_000;

/** Whichever of them a vendor counts in. */
const boundKinds = [
  { since: true, until: true },
  { since: true, until: false },
  { since: false, until: true },
  { since: false, until: false },
];

/** The windows of a stream that shows what is new. */
export const windowChecks: readonly Check[] = [
  {
    name: 'loses and doubles nothing at the edges of its windows, whichever bound the vendor counts in',
    applies: ({ windows }) => windows !== undefined,
    run: async (subject) => {
      const dry = await subject.bench({ rows: 0 });
      demandOutcome(await dry.run(), 'complete');
      const edges = [...new Set(dry.model.windows.flatMap(({ since, until }) => [since, until]))];
      let rows = 0;
      for (const bounds of boundKinds) {
        const bench = await subject.bench({ rows: 0, behaviour: { bounds } });
        bench.model.rows = rowsAround(edges, bench);
        demandOutcome(await bench.run(), 'complete');
        rows = await demandAllStored(bench);
        demand(bench.written === rows, `${bench.written} records were written for ${rows} rows`);
      }
      return `${rows} rows around ${edges.length} edges, ${boundKinds.length} kinds of bounds`;
    },
  },
  {
    name: 'asks for all of its history first, and then from where it was',
    applies: ({ windows }) => windows !== undefined,
    run: async (subject) => {
      const bench = await subject.bench({ rows: 0, oneList: true });
      const { windows } = bench.definition;
      demand(windows !== undefined, 'there are no windows');
      const began = bench.world.clock.now();
      await bench.run();
      const first = [...bench.model.windows];
      const from = Math.min(...first.map(({ since }) => since));
      demand(
        from <= began - windows.historyDays * dayMs + dayMs,
        'it does not go back as far as its history',
      );
      demandNoGap(first);
      const to = Math.max(...first.map(({ until }) => until));
      await bench.world.clock.advance(10 * dayMs);
      bench.model.windows.length = 0;
      demandOutcome(await bench.run(), 'complete');
      const second = [...bench.model.windows];
      const back = Math.min(...second.map(({ since }) => since));
      demandNoGap(second);
      const lookBack = windows.lookBackHours * 3_600_000;
      demand(back <= to - lookBack, 'the second run does not look back as far as it should');
      demand(back >= to - lookBack - 3 * dayMs, 'the second run asks for its history again');
      return `${first.length} windows, then ${second.length}`;
    },
  },
  {
    name: 'loses nothing between two runs, also without a look back',
    applies: ({ windows }) => windows !== undefined,
    run: async (subject) => {
      let rows = 0;
      for (const bounds of boundKinds) {
        const bench = await subject.bench({
          ...{ rows: 3, oneList: true, change: withoutLookBack },
          behaviour: { bounds },
        });
        // Not at the beginning of a second, so that the window's end has to be rounded.
        await bench.world.clock.advance(400);
        let last = 0;
        bench.model.interrupt = () => {
          last = bench.world.clock.now();
          return undefined;
        };
        await bench.run();
        // Just after it was asked for, and so before the vendor had it.
        const times = [1, 300, 599, 600, 601, 1600].map((ms) => last + ms);
        await bench.world.clock.advance(2 * dayMs);
        bench.model.rows.push(...times.map((time, index) => bench.row(100 + index, time)));
        demandOutcome(await bench.run(), 'complete');
        rows = await demandAllStored(bench);
      }
      return `${rows} rows`;
    },
  },
  {
    name: 'finds what is shown late, as far as it looks back',
    applies: ({ windows }) => (windows?.lookBackHours ?? 0) > 0,
    run: async (subject) => {
      const bench = await subject.bench();
      await bench.run();
      const { windows } = bench.definition;
      const hours = windows?.lookBackHours ?? 0;
      const margin = windows?.format === 'date' ? dayMs : 60_000;
      const late = bench.world.clock.now() - Math.max(1000, hours * 3_600_000 - margin);
      bench.model.rows.push(bench.row(1000, late));
      demandOutcome(await bench.run(), 'complete');
      await demandAllStored(bench);
      return `${hours} hours`;
    },
  },
];

/** At each edge, and just before and after it. Not where a run ends or its history begins: there the bounds decide. */
function rowsAround(edges: readonly number[], bench: Bench): ModelRow[] {
  const unit = bench.definition.windows?.format === 'date' ? dayMs : 1000;
  const from = Math.min(...edges) + unit;
  const to = Math.max(...edges) - unit;
  const times = edges.flatMap((edge) => [edge - unit, edge - 1, edge, edge + 1, edge + unit]);
  return times
    .filter((time) => time > from && time < to)
    .flatMap((time, index) => (bench.parents ?? [null]).map(() => bench.row(index, time)));
}

function withoutLookBack(definition: StreamDefinition): StreamDefinition {
  const { windows } = definition;
  return windows === undefined ? definition : { ...definition, windows: { ...windows, lookBackHours: 0 } };
}

/** One window begins before or where the one before it ends. With several parents each has its own. */
function demandNoGap(windows: readonly AskedWindow[]): void {
  for (const [index, { since }] of windows.entries()) {
    const before = windows[index - 1];
    if (before !== undefined) demand(since <= before.until, 'there is a gap between two windows');
  }
}
