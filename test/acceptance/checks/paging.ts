import { smallPage } from '../bench.ts';
import { demand, demandAllStored, demandOutcome, isPaged, type Check, type Subject } from '../check.ts';
import { cursorInUrl } from '../../../infra/simulators/model/read-request.ts';

/** How the walk goes on, and how it ends. */
export const pagingChecks: readonly Check[] = [
  {
    name: 'ends at the total, and without one at an empty page',
    applies: ({ paging }) =>
      paging.kind === 'offset' || (paging.kind === 'page' && paging.limit !== undefined),
    run: async (subject) => {
      const requests: number[] = [];
      for (const total of ['right', 'absent'] as const) {
        const bench = await subject.bench({ behaviour: { total, says: 'nothing' }, oneList: true });
        demandOutcome(await bench.run(), 'complete');
        await demandAllStored(bench);
        requests.push(bench.model.questions.length);
      }
      const [right = 0, absent = 0] = requests;
      // The last row again, and then nothing.
      const { paging } = subject.definition;
      const isTold = 'total' in paging;
      demand(
        isTold ? absent > right && absent <= right + 2 : absent === right,
        `${absent} requests without a total and ${right} with one`,
      );
      return `${right} requests, and ${absent}`;
    },
  },
  {
    name: 'ends where the next cursor is null, empty or not there, at each of its places',
    applies: ({ paging }) => paging.kind === 'cursor' || paging.kind === 'link',
    run: async (subject) => {
      const { paging } = subject.definition;
      const places = 'next' in paging && paging.next !== 'header' ? paging.next.length : 1;
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
      // As many as are not all of the vendor's pages, however they are counted.
      const behaviour = { total: 'absent', says: 'nothing' } as const;
      const bench = await subject.bench({ oneList: true, behaviour });
      bench.model.interrupt = (question) =>
        bench.model.respond({ ...question, cursor: null, offset: question.offset && 0, key: null });
      demandOutcome(await bench.run(), 'looping');
      return `after ${bench.model.questions.length} requests`;
    },
  },
  {
    name: 'notices pages that go round in a circle',
    applies: ({ paging }) => paging.kind === 'cursor' || paging.kind === 'link',
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
  {
    name: 'ends by the vendor’s own word, and not where it says that more follows',
    applies: ({ paging }) => 'more' in paging || (paging.kind === 'page' && paging.pages !== undefined),
    run: async (subject) => {
      const requests: number[] = [];
      for (const says of ['right', 'nothing'] as const) {
        const bench = await subject.bench({ behaviour: { says, total: 'absent' }, oneList: true });
        demandOutcome(await bench.run(), 'complete');
        await demandAllStored(bench);
        requests.push(bench.model.questions.length);
      }
      const [right = 0, nothing = 0] = requests;
      demand(right <= nothing, `${right} requests with its word, and ${nothing} without it`);
      const { paging } = subject.definition;
      if ('more' in paging) await lies(subject);
      return `${right} requests, and ${nothing} without it`;
    },
  },
  {
    name: 'ends at a short page, where that is the last one',
    applies: ({ paging }) => 'short' in paging,
    run: async (subject) => {
      const bench = await subject.bench({ rows: smallPage * 2 + 2, oneList: true });
      demandOutcome(await bench.run(), 'complete');
      await demandAllStored(bench);
      const last = bench.model.questions.at(-1)!;
      const { body } = bench.model.respond(last) as { readonly body: string };
      demand((body.match(/"version"/g) ?? []).length > 1, 'it asked for what lies behind a short page');
      return `${bench.model.questions.length} requests`;
    },
  },
  {
    name: 'loses no row of those that have one key',
    applies: ({ paging }) => paging.kind === 'keyset',
    run: async (subject) => {
      for (const [rows, ties] of [
        [17, 2],
        [17, 4],
        [3, 100],
        [1, 1],
        [smallPage, 1],
      ] as const) {
        const bench = await subject.bench({ rows, behaviour: { ties }, oneList: true });
        demandOutcome(await bench.run(), 'complete');
        await demandAllStored(bench);
      }
      return 'two, four and all of them';
    },
  },
  {
    name: 'halts, and says why, where more rows have one key than a page holds',
    applies: ({ paging }) => paging.kind === 'keyset' && paging.more === undefined,
    run: async (subject) => {
      const bench = await subject.bench({ rows: 17, behaviour: { ties: 9 }, oneList: true });
      const { outcome, reason } = await bench.run();
      demand(outcome === 'looping' && reason?.includes('same key') === true, `${outcome}: ${reason}`);
      demand((await bench.stored()).deleted.size === 0, 'records were deleted');
      return `after ${bench.model.questions.length} requests`;
    },
  },
  {
    name: 'believes no page without rows where some that it knows were to come',
    applies: ({ paging }) => paging.kind === 'keyset',
    run: async (subject) => {
      const bench = await subject.bench({ oneList: true });
      await bench.run();
      const { rows } = bench.model;
      bench.model.interrupt = (question) => {
        if (question.key === null) return undefined;
        bench.model.rows = [];
        const answer = bench.model.respond(question);
        bench.model.rows = rows;
        return answer;
      };
      const { outcome } = await bench.run();
      demand(outcome === 'drifted', `the stream is ${outcome}`);
      demand((await bench.stored()).deleted.size === 0, 'records were deleted');
      return outcome;
    },
  },
  {
    name: 'follows no URL but below the base URL, and keeps no credential of one',
    applies: ({ paging }) => paging.kind === 'link',
    run: async (subject) => {
      for (const [from, to] of [
        ['https://', 'https://elsewhere.'],
        ['https://', 'http://'],
      ] as const) {
        const bench = await subject.bench({ oneList: true });
        bench.model.interrupt = (question) =>
          bench.model.respond({ ...question, url: question.url.replace(from, to) }, 'made-up');
        // Of its two forms the one that names no host leads nowhere else.
        bench.model.asAbsolute = true;
        demandOutcome(await bench.run(), 'rejected');
        demand(bench.world.vendor.requests.length === 1, `${to} was followed`);
      }
      const bench = await subject.bench({ oneList: true });
      await bench.tick();
      const stored = JSON.stringify(await bench.checkpoint());
      demand(stored.includes(cursorInUrl), 'no URL is stored');
      demand(!/made-up(\+|%20| )token/.test(stored), 'the checkpoint holds a credential');
      return 'another host, another scheme';
    },
  },
];

/** Its pages say that more follows, and an empty one does: that is believed of no page. */
async function lies(subject: Subject): Promise<void> {
  const bench = await subject.bench({ oneList: true });
  demandOutcome(await bench.run(), 'complete');
  const { rows } = bench.model;
  bench.model.behaviour = { ...bench.model.behaviour, says: 'more', total: 'absent' };
  bench.model.interrupt = (question) => {
    bench.model.rows = [];
    const answer = bench.model.respond(question);
    bench.model.rows = rows;
    return answer;
  };
  const { outcome } = await bench.run();
  demand(outcome !== 'complete', 'a page without rows that says that more follow was the end');
  demand((await bench.stored()).deleted.size === 0, 'records were deleted');
}
