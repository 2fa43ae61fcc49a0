import { connectionOf } from '../connectors/stream-name.ts';
import { halfOpenedBreaker } from '../sync/breaker.ts';
import { hasNeverRun, newCheckpoint, type Checkpoint } from '../sync/checkpoint.ts';
import { changeBreaker, changeCheckpoint } from '../sync/compare-and-swap.ts';
import type { Breakers, Checkpoints, Clock } from '../sync/ports.ts';
import { isReleased, resumedCheckpoint } from '../sync/transitions/person.ts';
import { firstToTry } from '../sync/watch.ts';
import type { Done } from './done.ts';
import { ofDeployments, haltInWords, positionInWords, whenDue, type TickSource } from './words.ts';

export interface ResumePorts {
  readonly checkpoints: Checkpoints;
  readonly breakers: Breakers;
  readonly clock: Pick<Clock, 'now'>;
  /** For what is said; that of a deployment by default. */
  readonly tickSource?: TickSource;
}

/** What became of one stream or connection. */
export interface Resumed extends Done {
  /** The stream whose page can be tried at once; null where nothing is to be tried before the next tick. */
  readonly toTry: string | null;
}

/**
 * Ends what holds one stream back: a halt, a pause, a long wait or the attempt cap. Its run goes on where it stands, with
 * the next tick or when the watchdog comes by. A stream that is not held back is left alone. Harmless when repeated.
 */
export async function resumeStream(stream: string, ports: ResumePorts): Promise<Resumed> {
  const done = await release(stream, ports);
  const breaker = await ports.breakers.read(connectionOf(stream));
  if (!done.changed || breaker.state !== 'open') return done;
  const hint = `But its connection ${breaker.connection} is halted as a whole: resume ${breaker.connection}, or change its key.`;
  return { ...done, toTry: null, sentence: `${done.sentence} ${hint}` };
}

/**
 * Lets a connection whose key was refused try again, also with the same key: one page goes first, with the next tick or
 * when the watchdog comes by, and the others follow if it gets through. Until then its streams stay what they are,
 * unauthorized. Those that are paused are resumed, and those that halted for another reason stay halted. Harmless when repeated.
 *
 * @param streams all streams of the connection.
 * @returns the connection first, then the streams that are about something else than its key.
 */
export async function resumeConnection(
  connection: string,
  streams: readonly string[],
  ports: ResumePorts,
): Promise<readonly Resumed[]> {
  const results = [await resumeKey(connection, streams, ports)];
  for (const stream of streams) {
    const checkpoint = await ports.checkpoints.read(stream);
    // A person who pauses a connection pauses its streams, and ends it by the same name.
    if (checkpoint?.state === 'paused') results.push(await release(stream, ports));
    if (checkpoint?.state !== 'halted' || checkpoint.halt?.outcome === 'unauthorized') continue;
    const why = haltInWords(checkpoint);
    results.push(
      unchanged(stream, `${stream} stays halted, for another reason: ${why}. Resume it by its own name.`),
    );
  }
  return results;
}

/**
 * Ends everything that holds back any of these streams, and lets connections whose key was refused try again.
 *
 * @returns what has changed, connections first
 */
export async function resumeAll(streams: readonly string[], ports: ResumePorts): Promise<readonly Resumed[]> {
  const results: Resumed[] = [];
  const refused = new Set<string>();
  for (const connection of new Set(streams.map(connectionOf))) {
    if ((await ports.breakers.read(connection)).state === 'closed') continue;
    refused.add(connection);
    const own = streams.filter((stream) => connectionOf(stream) === connection);
    results.push(await resumeKey(connection, own, ports));
  }
  for (const stream of streams) {
    const checkpoint = await ports.checkpoints.read(stream);
    // The page that tries the key sets them going.
    if (checkpoint?.halt?.outcome === 'unauthorized' && refused.has(connectionOf(stream))) continue;
    results.push(await release(stream, ports));
  }
  return results.filter(({ changed }) => changed);
}

async function release(
  stream: string,
  { checkpoints, clock, tickSource = ofDeployments }: ResumePorts,
): Promise<Resumed> {
  let found = newCheckpoint(stream);
  const next = await changeCheckpoint(checkpoints, stream, (checkpoint) => {
    found = checkpoint;
    return resumedCheckpoint(checkpoint, clock.now());
  });
  if (next === found) return unchanged(stream, leftAlone(found, clock.now(), tickSource));
  const where = next.position === null ? 'starts' : `goes on at ${positionInWords(next.position)}`;
  const when = next.state === 'idle' ? `with ${tickSource.tick}` : whenDue(tickSource);
  // What was paused between two runs is well: its tick starts it. A halt is over only when a page has got through.
  const toTry = next.run !== null || found.state === 'halted' ? stream : null;
  return { target: stream, changed: true, sentence: `${stream} ${where} ${when}.`, toTry };
}

/**
 * Lets the refused key of a connection try again, and nothing else. Its streams stay what they are: the one that is to try it
 * first is named, and the others follow.
 */
export async function resumeKey(
  connection: string,
  streams: readonly string[],
  ports: ResumePorts,
): Promise<Resumed> {
  const { breakers, checkpoints, tickSource = ofDeployments } = ports;
  const { breaker, changed } = await changeBreaker(breakers, connection, halfOpenedBreaker);
  if (changed) {
    const first = firstToTry([...(await checkpoints.readAll(streams)).values()], breaker);
    const sentence = `${connection} may call again: one page tries the key ${whenDue(tickSource)}, and the others follow if it gets through.`;
    return { target: connection, changed, sentence, toTry: first?.stream ?? null };
  }
  return unchanged(
    connection,
    breaker.state === 'closed'
      ? `${connection} is not halted: its key has not been refused.`
      : `${connection} has been resumed already; its next page tries the key.`,
  );
}

function unchanged(target: string, sentence: string): Resumed {
  return { target, changed: false, sentence, toTry: null };
}

function leftAlone(checkpoint: Checkpoint, now: number, tickSource: TickSource): string {
  const { stream, state } = checkpoint;
  if (hasNeverRun(checkpoint)) return `${stream} has never run; there is nothing to resume.`;
  if (isReleased(checkpoint, now))
    return `${stream} has been resumed already; it goes on ${whenDue(tickSource)}.`;
  return state === 'running'
    ? `${stream} is under way and is left alone.`
    : `${stream} is not halted; it starts with ${tickSource.tick}.`;
}
