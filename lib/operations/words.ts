import type { Part, Position, WalkPosition } from '../paging/position.ts';
import { unreachable, type StreamOutcome } from '../sync/outcome.ts';

/** What an outcome means for a person who has not read the documentation. */
export function outcomeInWords(outcome: StreamOutcome): string {
  switch (outcome) {
    case 'complete':
      return 'synced to its end';
    case 'partial':
      return 'synced to its end, but the vendor left something out';
    case 'waiting':
      return 'waits for its next try';
    case 'running':
      return 'under way';
    case 'exhausted':
      return 'gave up for now after too many tries; the next tick goes on at the same place';
    case 'malformed':
      return 'no answer could be understood; the next tick goes on at the same place';
    case 'unauthorized':
      return 'the vendor refused the key (401)';
    case 'forbidden':
      return 'the key may not read this stream (403)';
    case 'missing':
      return 'the vendor knows no such stream (404)';
    case 'rejected':
      return 'the request or its answer could not be accepted';
    case 'drifted':
      return 'its end was not reached: rows moved during the walk, or its cursor expired twice';
    case 'looping':
      return 'the vendor gave the same page twice';
    case 'suspicious':
      return 'a mass deletion waits for a person';
    case 'runaway':
      return 'more pages or hours than one run may have';
    case 'paused':
      return 'paused by a person';
    case 'unconfigured':
      return 'the secret still holds its placeholder';
    case 'overdue':
      return 'no complete run for too long';
    default:
      return unreachable(outcome);
  }
}

export const sweepInWords = 'its search for deleted records';

/** `null` is the beginning of the stream. */
export function positionInWords(position: Position | null): string {
  switch (position?.kind) {
    case undefined:
      return 'the beginning';
    case 'offset':
    case 'steps':
      return `offset ${position.offset}`;
    case 'cursor':
      return 'its stored cursor';
    case 'answer':
      return 'the middle of its answer';
    case 'file':
      return 'the file that the vendor writes';
    case 'part':
      return partInWords(position.part, position.walk);
    case 'sweep':
      return sweepInWords;
  }
}

/** Whose rows they are is nobody's business here. */
function partInWords(part: Part, walk: WalkPosition | null): string {
  const within = walk === null ? '' : `, ${positionInWords(walk)}`;
  switch (part.kind) {
    case 'ids':
      return 'the list of its ids';
    case 'batch':
      return `batch ${part.index + 1} of ${part.of}${within}`;
    case 'slice': {
      const { window } = part;
      const time = window === null ? [] : [`${dateOf(window.since)} to ${dateOf(window.until)}`];
      const parent = part.parent === null ? [] : ['one of its parents'];
      return `${[...time, ...parent].join(' of ')}${within}`;
    }
  }
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** How streams are set going in the place that a command works on. */
export interface Rhythm {
  /** What starts a stream, as a person says it: `the next tick`, `the next npm start`. */
  readonly tick: string;
  /** The watchdog comes by every five minutes. */
  readonly watched: boolean;
}

export const ofDeployments: Rhythm = { tick: 'the next tick', watched: true };

/** When a stream goes on that is due, and that nothing carries. */
export function whenDue({ tick, watched }: Rhythm): string {
  return `with ${tick}${watched ? ', or when the watchdog comes by' : ''}`;
}
