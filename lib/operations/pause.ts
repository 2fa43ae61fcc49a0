import type { Checkpoint } from '../sync/checkpoint.ts';
import { changeCheckpoint } from '../sync/compare-and-swap.ts';
import type { Checkpoints, Clock } from '../sync/ports.ts';
import { pausedCheckpoint } from '../sync/transitions/person.ts';
import { leftAlone, notDone, type Done } from './done.ts';
import { haltInWords, positionInWords } from './words.ts';

export interface PausePorts {
  readonly checkpoints: Checkpoints;
  readonly clock: Pick<Clock, 'now'>;
}

/** No page any more until a person resumes the stream. Harmless when repeated. */
export async function pauseStream(stream: string, { checkpoints, clock }: PausePorts): Promise<Done> {
  const done = { changed: false };
  const now = clock.now();
  const after = await changeCheckpoint(checkpoints, stream, (checkpoint) => {
    const next = pausedCheckpoint(checkpoint, now);
    done.changed = next !== null;
    return next;
  });
  if (done.changed) return { target: stream, changed: true, sentence: pausedSentence(after, now) };
  if (after.state === 'paused') return leftAlone(stream, `${stream} is paused already.`);
  const why = haltInWords(after);
  return notDone(
    stream,
    `${stream} is halted and makes no call anyway: ${why}. Take its schedule away if it must not go on when that is fixed.`,
  );
}

function pausedSentence({ stream, run, lease, position }: Checkpoint, now: number): string {
  if (run === null) return `${stream} is paused: its ticks start nothing until it is resumed.`;
  const atWork = lease !== null && lease.until > now;
  return atWork
    ? `${stream} is paused: the page that is under way is still stored, and then nothing is requested until it is resumed.`
    : `${stream} is paused at ${positionInWords(position)} until it is resumed.`;
}
