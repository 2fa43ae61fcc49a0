import { linesOfRun, noLines, type LineCounts } from '../changes/run-in-log.ts';
import type { LogReader, RunSummaryReader } from '../changes/ports.ts';
import type { EventBus, PagekeeperEvent, RunInLog } from './event.ts';
import { endOfRun, stateChangeOf, type CheckpointWrite, type EndedRun } from './of-checkpoint.ts';
import { schemaChanged, type SchemaWrite } from './of-schema.ts';

export interface TellDependencies {
  readonly deployment: string;
  readonly bus: EventBus;
  /** Null where there is no change log. */
  readonly log: (Pick<LogReader, 'list' | 'read'> & RunSummaryReader) | null;
  readonly clock: { now(): number };
}

/** What the table's stream has of it: of a stream's checkpoint, or of its schema. */
export type ToldWrite = CheckpointWrite | SchemaWrite;

/** What was told, and which write is to be shown again: its run's lines are not all in the log yet. */
export interface Told {
  readonly events: readonly PagekeeperEvent[];
  /** Its index; null if all have been told. */
  readonly again: number | null;
}

/** So long the end of a run waits for its lines. */
export const maxWaitMs = 15 * 60_000;

/** Of the function's minute. */
const maxCountingMs = 30_000;
const uncounted = { counts: noLines, complete: false };

/**
 * Tells what has become of streams and their runs. Who hears that a run has ended is to find all of its lines in the log, so an
 * end waits for them, and what comes behind it in its shard waits, too.
 *
 * @param writes of the checkpoints table, in order
 */
export async function tell(
  writes: readonly ToldWrite[],
  { deployment, bus, log, clock }: TellDependencies,
  signal: AbortSignal,
): Promise<Told> {
  const events: PagekeeperEvent[] = [];
  let again: number | null = null;
  for (const [index, write] of writes.entries()) {
    if ('changes' in write) {
      events.push({ type: 'Schema Changed', detail: schemaChanged(write, deployment) });
      continue;
    }
    const ended = endOfRun(write, deployment);
    if (ended !== null) {
      const found = log === null ? null : await inLog(ended, log, clock);
      if (found === 'not yet') {
        again = index;
        break;
      }
      events.push({ type: 'Run Ended', detail: { ...ended.event, log: found } });
      if (log === null) events.push(...changesWithoutLog(ended));
    }
    const changed = stateChangeOf(write, deployment);
    if (changed !== null) events.push({ type: 'Stream State Changed', detail: changed });
  }
  await bus.send(events, signal);
  return { events, again };
}

async function inLog(
  { event: { stream, run }, lines, startedAt, endedAt }: EndedRun,
  log: NonNullable<TellDependencies['log']>,
  clock: TellDependencies['clock'],
): Promise<RunInLog | null | 'not yet'> {
  if (lines === 0) return null;
  const until = endedAt + maxWaitMs;
  const giveUpAt = clock.now() + maxCountingMs;
  const found = await linesOfRun({ stream, run, startedAt, until }, log, () => clock.now() < giveUpAt);
  if (found === 'too slow') {
    if (clock.now() < until) return 'not yet';
    // A run of very many objects: to count again would take as long.
    return { ...uncounted, from: new Date(startedAt).toISOString(), to: new Date(until).toISOString() };
  }
  const complete = found !== null && total(found.counts) >= lines;
  if (!complete && clock.now() < until) return 'not yet';
  if (found === null) return null;
  const { from, to, counts } = found;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), counts, complete };
}

function total(counts: LineCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Without a log nobody else tells that records have changed. */
function changesWithoutLog({ event, lines }: EndedRun): readonly PagekeeperEvent[] {
  if (lines === 0) return [];
  const { deployment, stream, at, run, written, deleted } = event;
  return [
    {
      type: 'Records Changed',
      detail: {
        id: `changes/${stream}/${run}`,
        ...{ deployment, stream, at, key: null },
        // What was new is not told apart from what has changed by anybody but the log.
        counts: { created: 0, changed: written, deleted, restored: 0, erased: 0 },
      },
    },
  ];
}
