import { demand, demandAllStored, demandOutcome, isPaged, type Check } from '../check.ts';

/** How the walk goes on, and how it ends. */
export const pagingChecks: readonly Check[] = [
  {
    name: 'ends at the total, and without one at an empty page',
    applies: ({ paging }) => paging.kind === 'offset' && paging.total !== undefined,
    run: async (subject) => {
      const requests: number[] = [];
      for (const total of ['right', 'absent'] as const) {
        const bench = await subject.bench({ behaviour: { total }, oneList: true });
        demandOutcome(await bench.run(), 'complete');
        await demandAllStored(bench);
        requests.push(bench.model.questions.length);
      }
      const [right = 0, absent = 0] = requests;
      // The last row again, and then nothing.
      demand(
        absent > right && absent <= right + 2,
        `${absent} requests without a total and ${right} with one`,
      );
      return `${right} requests, and ${absent}`;
    },
  },
  {
    name: 'ends where the next cursor is null, empty or not there, at each of its places',
    applies: ({ paging }) => paging.kind === 'cursor',
    run: async (subject) => {
      const { paging } = subject.definition;
      const places = paging.kind === 'cursor' ? paging.next.length : 0;
      for (const end of ['null', 'absent', 'empty'] as const) {
        for (let nextPlace = 0; nextPlace < places; nextPlace += 1) {
          const bench = await subject.bench({ behaviour: { end, nextPlace } });
          demandOutcome(await bench.run(), 'complete');
          await demandAllStored(bench);
        }
      }
      return `3 signs at ${places} ${places === 1 ? 'place' : 'places'}`;
    },
  },
  {
    name: 'notices a page or cursor that comes again',
    applies: isPaged,
    run: async (subject) => {
      const bench = await subject.bench({ oneList: true });
      bench.model.interrupt = (question) => bench.model.respond({ ...question, cursor: null, offset: 0 });
      demandOutcome(await bench.run(), 'looping');
      return `after ${bench.model.questions.length} requests`;
    },
  },
  {
    name: 'notices pages that go round in a circle',
    applies: ({ paging }) => paging.kind === 'cursor',
    run: async (subject) => {
      const bench = await subject.bench({ oneList: true });
      const asked: string[] = [];
      bench.model.interrupt = (question) => {
        const { cursor } = question;
        if (cursor !== null && !asked.includes(cursor)) asked.push(cursor);
        const [first, second] = asked;
        // The third page leads back to the second one.
        return cursor !== null && cursor === second ? bench.model.respond(question, first) : undefined;
      };
      const checkpoint = await bench.run();
      demandOutcome(checkpoint, 'looping');
      return `after ${bench.model.questions.length} requests`;
    },
  },
];
