import { endpointOf } from '../connectors/connector.ts';
import type { Random } from '../retry/backoff.ts';
import type { PageRequest } from './claim.ts';
import type { Checkpoint } from './checkpoint.ts';
import { troublesOfStream, type Measurements } from './gauges.ts';
import type {
  Breakers,
  Checkpoints,
  Clock,
  Faults,
  Governor,
  IdBatches,
  PageQueue,
  Records,
  Secret,
  Secrets,
  SeenRows,
  Vendor,
} from './ports.ts';
import type { PageReport } from './report.ts';
import type { Stream } from './settings.ts';

/** All that the use case needs, bound once per cold start. */
export interface SyncDependencies {
  readonly streams: ReadonlyMap<string, Stream>;
  /** The vendor's, without a trailing slash. */
  readonly baseUrl: string;
  readonly checkpoints: Checkpoints;
  readonly breakers: Breakers;
  readonly governor: Governor;
  readonly records: Records;
  readonly seenRows: SeenRows;
  readonly idBatches: IdBatches;
  readonly queue: PageQueue;
  readonly secrets: Secrets;
  readonly vendor: Vendor;
  readonly measurements: Measurements;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique each time: for runs and lease holders. */
  readonly newId: () => string;
}

/** One invocation at work on one stream. */
export interface Work {
  readonly deps: SyncDependencies;
  readonly stream: Stream;
  readonly trigger: PageRequest['kind'];
  readonly secret: Secret;
  readonly signal: AbortSignal;
  /** Of a batch: the ids whose rows were asked for. */
  readonly ids?: readonly string[];
}

/** Says so at once when what the alarms watch has changed; the watchdog repeats it. */
export function publish({ deps, stream }: Work, before: Checkpoint, after: Checkpoint): void {
  // A page that is at work is not held up by its connection.
  const around = { now: deps.clock.now(), freshnessMs: stream.freshnessMs, connectionHalted: false };
  const troubles = troublesOfStream(after, around);
  if (troubles.join() !== troublesOfStream(before, around).join()) {
    deps.measurements.stream(stream.name, troubles);
  }
}

/** What there is to say of a page beside what its checkpoint says. */
export interface Done {
  readonly outcome: PageReport['outcome'];
  readonly reason: string | null;
  /** When the page must come back by a message; null if nothing carries it on. */
  readonly redriveAt?: number | null;
  readonly next?: PageReport['next'];
  readonly status?: number | null;
  readonly attempt?: number;
  readonly sequence?: number;
  readonly run?: string | null;
  readonly requests?: 0 | 1;
  readonly counts?: { readonly records: number; readonly written: number; readonly unchanged: number };
  readonly deleted?: number;
}

export function report(work: Work, checkpoint: Checkpoint, done: Done): PageReport {
  const retryAt = done.redriveAt ?? checkpoint.retryAt;
  const wait = retryAt === null ? null : Math.max(0, retryAt - work.deps.clock.now());
  const carried = done.redriveAt === null || done.redriveAt === undefined ? 'none' : 'redrive';
  return {
    stream: work.stream.name,
    trigger: work.trigger,
    run: done.run === undefined ? checkpoint.run : done.run,
    sequence: done.sequence ?? checkpoint.sequence,
    outcome: done.outcome,
    streamOutcome: checkpoint.outcome,
    endpoint: endpointOf(work.stream.definition),
    status: done.status ?? null,
    attempt: done.attempt ?? checkpoint.attempt,
    reason: done.reason,
    next: done.next ?? (checkpoint.state === 'parked' ? 'parked' : carried),
    retryAt,
    delaySeconds: wait === null ? null : Math.ceil(wait / 1000),
    requests: done.requests ?? 0,
    records: done.counts?.records ?? 0,
    written: done.counts?.written ?? 0,
    unchanged: done.counts?.unchanged ?? 0,
    deleted: done.deleted ?? 0,
  };
}

/** The lease has been lost on the way: whoever has it now answers for the page. */
export function lost(work: Work, held: Checkpoint): PageReport {
  return report(work, held, {
    outcome: 'stale',
    reason: 'the lease was lost before the page could be stored',
  });
}
