import type { StreamDefinition } from '../connectors/connector.ts';
import type { Checkpoint } from '../sync/checkpoint.ts';
import { changeCheckpoint } from '../sync/compare-and-swap.ts';
import type { Checkpoints, Clock } from '../sync/ports.ts';
import { resetCheckpoint } from '../sync/transitions/person.ts';
import { notDone, type Done } from './done.ts';
import { ofDeployments, positionInWords, whenDue, type TickSource } from './words.ts';

export interface ResetPorts {
  readonly checkpoints: Checkpoints;
  readonly clock: Pick<Clock, 'now'>;
  /** Unique each time: it shuts out an invocation that still works on the old run. */
  readonly newId: () => string;
  /** For what is said; that of a deployment by default. */
  readonly tickSource?: TickSource;
}

/** @param offset where the next run begins; other than 0 only where the vendor pages by offset */
export async function resetStream(
  { name, definition }: { readonly name: string; readonly definition: ResetDefinition | undefined },
  offset: number,
  { checkpoints, clock, newId, tickSource = ofDeployments }: ResetPorts,
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
  return { target: name, changed: true, sentence: resetSentence(after, hadRun, tickSource) };
}

type ResetDefinition = Pick<StreamDefinition, 'paging' | 'windows' | 'parents'>;

function whyAtTheBeginning(definition: ResetDefinition | undefined): string | null {
  if (definition?.windows !== undefined) return 'it is read by time';
  if (definition?.parents !== undefined) return 'it is requested for one parent after the other';
  switch (definition?.paging.kind) {
    case 'offset':
      return null;
    case 'cursor':
    case 'link':
    case 'keyset':
      return 'its vendor pages by cursor';
    case 'page':
      return 'its vendor counts pages';
    case 'none':
    case 'file':
    case undefined:
      return 'it comes in one answer';
  }
}

function resetSentence(
  { stream, state, position }: Checkpoint,
  hadRun: boolean,
  tickSource: TickSource,
): string {
  const given = hadRun ? 'Its open run is given up' : 'No run of it was open';
  const when = state === 'parked' ? whenDue(tickSource) : `once it is resumed, for it is ${state}`;
  const partly = position === null ? '' : ' Such a run deletes nothing and ends as partial.';
  return `${stream} begins at ${positionInWords(position)} ${when}. ${given}; its records are kept.${partly}`;
}
