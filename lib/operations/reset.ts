import type { StreamDefinition } from '../connectors/connector.ts';
import type { Checkpoint } from '../sync/checkpoint.ts';
import { changeCheckpoint } from '../sync/compare-and-swap.ts';
import type { Checkpoints, Clock } from '../sync/ports.ts';
import { opened } from '../sync/transitions.ts';
import { notDone, type Done } from './done.ts';
import { ofDeployments, positionInWords, whenDue, type Rhythm } from './words.ts';

export interface ResetPorts {
  readonly checkpoints: Checkpoints;
  readonly clock: Pick<Clock, 'now'>;
  /** Unique each time: it is what shuts out whoever still works on the old run. */
  readonly newId: () => string;
  /** For what is said; that of a deployment by default. */
  readonly rhythm?: Rhythm;
}

/**
 * The open run is given up and a new one stands at `offset`, due. Pure. What is paused or halted stays so, but for halts
 * that were about the old run alone. The lease stays, too: a page of the old run may still be under way, it can no longer
 * change anything here, and until it is over nobody else is to call.
 *
 * @param offset rows to leave out; 0 is the beginning
 */
export function resetCheckpoint(
  checkpoint: Checkpoint,
  { newRun, offset, now }: { readonly newRun: string; readonly offset: number; readonly now: number },
): Checkpoint {
  const { state, halt, lease } = checkpoint;
  const fresh = opened(checkpoint, newRun, now);
  const begun: Checkpoint = {
    ...fresh,
    lease,
    slot: null,
    // There is no row before it that this run has seen.
    position: offset === 0 ? null : { kind: 'offset', offset, blind: true },
    progress: fresh.progress && { ...fresh.progress, from: offset },
    waitingSince: now,
    // What is read by time begins at its history again.
    readUntil: null,
    trouble: null,
    reason: 'reset by a person',
  };
  if (state === 'paused') return { ...begun, state, halt, outcome: 'paused' };
  if (state === 'halted' && halt !== null && !isOfItsRun(halt.outcome)) {
    const { outcome, outcomeAt, reason } = checkpoint;
    return { ...begun, state, halt, outcome, outcomeAt, reason };
  }
  return { ...begun, state: 'parked', retryAt: now, outcome: 'waiting' };
}

function isOfItsRun(outcome: NonNullable<Checkpoint['halt']>['outcome']): boolean {
  return outcome === 'looping' || outcome === 'runaway';
}

/** @param offset where the next run begins; other than 0 only where the vendor pages by offset */
export async function resetStream(
  { name, definition }: { readonly name: string; readonly definition: ResetDefinition | undefined },
  offset: number,
  { checkpoints, clock, newId, rhythm = ofDeployments }: ResetPorts,
): Promise<Done> {
  const why = whyAtTheBeginning(definition);
  if (offset > 0 && why !== null) {
    return notDone(name, `${name} can only begin at the beginning, for ${why}: leave --position out.`);
  }
  const newRun = newId();
  let hadRun = false;
  const after = await changeCheckpoint(checkpoints, name, (checkpoint) => {
    hadRun = checkpoint.run !== null;
    return resetCheckpoint(checkpoint, { newRun, offset, now: clock.now() });
  });
  return { target: name, changed: true, sentence: resetSentence(after, hadRun, rhythm) };
}

type ResetDefinition = Pick<StreamDefinition, 'paging' | 'windows' | 'parents'>;

function whyAtTheBeginning(definition: ResetDefinition | undefined): string | null {
  if (definition?.windows !== undefined) return 'it is read by time';
  if (definition?.parents !== undefined) return 'it is asked for one parent after the other';
  switch (definition?.paging.kind) {
    case 'offset':
      return null;
    case 'cursor':
      return 'its vendor pages by cursor';
    case 'none':
    case 'file':
    case undefined:
      return 'it comes in one answer';
  }
}

function resetSentence({ stream, state, position }: Checkpoint, hadRun: boolean, rhythm: Rhythm): string {
  const given = hadRun ? 'Its open run is given up' : 'No run of it was open';
  const when = state === 'parked' ? whenDue(rhythm) : `once it is resumed, for it is ${state}`;
  const partly = position === null ? '' : ' Such a run deletes nothing and ends as partial.';
  return `${stream} begins at ${positionInWords(position)} ${when}. ${given}; its records are kept.${partly}`;
}
