import type { Checkpoint } from './checkpoint.ts';
import { faultOf } from './fault.ts';
import type { Checkpoints, UnreadableItem } from './ports.ts';
import type { Stream } from './settings.ts';
import { numberOf, troublesOf, type Stored } from './troubles.ts';
import type { Work } from './work.ts';

/** Publishes the number where what is wrong with the stream has changed; the watchdog repeats it. */
export async function publishChange(before: Checkpoint, after: Checkpoint, work: Work): Promise<void> {
  const { deps, stream } = work;
  const now = deps.clock.now();
  const one = { streams: [stream], damaged: new Set<string>(), breaker: { state: 'closed' } } as const;
  const troublesWith = (checkpoint: Checkpoint): number =>
    numberOf(troublesOf({ ...one, checkpoints: new Map([[stream.name, checkpoint]]) }, now), now);
  if (troublesWith(before) !== troublesWith(after)) await publishTroubles(work);
}

/** After a write, so that it is among what is read. Where it cannot be done the page is no worse: the watchdog makes up for it. */
export async function publishTroubles({ deps, stream, signal }: Work): Promise<void> {
  const { connection } = stream;
  const streams = [...deps.streams.values()].filter((other) => other.connection === connection);
  try {
    const readAt = deps.clock.now();
    const [stored, breaker] = await Promise.all([
      readStored(streams, deps.checkpoints),
      deps.breakers.read(connection),
    ]);
    deps.measurements.troubles(connection, troublesOf({ ...stored, breaker }, readAt), readAt);
  } catch (error) {
    if (!signal.aborted) deps.faults.note(stream.name, faultOf(error));
  }
}

/**
 * What is stored of a connection's streams now.
 * @param onUnreadable given each checkpoint that cannot be understood; without it one of a newer version throws: who can read it
 * publishes
 */
export async function readStored(
  streams: readonly Stream[],
  checkpoints: Pick<Checkpoints, 'readAll'>,
  onUnreadable: (stream: string, why: UnreadableItem) => void = throwIfNewer,
): Promise<Omit<Stored, 'breaker'>> {
  const damaged = new Set<string>();
  const names = streams.map(({ name }) => name);
  const found = await checkpoints.readAll(names, (name, why) => {
    if (!why.isNewer) damaged.add(name);
    onUnreadable(name, why);
  });
  return { streams, checkpoints: found, damaged };
}

function throwIfNewer(_: string, { isNewer, error }: UnreadableItem): void {
  if (isNewer) throw error;
}
