import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { demand, demandAllStored, demandOutcome, type Check, type Subject } from '../check.ts';

const seconds = 90;
const usedUp = { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '0' };

/** Ways to say that a limit was met, each of them for a minute and a half. */
const limited: Readonly<Record<string, FakeAnswer>> = {
  '429, quoted': { status: 429, headers: { 'retry-after': `"${seconds}"` } },
  '429, with a unit': { status: 429, headers: { 'retry-after': `${seconds}s` } },
  '429, twice': { status: 429, headers: { 'retry-after': `${seconds}, ${seconds}` } },
  '429, the IETF draft': { status: 429, headers: { ratelimit: `"all";r=0;t=${seconds}` } },
  '429, a reset in seconds': { status: 429, headers: { ...usedUp, 'x-ratelimit-reset': String(seconds) } },
  '403 with Retry-After': { status: 403, headers: { 'retry-after': String(seconds) } },
  '422 with Retry-After': { status: 422, headers: { 'retry-after': String(seconds) } },
  '403, nothing left': { status: 403, headers: { ...usedUp, 'x-ratelimit-reset': String(seconds) } },
};

async function waitsFor(subject: Subject, name: string, answer: FakeAnswer): Promise<void> {
  const bench = await subject.bench();
  bench.model.interrupt = (_, number) => (number === 0 ? answer : undefined);
  demandOutcome(await bench.run(), 'complete');
  const [first, second] = bench.world.vendor.requests;
  const waited = first === undefined || second === undefined ? 0 : (second.at - first.at) / 1000;
  demand(waited >= seconds, `${name}: it asked again after ${waited} s, not after ${seconds} s`);
  await demandAllStored(bench);
}

/** What holds of a vendor's limit, however it says that it was met. */
export const limitChecks: readonly Check[] = [
  {
    name: 'takes a limit for one, with whatever status and in whatever form it comes',
    run: async (subject) => {
      for (const [name, answer] of Object.entries(limited)) await waitsFor(subject, name, answer);
      return `${Object.keys(limited).length} forms, ${seconds} s each`;
    },
  },
  {
    name: 'believes a 403 that comes again after the reset',
    run: async (subject) => {
      const bench = await subject.bench();
      bench.model.interrupt = () => ({ status: 403, headers: { ...usedUp, 'x-ratelimit-reset': '60' } });
      demandOutcome(await bench.run(), 'forbidden');
      const { length } = bench.world.vendor.requests;
      demand(length === 2, `it asked ${length} times, not twice`);
      return 'asked twice';
    },
  },
];
