import type { VendorAnswer } from '../../../lib/sync/ports.ts';
import { demand, demandAllStored, demandOutcome, type Check } from '../check.ts';

const types = ['text/html; charset=utf-8', 'text/plain', 'application/octet-stream', ''];

const cap = 32 * 1024 * 1024;
const tooLong: VendorAnswer = {
  ...{ kind: 'answered', status: 200, headers: {}, body: '', receivedAt: 0 },
  unreadable: { kind: 'too long', bytes: cap + 1, cap },
};
const undecodable: VendorAnswer = {
  ...{ kind: 'answered', status: 200, headers: {}, body: '', receivedAt: 0 },
  unreadable: { kind: 'undecodable', reason: 'an answer with bytes that are not valid utf-8' },
};

/** What becomes of a body that is no text, too much of it, or JSON under another name. */
export const bodyChecks: readonly Check[] = [
  {
    name: 'reads JSON for what it is, whatever its type says',
    run: async (subject) => {
      for (const type of types) {
        const bench = await subject.bench();
        bench.world.vendor.handle((request) => {
          const answer = bench.model.answer(request);
          return { ...answer, headers: { ...answer.headers, 'content-type': type } };
        });
        demandOutcome(await bench.run(), 'complete');
        await demandAllStored(bench);
      }
      return `${types.length} types that are not JSON's`;
    },
  },
  {
    name: 'asks for an answer that is too long once more with fewer rows, and a third time only to probe',
    run: async (subject) => {
      const bench = await subject.bench();
      bench.world.vendor.handle(() => tooLong);
      await bench.tick();
      // Before its first probe.
      await bench.world.drain(20_000);
      const end = await bench.checkpoint();
      demandOutcome(end, 'malformed');
      const { requests } = bench.world.vendor;
      const expected = 'pageSize' in bench.definition.paging ? 2 : 1;
      demand(requests.length === expected, `it asked ${requests.length} times, not ${expected}`);
      demand(end.reason?.includes('maxPageMb') === true, 'the reason does not name maxPageMb');
      bench.world.vendor.handle(bench.model.answer);
      demandOutcome(await bench.run(), 'complete');
      await demandAllStored(bench);
      return `${requests.length} requests before the first probe, and then all rows`;
    },
  },
  {
    name: 'stores nothing of an answer that is no text',
    run: async (subject) => {
      const bench = await subject.bench();
      bench.world.vendor.handle(() => undecodable);
      demandOutcome(await bench.run(), 'malformed');
      demand(bench.written === 0, 'something was written');
      bench.world.vendor.handle(bench.model.answer);
      demandOutcome(await bench.run(), 'complete');
      await demandAllStored(bench);
      return 'nothing written, and all rows once it is';
    },
  },
];
