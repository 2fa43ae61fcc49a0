import { simulate, type Scenario, type Story } from './governed-world.ts';

/** What is asked of the governor, as scenarios with a measure: for the assertions, and for the table in docs/governor.md. */
export interface Case {
  readonly name: string;
  readonly scenario: Omit<Scenario, 'streams' | 'minutes'>;
  /** So many that what they wait for is the limit, and not the answers. */
  readonly streams: readonly number[];
  /** Minutes that count: from, and up to. */
  readonly measured: readonly [number, number];
  /** Requests a minute that would be all of it: the governor's share, or what others leave of the vendor's limit. */
  readonly whole: number;
  readonly wholeIs: string;
  readonly least: { readonly use: number; readonly refused: number };
}

const headers = { window: 'fixed', headers: 'absolute' } as const;
const silent = { window: 'fixed', headers: 'none' } as const;
const share = 'the share of 80 %';
const free = 'what others leave';
const all = "the vendor's limit";

const streamCounts = [1, 4, 12];

export const cases: readonly Case[] = [
  {
    name: 'limit of 50 published, headers',
    streams: streamCounts,
    scenario: { vendor: { calls: 50, ...headers }, published: 50 },
    measured: [5, 25],
    whole: 40,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: 'the same, sliding minute, no headers',
    streams: streamCounts,
    scenario: { vendor: { calls: 50, window: 'sliding', headers: 'none' }, published: 50 },
    measured: [5, 25],
    whole: 40,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: 'limit of 100 not published, headers',
    streams: streamCounts,
    scenario: { vendor: { calls: 100, ...headers }, published: null },
    measured: [5, 25],
    whole: 80,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: 'limit of 120 never told',
    streams: streamCounts,
    scenario: { vendor: { calls: 120, ...silent }, published: null },
    measured: [11, 31],
    whole: 120,
    wholeIs: all,
    least: { use: 0.94, refused: 0.01 },
  },
  {
    name: 'limit of 50, headers; others take 25',
    streams: streamCounts,
    scenario: { vendor: { calls: 50, ...headers }, published: 50, foreignPerMinute: 25 },
    measured: [5, 35],
    whole: 25,
    wholeIs: free,
    least: { use: 0.9, refused: 0.01 },
  },
  {
    name: 'limit of 120 never told; others take 60',
    streams: streamCounts,
    scenario: { vendor: { calls: 120, ...silent }, published: null, foreignPerMinute: 60 },
    measured: [11, 41],
    whole: 60,
    wholeIs: free,
    least: { use: 0.9, refused: 0.01 },
  },
  {
    name: 'a minute of 429s with a wait, then',
    streams: streamCounts,
    scenario: { vendor: { calls: 50, ...headers, storm: { from: 5, to: 6 } }, published: 50 },
    measured: [7, 17],
    whole: 40,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: '40 s of 429s without a word, then',
    streams: streamCounts,
    scenario: { vendor: { calls: 50, ...silent, storm: { from: 5, to: 5 + 2 / 3 } }, published: 50 },
    measured: [6 + 2 / 3, 17],
    whole: 40,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: '10 in a second, not published',
    streams: [12],
    scenario: { vendor: { calls: 10, windowMs: 1000, ...headers }, published: null },
    measured: [2, 7],
    whole: 600,
    wholeIs: all,
    least: { use: 0.75, refused: 0 },
  },
  {
    name: 'the same, of the clock, a reset in seconds',
    streams: [12],
    scenario: { vendor: { calls: 10, windowMs: 1000, window: 'aligned', headers: 'delta' }, published: null },
    measured: [2, 7],
    whole: 600,
    wholeIs: all,
    least: { use: 0.75, refused: 0 },
  },
  {
    name: '20 in 10 s, not published',
    streams: [4, 12],
    scenario: { vendor: { calls: 20, windowMs: 10_000, ...headers }, published: null },
    measured: [3, 13],
    whole: 120,
    wholeIs: all,
    least: { use: 0.75, refused: 0 },
  },
  {
    name: 'the same, any 10 s, the IETF draft',
    streams: [4, 12],
    scenario: {
      vendor: { calls: 20, windowMs: 10_000, window: 'sliding', headers: 'draft' },
      published: null,
    },
    measured: [3, 13],
    whole: 120,
    wholeIs: all,
    least: { use: 0.75, refused: 0 },
  },
  {
    name: '1,000 in an hour, not published',
    streams: [1, 12],
    scenario: { vendor: { calls: 1000, windowMs: 3_600_000, ...headers }, published: null },
    measured: [60, 120],
    whole: 1000 / 60,
    wholeIs: all,
    least: { use: 0.75, refused: 0 },
  },
  {
    name: '10 in a second and 1,000 in an hour, published',
    streams: [1, 12],
    scenario: {
      vendor: { calls: 10, windowMs: 1000, window: 'sliding', headers: 'none' },
      published: null,
      more: {
        account: { calls: 1000, windowMs: 3_600_000, window: 'sliding', headers: 'none' },
        published: {
          limitScope: 'account',
          limits: {
            account: [
              { requests: 10, per: 'second' },
              { requests: 1000, per: 'hour' },
            ],
          },
        },
      },
    },
    measured: [60, 120],
    whole: (0.8 * 1000) / 60,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  ...[
    ['120 for the account, 30 for each endpoint', 120, 30] as const,
    ['120 for the account, 50 for each endpoint', 120, 50] as const,
  ].map(([name, calls, each]): Case => ({
    name,
    streams: [4, 12],
    scenario: {
      vendor: { calls, window: 'sliding', headers: 'none' },
      published: calls,
      more: {
        endpoint: { calls: each, window: 'sliding', headers: 'none' },
        published: { limitScope: 'both', limits: { endpoint: [{ requests: each, per: 'minute' }] } },
      },
    },
    measured: [5, 25],
    whole: 96,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  })),
];

export interface Figures {
  readonly story: Story;
  /** Of the whole. */
  readonly use: number;
  /** Of all requests. */
  readonly refused: number;
  /** Requests refused before the measured minutes. */
  readonly refusedBefore: number;
  /** The slowest stream's pages, of the fastest one's. */
  readonly fairness: number;
  readonly redrivesPerPage: number;
}

export async function figuresOf(
  { scenario, measured, whole }: Case,
  streams: number,
  seed: number,
): Promise<Figures> {
  const [from, to] = measured;
  const story = await simulate({ ...scenario, streams, seed, minutes: Math.ceil(to) });
  const within = story.calls.filter(({ at }) => at >= from && at < to);
  const served = within.filter(({ allowed }) => allowed).length;
  const before = story.calls.filter(({ at }) => at < from);
  const pages = [...story.servedOf.values()];
  const fetched = story.reports.filter(({ outcome }) => outcome === 'fetched').length;
  const redriven = story.reports.filter(({ outcome }) => outcome === 'refused').length;
  return {
    story,
    use: served / ((to - from) * whole),
    refused: (within.length - served) / within.length,
    refusedBefore: before.filter(({ allowed }) => !allowed).length,
    fairness: Math.min(...pages) / Math.max(...pages),
    redrivesPerPage: redriven / fetched,
  };
}
