import type { Checkpoint } from '../sync/checkpoint.ts';
import { changeCheckpoint } from '../sync/compare-and-swap.ts';
import type { Checkpoints, Clock } from '../sync/ports.ts';
import { allowedCheckpoint } from '../sync/transitions/person.ts';

export interface AllowPorts {
  readonly checkpoints: Checkpoints;
  readonly clock: Pick<Clock, 'now'>;
}

/** What became of a stream's held deletions. */
export interface Allowed {
  readonly stream: string;
  /** False if there was nothing to allow. */
  readonly changed: boolean;
  /** One sentence for the person who gave the command. */
  readonly sentence: string;
}

/**
 * Lets the next sweep of a stream within a week delete as many records as were held back, and no more: if it finds more than
 * that to be gone, it holds them again. Harmless when repeated.
 */
export async function allowDeletions(stream: string, { checkpoints, clock }: AllowPorts): Promise<Allowed> {
  let changed = false;
  const after = await changeCheckpoint(checkpoints, stream, (checkpoint) => {
    const next = allowedCheckpoint(checkpoint, clock.now());
    changed = next !== null;
    return next;
  });
  return { stream, changed, sentence: sentenceOf(after, changed) };
}

function sentenceOf(
  { stream, heldDeletions, allowed, allowedUntil, run }: Checkpoint,
  changed: boolean,
): string {
  if (heldDeletions === null) return `No deletions of ${stream} are held back; there is nothing to allow.`;
  // A sweep that is under way takes notice of it, unless it has judged already.
  const when = run === null ? 'by its next run' : 'by the run that is under way, or by its next one';
  const until = allowedUntil === null ? '' : `, until ${new Date(allowedUntil).toISOString()}`;
  const number = (allowed ?? heldDeletions.rows).toLocaleString('en-US');
  const many = `up to ${number} of ${heldDeletions.of.toLocaleString('en-US')} records of ${stream} may be deleted ${when}${until}`;
  return changed ? `${many}.`.replace(/^u/, 'U') : `It has been allowed already: ${many}.`;
}
