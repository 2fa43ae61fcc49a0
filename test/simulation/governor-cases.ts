import { simulate, type Scenario, type Story } from './governed-world.ts';

/** What is asked of the governor, as scenarios with a measure: for the assertions, and for the table in docs/governor.md. */
export interface Case {
  readonly name: string;
  readonly scenario: Omit<Scenario, 'streams' | 'minutes'>;
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

export const streamCounts = [1, 4, 12] as const;

export const cases: readonly Case[] = [
  {
    name: 'limit of 50 published, headers',
    scenario: { vendor: { calls: 50, ...headers }, published: 50 },
    measured: [5, 25],
    whole: 40,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: 'the same, sliding minute, no headers',
    scenario: { vendor: { calls: 50, window: 'sliding', headers: 'none' }, published: 50 },
    measured: [5, 25],
    whole: 40,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: 'limit of 100 not published, headers',
    scenario: { vendor: { calls: 100, ...headers }, published: null },
    measured: [5, 25],
    whole: 80,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: 'limit of 120 never told',
    scenario: { vendor: { calls: 120, ...silent }, published: null },
    measured: [11, 31],
    whole: 120,
    wholeIs: "the vendor's limit",
    least: { use: 0.94, refused: 0.01 },
  },
  {
    name: 'limit of 50, headers; others take 25',
    scenario: { vendor: { calls: 50, ...headers }, published: 50, foreignPerMinute: 25 },
    measured: [5, 35],
    whole: 25,
    wholeIs: free,
    least: { use: 0.9, refused: 0.01 },
  },
  {
    name: 'limit of 120 never told; others take 60',
    scenario: { vendor: { calls: 120, ...silent }, published: null, foreignPerMinute: 60 },
    measured: [11, 41],
    whole: 60,
    wholeIs: free,
    least: { use: 0.9, refused: 0.01 },
  },
  {
    name: 'a minute of 429s with a wait, then',
    scenario: { vendor: { calls: 50, ...headers, storm: { from: 5, to: 6 } }, published: 50 },
    measured: [7, 17],
    whole: 40,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
  {
    name: '40 s of 429s without a word, then',
    scenario: { vendor: { calls: 50, ...silent, storm: { from: 5, to: 5 + 2 / 3 } }, published: 50 },
    measured: [6 + 2 / 3, 17],
    whole: 40,
    wholeIs: share,
    least: { use: 0.97, refused: 0 },
  },
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
