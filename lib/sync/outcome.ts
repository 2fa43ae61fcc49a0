/**
 * The two closed unions of what can be said of a page and of a stream. Frozen: JSON output, logs, metrics, alarms and
 * the runbook all use these words, so a new one is a change to every reader.
 */

export const pageOutcomes = [
  /** Answered well; its records are stored and the position has moved. */
  'fetched',
  /** Failed for now (429, 5xx, time-out, broken connection, unreadable answer): tried again later. */
  'deferred',
  /** Not requested yet: the governor, the vendor's own word or a probe of the credentials says to wait. Costs no attempt. */
  'refused',
  /** 401: the connection halts until its secret changes or a person resumes it. */
  'unauthorized',
  /** 403: the stream halts. */
  'forbidden',
  /** 404: the stream halts. */
  'missing',
  /** Another 4xx, or rows that cannot be stored: the stream halts. */
  'rejected',
  /** A page that is past was requested, or of a run that is over: nothing to do. */
  'stale',
  /** Another invocation holds the stream's lease. */
  'busy',
] as const;
export type PageOutcome = (typeof pageOutcomes)[number];

/**
 * What a page with this outcome is to the log and to the screens. `saysOfStream`: false where another invocation has the page, or
 * had it, and nothing happened to the stream.
 */
export const pageOutcomeFacts: Readonly<
  Record<PageOutcome, { readonly level: 'info' | 'warn' | 'error'; readonly saysOfStream: boolean }>
> = {
  fetched: { level: 'info', saysOfStream: true },
  // An attempt that will be repeated is the ordinary course of things; what a person must fix is not.
  deferred: { level: 'warn', saysOfStream: true },
  refused: { level: 'info', saysOfStream: true },
  unauthorized: { level: 'error', saysOfStream: true },
  forbidden: { level: 'error', saysOfStream: true },
  missing: { level: 'error', saysOfStream: true },
  rejected: { level: 'error', saysOfStream: true },
  stale: { level: 'info', saysOfStream: false },
  busy: { level: 'info', saysOfStream: false },
};

export const streamOutcomes = [
  /** The last run went through to its end and nothing casts doubt on it. */
  'complete',
  /** It went through, but the vendor said that it left something out. */
  'partial',
  /** A run is open and waits until a page may be tried again. */
  'waiting',
  /** A run is open and goes on. */
  'running',
  /** The attempt cap was reached; it goes on at the same position when a probe of its limit scope succeeds. */
  'exhausted',
  /** The same, because no answer could be understood. */
  'malformed',
  'unauthorized',
  'forbidden',
  'missing',
  'rejected',
  /** Rows moved under the walk so that it cannot vouch for all of them. */
  'drifted',
  /** The vendor gave the same cursor or page again. */
  'looping',
  /** A mass deletion waits for a person. */
  'suspicious',
  /** The run's budget is spent. */
  'runaway',
  'paused',
  /** The secret still holds its placeholder: no call has been made, and no page is sent. */
  'unconfigured',
] as const;
export type StreamOutcome = (typeof streamOutcomes)[number];

/** What a stream can be halted for: a person has to fix it, or change its definition or credentials. */
export const haltOutcomes = [
  'unauthorized',
  'forbidden',
  'missing',
  'rejected',
  'looping',
  'runaway',
] as const satisfies readonly StreamOutcome[];
export type HaltOutcome = (typeof haltOutcomes)[number];

/** How a stream with this outcome stands, for everything that shows it: colours, advice, exit codes. */
export type Standing =
  | 'complete'
  /** Its run is over and lacks something; the next tick starts another. */
  | 'incomplete'
  /** Its run is over, and deletions wait for a person. */
  | 'held'
  | 'under way'
  /** One page of its limit scope at a time asks again. */
  | 'given up'
  /** The whole connection stands still: its key was refused. */
  | 'key refused'
  /** It stands still until a person fixes it. */
  | 'halted'
  /** A person wants it so, or has not filled in the secret yet. */
  | 'not wanted';

export const standingOf = {
  complete: 'complete',
  partial: 'incomplete',
  waiting: 'under way',
  running: 'under way',
  exhausted: 'given up',
  malformed: 'given up',
  unauthorized: 'key refused',
  forbidden: 'halted',
  missing: 'halted',
  rejected: 'halted',
  drifted: 'incomplete',
  looping: 'halted',
  suspicious: 'held',
  runaway: 'halted',
  paused: 'not wanted',
  unconfigured: 'not wanted',
} satisfies Readonly<Record<StreamOutcome, Standing>> as Readonly<Record<StreamOutcome, Standing>>;

/** How a page is named that is not requested because its stream is halted. */
export function pageOutcomeOf(halt: HaltOutcome): Extract<PageOutcome, HaltOutcome> {
  return halt === 'looping' || halt === 'runaway' ? 'rejected' : halt;
}

/** For the `default` of a switch over a closed union: a member that was forgotten fails to compile. */
export function unreachable(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
