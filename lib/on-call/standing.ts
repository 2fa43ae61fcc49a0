import type { Breaker } from '../sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../sync/checkpoint.ts';
import type { Stream } from '../sync/settings.ts';
import { troublesOfConnection, troublesOfStream, type StreamTrouble } from '../sync/troubles.ts';
import { alarmKinds, alarmOf } from './alarm-kinds.ts';
import type { Standing, Trouble } from './incident.ts';

/** What is wrong with a connection, from what is stored of it. Pure. @param now epoch milliseconds */
export function standingOf(
  streams: readonly Stream[],
  checkpoints: ReadonlyMap<string, Checkpoint>,
  breaker: Breaker,
  now: number,
): Standing {
  const each = streams.map((stream) => ({
    stream,
    checkpoint: checkpoints.get(stream.name) ?? newCheckpoint(stream.name),
  }));
  const isWanted = each.filter(({ checkpoint }) => checkpoint.state !== 'paused');
  const connectionHalted = breaker.state !== 'closed';
  const ofConnection = troublesOfConnection(
    breaker,
    each.map(({ checkpoint }) => checkpoint),
    now,
  );
  const troubles = isWanted.flatMap(({ stream, checkpoint }): Trouble[] => [
    ...(connectionHalted || checkpoint.stopped?.by === 'unauthorized'
      ? [troubleOf('unauthorized', checkpoint, breaker.openedAt ?? now)]
      : []),
    ...(ofConnection.includes('unconfigured') ? [troubleOf('unconfigured', checkpoint, now)] : []),
    ...troublesOfStream(checkpoint, { now, stream, connectionHalted }).flatMap((kind, _, all) =>
      ofStream(kind, all, checkpoint, now),
    ),
  ]);
  return {
    troubles,
    paused: new Set(
      each.filter(({ checkpoint }) => checkpoint.state === 'paused').map(({ stream }) => stream.name),
    ),
    streams: streams.map(({ name }) => name),
  };
}

/** Pages that fail for long are the same incident as before, and worse. */
function ofStream(
  kind: StreamTrouble,
  all: readonly StreamTrouble[],
  checkpoint: Checkpoint,
  now: number,
): Trouble[] {
  if (kind === 'stale' && all.includes('exhausted')) return [];
  const trouble = troubleOf(kind, checkpoint, now);
  return kind === 'exhausted' && all.includes('stale') ? [{ ...trouble, severity: 'page' }] : [trouble];
}

function troubleOf(kind: Trouble['kind'], checkpoint: Checkpoint, otherwise: number): Trouble {
  const { stopped, heldDeletions, doubtedSince, freshFrom, outcomeAt, stream } = checkpoint;
  const sinceOf: Readonly<Record<Trouble['kind'], number | null>> = {
    unauthorized: stopped?.since ?? null,
    unconfigured: outcomeAt,
    missing: stopped?.since ?? null,
    halted: stopped?.since ?? null,
    exhausted: stopped?.since ?? null,
    held: heldDeletions?.since ?? stopped?.since ?? doubtedSince,
    stale: freshFrom,
  };
  return { kind, stream, since: sinceOf[kind] ?? otherwise, severity: alarmKinds[alarmOf[kind]].severity };
}
