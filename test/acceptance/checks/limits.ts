import type { Connector, Limit } from '../../../lib/connectors/connector.ts';
import { inWords, publishedLimits, scopesOf } from '../../../lib/connectors/limits.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { smallPage } from '../bench.ts';
import { demand, demandAllStored, demandOutcome, isPaged, Subject, type Check } from '../check.ts';

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

/** So few that a list of some pages meets them. */
const few = { second: 2, minute: 3, hour: 4, day: 24 } as const satisfies Record<Limit['per'], number>;
const manyPages = 12;

/** Written here a second time, and not taken from the code that is under test. */
const secondsOf = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** The same limits, but few calls in each. */
function withFew(connector: Connector): Connector {
  const perMinute = Object.keys(connector.limitsPerMinute).map((name) => [name, few.minute]);
  const limits = Object.entries(connector.limits ?? {}).map(([name, list]) => [
    name,
    list.map(({ per }) => ({ requests: few[per], per })),
  ]);
  return {
    ...connector,
    limitsPerMinute: Object.fromEntries(perMinute) as Connector['limitsPerMinute'],
    limits: Object.fromEntries(limits) as NonNullable<Connector['limits']>,
  };
}

async function keepsItsLimits(connector: Connector, stream: string): Promise<string> {
  const low = new Subject(withFew(connector), stream);
  const limits = scopesOf(low.connector).flatMap((part) =>
    publishedLimits(low.connector, part, low.definition),
  );
  if (limits.length === 0) return 'none is published';
  const bench = await low.bench({ rows: manyPages * smallPage, oneList: true });
  demandOutcome(await bench.run(), 'complete');
  await demandAllStored(bench);
  low.demandGoodRequests();
  const calls = bench.world.vendor.requests.map(({ at }) => at);
  for (const { requests, per } of limits) {
    const isOver = calls.some(
      (at, index) => (calls[index + requests] ?? Infinity) < at + secondsOf[per] * 1000,
    );
    demand(!isOver, `more than ${inWords({ requests, per })} were made where so many are allowed`);
  }
  return `${calls.length} calls under ${[...new Set(limits.map(inWords))].join(', ')}`;
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
    name: 'keeps each limit that the vendor publishes, of the account and of its endpoint',
    applies: isPaged,
    run: ({ connector, stream }) => keepsItsLimits(connector, stream),
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
