import type { Change } from '../../lib/changes/change.ts';
import type { SnapshotMarker } from '../../lib/changes/snapshot.ts';
import type { Message } from '../../lib/on-call/message.ts';
import type { PagekeeperEvent } from '../../lib/events/event.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { TableWrite } from './change-stream.ts';
import type { Invocation } from './invocation.ts';
import type { Judge, Reader, Recorded } from './judges/judge.ts';
import { stepOf } from './judges/run-book.ts';
import { readMessage } from './read-message.ts';

/** What has happened in a history, by name: without it nobody would know what the judges had to judge. */
export class Tally implements Judge {
  readonly counts = new Map<string, number>();
  readonly #deleted = new Set<string>();

  stored(_invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const step = stepOf(before, after);
    if (step !== 'none') this.#add(step);
    if (after.allowed !== null && before.allowed === null) this.#add('allowed');
    if (after.heldDeletions === null && before.heldDeletions !== null) this.#add('held no more');
    if (before.position?.kind === 'sweep' && after.position?.kind === 'offset')
      this.#add('end to be confirmed');
    if (before.run !== null && after.run === null) this.#add(`run ends as ${after.outcome ?? 'nothing'}`);
    if (before.state !== 'halted' && after.state === 'halted')
      this.#add(`halted as ${after.outcome ?? 'nothing'}`);
  }

  recorded(_invocation: Invocation, stream: string, { id }: Recorded): void {
    this.#add('written');
    if (this.#deleted.delete(`${stream} ${id}`)) this.#add('alive again');
  }

  buried(_invocation: Invocation, stream: string, id: string): void {
    this.#add('buried');
    this.#deleted.add(`${stream} ${id}`);
  }

  erased(
    invocation: Invocation | null,
    _stream: string,
    { kind }: { readonly id: string; readonly kind: 'erased' | 'removed' },
  ): void {
    this.#add(invocation === null ? `${kind} by the table` : kind);
  }

  read(reader: Reader, { op }: Change): void {
    if (reader === 'the whole reading') this.#add(`line of what was ${op}`);
  }

  snapshotRead(_marker: SnapshotMarker, lines: readonly Change[]): void {
    this.#add('snapshot read');
    for (const { op } of lines) if (op === 'snapshot') this.#add('line of what was snapshot');
  }

  told({ type }: PagekeeperEvent): void {
    this.#add(`told: ${type}`);
  }

  messaged(message: Message): void {
    const read = readMessage(message);
    if (read === null) return;
    this.#add(read.what === 'alarm' ? 'people read an alarm' : `people read: ${read.kind} has ${read.what}`);
  }

  noticed(): void {
    this.#add('people read that telling fails');
  }

  lost({ kind }: TableWrite): void {
    this.#add(`lost to the stream: ${kind}`);
  }

  #add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
