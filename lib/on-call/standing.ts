import type { Breaker } from '../sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../sync/checkpoint.ts';
import type { Stream } from '../sync/settings.ts';
import {
  maxDoubtMs,
  troublesOfConnection,
  troublesOfStream,
  type Stored,
  type Trouble,
} from '../sync/troubles.ts';
import { alarmKinds, alarmOf } from './alarm-kinds.ts';
import type { Standing, StandingTrouble } from './incident.ts';

export interface StoredConnection extends Stored {
  readonly breaker: Breaker;
  /** Streams whose checkpoint cannot be understood: the damaged ones, and those that a newer version wrote. */
  readonly unreadable: ReadonlySet<string>;
}

/** What is wrong with a connection, by its streams, from what is stored of it. Pure. @param now epoch milliseconds */
export function standingOf(stored: StoredConnection, now: number): Standing {
  const { streams, checkpoints, damaged, unreadable, breaker } = stored;
  const read = streams
    .filter(({ name }) => !unreadable.has(name))
    .map((stream) => ({ stream, checkpoint: checkpoints.get(stream.name) ?? newCheckpoint(stream.name) }));
  const wanted = read.filter(({ checkpoint }) => checkpoint.state !== 'paused');
  const connectionHalted = breaker.state !== 'closed';
  const ofConnection = troublesOfConnection(breaker, [...checkpoints.values()], now);
  const troubles = wanted.flatMap(({ stream, checkpoint }) => {
    const own = troublesOfStream(checkpoint, { now, stream, connectionHalted });
    const isRefused = connectionHalted || checkpoint.stopped?.by === 'unauthorized';
    const shared = ofConnection.filter((kind) => kind !== 'unauthorized' || isRefused);
    return (
      [...shared, ...own]
        // Pages that fail for long are the same incident as before, and worse.
        .filter((kind) => kind !== 'stale' || !own.includes('exhausted'))
        .map((kind): StandingTrouble => {
          const isLasting = kind === 'exhausted' && own.includes('stale');
          const severity = isLasting ? 'page' : alarmKinds[alarmOf[kind]].severity;
          return {
            kind,
            stream: stream.name,
            since: sinceOf(kind, checkpoint, stream, breaker, now),
            severity,
          };
        })
    );
  });
  return {
    troubles: [
      ...troubles,
      ...[...damaged].map((stream) => ({ kind: 'halted', stream, since: now, severity: 'page' }) as const),
    ],
    paused: new Set(
      read.flatMap(({ stream, checkpoint }) => (checkpoint.state === 'paused' ? [stream.name] : [])),
    ),
    unreadable,
    streams: streams.map(({ name }) => name),
  };
}

/** Where nothing stored says so, since it is looked at. */
function sinceOf(
  kind: Trouble,
  { stopped, heldDeletions, doubtedSince, freshFrom, outcome, outcomeAt }: Checkpoint,
  { freshnessMs }: Stream,
  { openedAt }: Breaker,
  now: number,
): number {
  switch (kind) {
    case 'unauthorized':
      return (stopped?.by === 'unauthorized' ? stopped.since : openedAt) ?? now;
    case 'missing':
    case 'halted':
    case 'exhausted':
      return stopped?.since ?? now;
    case 'stale':
      return freshFrom === null ? now : Math.min(now, freshFrom + freshnessMs);
    case 'held': {
      const ofRuns = stopped?.by === 'looping' || stopped?.by === 'runaway' ? stopped.since : null;
      // Not before it was worth a look: else it would seem to have gone untold for days.
      const inDoubt =
        doubtedSince !== null && now - doubtedSince >= maxDoubtMs ? doubtedSince + maxDoubtMs : null;
      return heldDeletions?.since ?? ofRuns ?? inDoubt ?? now;
    }
    case 'unconfigured':
      return (outcome === 'unconfigured' ? outcomeAt : null) ?? now;
    case 'throttled':
      return now;
  }
}
